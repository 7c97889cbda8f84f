// One engine as a process that starts, stops, stands still and dies at any step: the real engine on a simulated disk, with
// a clock, a link, a view store and a bus of the simulation. The duty cycle is that of engine/io/engine-host.ts.

import { NS_PER_MS, NS_PER_S } from '../base/clock.ts'
import { OutputKind } from '../engine/core/output.ts'
import { ENGINE_SETTINGS_DEFAULT, Engine } from '../engine/engine.ts'
import { Journal } from '../engine/journal/journal.ts'
import { DiskFullError, JournalCorruptError } from '../engine/journal/journal-errors.ts'
import { DurableState } from '../engine/replication/durable-state.ts'
import { PeerFrameKind, type PeerLink } from '../engine/replication/peer-frame.ts'
import type { Transition } from '../engine/replication/replica-options.ts'
import { describeCause, Role } from '../engine/replication/roles.ts'
import { REPLICA_SETTINGS_DEFAULT } from '../engine/replication/settings.ts'
import { nameOf } from '../protocol/kinds.ts'
import type { ClusterConfig } from '../protocol/symbol.ts'
import type { Bus } from './bus.ts'
import { ProcessEnd, SimulatedDisk } from './disk.ts'
import type { FaultPlan } from './faults.ts'
import type { History } from './history.ts'
import type { PeerNetwork } from './peer-network.ts'
import type { ViewArbiter } from './view-arbiter.ts'
import type { World } from './world.ts'

export type Surroundings = {
  readonly world: World
  readonly plan: FaultPlan
  readonly network: PeerNetwork
  readonly arbiter: ViewArbiter
  readonly bus: Bus
  readonly history: History
  readonly config: ClusterConfig
}

/** Wall clock at virtual time 0. */
const START_UNIX_MS = 1_700_000_000_000
const PASS_NS = 20_000
const ANNOUNCE_NS = 2_000 * NS_PER_MS

/** What dies with a process. */
type Running = {
  readonly engine: Engine
  readonly journal: Journal
  readonly state: DurableState
  readonly startNs: number
  readonly drift: number
}

export class EngineProcess {
  readonly end: 0 | 1
  readonly name: string
  readonly disk: SimulatedDisk
  isPaused = false
  /** The operator gave up a damaged disk. */
  wipeCount = 0
  readonly #around: Surroundings
  #running: Running | null = null
  #bootId = 1
  #generation = 0
  #backlog: (() => void)[] = []
  #isPassScheduled = false
  #isHeld = false
  /** Waits for the next snapshot, which is then taken as soon as there is something new. */
  #onSnapshot: (() => void) | null = null
  #wakeNs = Number.POSITIVE_INFINITY
  /** Resend answers that wait to be committed, by number. */
  readonly #answers = new Map<number, () => void>()
  #answerCount = 0

  constructor(end: 0 | 1, around: Surroundings) {
    this.end = end
    this.name = `engine ${'AB'[end]}`
    this.#around = around
    this.disk = new SimulatedDisk(around.world, this.name)
    this.disk.onAnswer = (action) => this.#run(action)
  }

  get isUp(): boolean {
    return this.#running !== null
  }

  /** null while no process runs. */
  get engine(): Engine | null {
    return this.#running?.engine ?? null
  }

  get journal(): Journal | null {
    return this.#running?.journal ?? null
  }

  /** It holds all that it ever acknowledged. */
  get isWhole(): boolean {
    return this.#running?.state.fields.isEligible === 1
  }

  /** Down, and started by nobody until it is released. */
  hold(): void {
    this.kill('kept away')
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    this.start()
  }

  start(): void {
    if (this.#running !== null || this.#isHeld) return
    const { world, network } = this.#around
    this.#generation += 1
    try {
      this.#start(this.#generation)
    } catch (error) {
      this.#running = null
      this.disk.onProcessEnd()
      network.onProcessEnd(this.end, false)
      if (error instanceof ProcessEnd || error instanceof DiskFullError) {
        world.tell(this.name, () => `did not come up: ${error.message}`)
        world.schedule.after(100 * NS_PER_MS, () => this.start())
      } else if (error instanceof JournalCorruptError) {
        // What the message tells the operator to do.
        world.tell(this.name, () => `${error.message} The operator moves it away.`)
        this.disk.wipe()
        this.wipeCount += 1
        world.schedule.after(100 * NS_PER_MS, () => this.start())
      } else {
        throw error
      }
    }
  }

  /** kill -9. `isSilent`: the machine is gone, and nobody closes its connections. */
  kill(why: string, isSilent = false): void {
    if (this.#running === null) return
    const { world, network, bus } = this.#around
    world.tell(this.name, () => `ends: ${why}`)
    this.#running = null
    this.isPaused = false
    this.#backlog = []
    this.#answers.clear()
    this.#onSnapshot = null
    this.disk.onProcessEnd()
    bus.join(this.end, null)
    network.onProcessEnd(this.end, isSilent)
  }

  losePower(): void {
    this.kill('power loss', true)
    this.disk.losePower()
    this.#bootId += 1
  }

  pause(): void {
    if (this.#running === null) return
    this.#around.world.tell(this.name, () => 'stands still')
    this.isPaused = true
  }

  resume(): void {
    if (!this.isPaused) return
    this.#around.world.tell(this.name, () => 'goes on')
    this.isPaused = false
    const backlog = this.#backlog
    this.#backlog = []
    for (const action of backlog) this.#run(action)
    this.#schedulePass()
  }

  /** Takes a snapshot as soon as it may, and does this when that is on the disk. */
  snapshotThen(act: () => void): void {
    if (this.#running === null) return
    this.#onSnapshot = act
    this.#schedulePass()
  }

  handOver(): void {
    this.#run(() => {
      const { engine } = this.#running!
      if (engine.replica.handOver(this.#localNs())) this.#around.world.tell(this.name, () => 'is asked to hand over')
      this.#schedulePass()
    })
  }

  #start(generation: number): void {
    const { world, plan, network, arbiter, bus, history, config } = this.#around
    const startNs = world.schedule.nowNs
    const startUnixMs = START_UNIX_MS + startNs / NS_PER_MS + (world.random.nextFloat() - 0.5) * plan.clockStepMs
    const state = DurableState.open(this.disk)
    const journal = Journal.open(this.disk, {
      ...{ clusterId: config.clusterId, timeBaseUnixMs: START_UNIX_MS, segmentSize: plan.segmentSize },
      isRebooted: state.isRebooted(this.#bootId),
    })
    const only = (action: () => void) => {
      if (generation === this.#generation) this.#run(action)
    }
    const link = this.#watched(
      network.linkOf(this.end, {
        isRunning: true,
        onFrame: (frame) => only(() => this.#running!.engine.onPeerFrame(frame, this.#localNs())),
        onLink: (isConnected) => only(() => this.#running!.engine.onPeerLink(isConnected, this.#localNs())),
      }),
    )
    const store = arbiter.storeOf({
      isReachable: () => bus.isReachable(this.end),
      onRead: (request, answer) => only(() => this.#running!.engine.onViewRead(request, answer, this.#localNs())),
      onWritten: (request, outcome, written) =>
        only(() => this.#running!.engine.onViewWritten(request, outcome, written, this.#localNs())),
    })
    const isSnapshotAwaited = () => this.#onSnapshot !== null
    const drift = 1 + (world.random.nextFloat() - 0.5) * 2 * plan.clockDrift
    const engine = Engine.start(
      {
        ...{ journal, state, config, pairing: { engineId: this.end, link, store }, bootId: this.#bootId, startUnixMs },
        settings: {
          ...ENGINE_SETTINGS_DEFAULT,
          get snapshotRecords() {
            return isSnapshotAwaited() ? 1 : plan.snapshotRecords
          },
          // Short, so that clients that are cut off are taken for gone.
          silenceNs: NS_PER_S,
          replica: { ...REPLICA_SETTINGS_DEFAULT, isDiskDurable: plan.isDiskDurable },
        },
        publish: (kind, streamId, payload) => {
          history.onPublish(this, kind, payload)
          if (kind === OutputKind.EXECUTIONS) bus.publish(this.end, streamId, payload)
          else if (kind === OutputKind.ANSWER) this.#answer(streamId)
          else if (kind !== OutputKind.DESK) bus.publishMarket(this.end, kind, streamId, payload)
        },
        onProgress: () => {},
        onTransition: (transition) => this.#onTransition(transition),
      },
      0,
    )
    this.#running = { engine, journal, state, startNs, drift }
    world.tell(this.name, () => `runs; its journal ends at record ${journal.appendPosition}`)
    journal.onSynced = () => engine.onSynced(this.#localNs())
    bus.join(this.end, {
      isRunning: true,
      onCommands: (clientId, message) => only(() => engine.offer(clientId, message)),
      onQuestion: (take, answer) => only(() => this.#answerFrom(engine, take, answer)),
      onOutside: (isReachable) => only(() => engine.replica.onOutside(isReachable)),
    })
    engine.replica.onOutside(bus.isReachable(this.end))
    this.#isPassScheduled = false
    this.#wakeNs = Number.POSITIVE_INFINITY
    this.#schedulePass()
    this.#announceLater(generation)
  }

  /** The history hears what leaves in a snapshot. */
  #watched(link: PeerLink): PeerLink {
    return {
      get isConnected() {
        return link.isConnected
      },
      get pendingSize() {
        return link.pendingSize
      },
      send: (frame) => {
        const isSnapshot = frame.kind === PeerFrameKind.SNAPSHOT && frame.offset === 0
        if (isSnapshot) this.#around.history.onSnapshotSent(this, frame.seq)
        link.send(frame)
      },
    }
  }

  #announceLater(generation: number): void {
    this.#around.world.schedule.after(ANNOUNCE_NS, () => {
      if (generation !== this.#generation || this.#running === null) return
      this.#run(() => this.#running!.engine.announce())
      this.#announceLater(generation)
    })
  }

  /** Answers are outputs too: this one leaves when the engine's state is committed. */
  #answerFrom<Answer>(engine: Engine, take: (engine: Engine) => Answer, answer: (answer: Answer) => void): void {
    if (!engine.isPrimary) return
    const content = take(engine)
    this.#answerCount += 1
    this.#answers.set(this.#answerCount, () => answer(content))
    engine.answer(this.#answerCount, new Uint8Array(0))
  }

  #answer(id: number): void {
    this.#answers.get(id)?.()
    this.#answers.delete(id)
  }

  #onTransition({ from, to, cause, epoch }: Transition): void {
    const { world, history } = this.#around
    world.tell(this.name, () => `${nameOf(Role, from)} to ${nameOf(Role, to)}, epoch ${epoch}: ${describeCause(cause)}`)
    history.onTransition(this, from, to, epoch)
  }

  /** Nanoseconds since the process started, by its own clock. */
  #localNs(): number {
    const { startNs, drift } = this.#running!
    return (this.#around.world.schedule.nowNs - startNs) * drift
  }

  /** Lets the process do something, unless it stands still or dies of it. */
  #run(action: () => void): void {
    if (this.#running === null) return
    if (this.isPaused) {
      this.#backlog.push(action)
      return
    }
    try {
      action()
      const { journal } = this.#running
      if (journal.failure !== null) throw journal.failure
      this.#around.history.observe(this)
      this.#schedulePass()
    } catch (error) {
      if (!(error instanceof ProcessEnd) && !(error instanceof DiskFullError)) throw error
      this.kill(error.message)
      this.#around.world.schedule.after(150 * NS_PER_MS, () => this.start())
    }
  }

  #schedulePass(): void {
    if (this.#isPassScheduled) return
    this.#isPassScheduled = true
    const generation = this.#generation
    this.#around.world.schedule.after(PASS_NS, () => {
      if (generation !== this.#generation) return
      this.#isPassScheduled = false
      this.#pass()
    })
  }

  #pass(): void {
    if (this.#running === null || this.isPaused) return
    const { engine } = this.#running
    let isBusy = false
    this.#run(() => {
      engine.poll(this.#localNs())
      if (engine.isSnapshotDue()) {
        engine.takeSnapshot(this.#onSnapshot ?? (() => {}))
        this.#onSnapshot = null
      }
      isBusy = engine.isBusy
      // Nothing waits for this pass but time.
      this.#isPassScheduled = true
    })
    this.#isPassScheduled = false
    if (this.#running === null) return
    if (isBusy) this.#schedulePass()
    else this.#wait(engine)
  }

  #wait(engine: Engine): void {
    const { schedule } = this.#around.world
    const nowNs = this.#localNs()
    const waitNs = Math.min(Math.max(engine.nextDueNs(nowNs) - nowNs, NS_PER_MS), 1_000 * NS_PER_MS)
    const atNs = schedule.nowNs + waitNs
    // One that comes sooner is on its way.
    if (this.#wakeNs <= atNs && this.#wakeNs > schedule.nowNs) return
    this.#wakeNs = atNs
    const generation = this.#generation
    schedule.after(waitNs, () => {
      if (generation === this.#generation && this.#running !== null) this.#pass()
    })
  }
}
