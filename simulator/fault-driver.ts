// Makes things go wrong, by the plan of the simulation, at moments that follow from its seed; and mends them all when told to.

import { NS_PER_MS, NS_PER_S } from '../base/clock.ts'
import type { Prng } from '../base/prng.ts'
import { Role } from '../engine/replication/roles.ts'
import { Members } from '../engine/replication/view.ts'
import type { Bus } from './bus.ts'
import type { EngineProcess } from './engine-process.ts'
import { FAULT_TIME, type FaultKind, type FaultPlan } from './faults.ts'
import type { PeerNetwork } from './peer-network.ts'
import type { ViewArbiter } from './view-arbiter.ts'
import type { World } from './world.ts'

export type FaultTargets = {
  readonly world: World
  readonly plan: FaultPlan
  readonly random: Prng
  readonly engines: readonly [EngineProcess, EngineProcess]
  /** What may be started anew. */
  readonly clients: readonly { restart(): void }[]
  readonly network: PeerNetwork
  readonly arbiter: ViewArbiter
  readonly bus: Bus
}

const SLOW_DISK_NS = 200 * NS_PER_MS
const STEPS_MAX = 60
/** So long after it was cut off a primary takes the snapshot that it loses its power with. */
const SNAPSHOT_NS = 100 * NS_PER_MS
/** A fault that comes once comes within this time; the loss of the view rather sooner: what made it may still be late. */
const ONCE_NS = 6 * NS_PER_S
/** A view that is lost again is lost within this time. */
const LOST_AGAIN_NS = 4 * NS_PER_S

export class FaultDriver {
  count = 0
  readonly #targets: FaultTargets
  #isOver = false
  /** Of the view under which a disk was last lost or damaged; -1: none was. */
  #diskLossEpoch = -1
  /** The epoch of the view when the power went last, and where. */
  #powerLossEpoch = 0
  #powerLossEnd = -1

  constructor(targets: FaultTargets) {
    this.#targets = targets
  }

  begin(): void {
    const { plan, random } = this.#targets
    const kinds: Readonly<Record<FaultKind, () => void>> = {
      killPerS: () => this.#kill(this.#anyEngine()),
      killAtWritePerS: () => this.#anyEngine().disk.endProcessAfter(1 + random.nextBelow(STEPS_MAX)),
      killBothPerS: () => this.#targets.engines.forEach((engine) => this.#kill(engine)),
      pausePerS: () => this.#pause(this.#anyEngine()),
      powerLossPerS: () => this.#losePower(this.#anyEngine()),
      powerLossAtSnapshotPerS: () => this.#losePowerAtSnapshot(),
      peerBreakPerS: () => this.#targets.network.break(),
      peerPartitionPerS: () => this.#partition(),
      busOutagePerS: () => this.#outage(),
      busCutPerS: () => this.#cutBus(random.nextBelow(2) as 0 | 1),
      storeOutagePerS: () => this.#storeOutage(),
      handOverPerS: () => this.#targets.engines.forEach((engine) => engine.isUp && engine.handOver()),
      clientRestartPerS: () => this.#targets.clients[random.nextBelow(this.#targets.clients.length)]!.restart(),
      slowDiskPerS: () => this.#slowDisk(this.#anyEngine()),
      fullDiskPerS: () => this.#fullDisk(this.#anyEngine()),
    }
    for (const [kind, act] of Object.entries(kinds) as [FaultKind, () => void][]) this.#repeat(plan[kind], act)
    if (plan.losesView) this.#later(ONCE_NS * random.nextFloat() ** 2, () => this.#loseView())
    if (plan.losesDisk) this.#later(ONCE_NS * random.nextFloat(), () => this.#loseDisk(this.#anyEngine()))
    if (plan.flipsBit) this.#later(ONCE_NS * random.nextFloat(), () => this.#flipBit(this.#anyEngine()))
  }

  /** Everything works again from now on. */
  end(): void {
    this.#isOver = true
    const { engines, network, bus, arbiter, world } = this.#targets
    world.tell('faults', () => 'are over')
    network.isFaulty = bus.isFaulty = arbiter.isFaulty = false
    arbiter.isUp = true
    network.heal()
    bus.setUp(true)
    for (const engine of engines) {
      bus.setCut(engine.end, false)
      engine.disk.isFull = false
      engine.disk.extraNs = 0
      engine.disk.endProcessAfter(Number.POSITIVE_INFINITY)
      engine.resume()
      engine.start()
    }
  }

  #repeat(perS: number, act: () => void): void {
    if (perS === 0) return
    this.#later(this.#targets.random.nextExponential(NS_PER_S / perS), () => {
      this.count += 1
      act()
      this.#repeat(perS, act)
    })
  }

  #later(delayNs: number, act: () => void): void {
    this.#targets.world.schedule.after(delayNs, () => {
      if (!this.#isOver) act()
    })
  }

  #lasting(range: readonly [number, number]): number {
    return range[0] + this.#targets.random.nextFloat() * (range[1] - range[0])
  }

  #anyEngine(): EngineProcess {
    return this.#targets.engines[this.#targets.random.nextBelow(2)]!
  }

  #kill(engine: EngineProcess): void {
    if (!engine.isUp) return
    engine.kill('kill -9')
    this.#later(this.#lasting(FAULT_TIME.restartNs), () => engine.start())
  }

  #pause(engine: EngineProcess): void {
    if (!engine.isUp || engine.isPaused) return
    engine.pause()
    this.#later(this.#lasting(FAULT_TIME.pauseNs), () => engine.resume())
  }

  /**
   * In the mode `pair` one machine may lose its power; the other must not, until both are members of a later view and the
   * first has all records again: what is on neither disk is then lost by design.
   */
  #losePower(engine: EngineProcess): void {
    const { arbiter, plan, engines } = this.#targets
    const { record } = arbiter
    const isOther = this.#powerLossEnd >= 0 && this.#powerLossEnd !== engine.end
    const isLater = record !== null && record.members === Members.BOTH && record.epoch > this.#powerLossEpoch
    const isMended = isLater && engines[1 - engine.end]!.isWhole
    if (!plan.isDiskDurable && isOther && !isMended) return
    this.#powerLossEnd = engine.end
    this.#powerLossEpoch = record?.epoch ?? 0
    engine.losePower()
    this.#later(this.#lasting(FAULT_TIME.restartNs), () => engine.start())
  }

  /** A primary's snapshot is on its disk sooner than the records that it is of, which its peer has not heard of either. */
  #losePowerAtSnapshot(): void {
    const { engines, random } = this.#targets
    const primary = engines.find(({ engine }) => engine?.replica.role === Role.PAIR)
    if (primary === undefined) return
    this.#slowDisk(primary)
    this.#cutPeers(primary.end, true)
    this.#later(SNAPSHOT_NS * random.nextFloat(), () => {
      // Not in the middle of what the engine does with it.
      primary.snapshotThen(() => this.#later(0, () => this.#losePower(primary)))
    })
  }

  #partition(): void {
    const { random } = this.#targets
    const isOneWay = random.nextChance(0.4)
    this.#cutPeers(random.nextBelow(2) as 0 | 1, isOneWay)
  }

  #cutPeers(end: 0 | 1, isOneWay: boolean): void {
    const { network, world } = this.#targets
    network.isBlocked[end] = true
    if (!isOneWay) network.isBlocked[1 - end] = true
    world.tell('network', () => (isOneWay ? `lets nothing pass from engine ${'AB'[end]}` : 'is cut'))
    this.#later(this.#lasting(FAULT_TIME.partitionNs), () => {
      world.tell('network', () => 'is whole')
      network.heal()
    })
  }

  #outage(): void {
    const { bus, arbiter } = this.#targets
    bus.setUp(false)
    arbiter.isUp = false
    this.#later(this.#lasting(FAULT_TIME.outageNs), () => {
      bus.setUp(true)
      arbiter.isUp = true
    })
  }

  #cutBus(end: 0 | 1): void {
    const { bus } = this.#targets
    bus.setCut(end, true)
    this.#later(this.#lasting(FAULT_TIME.outageNs), () => bus.setCut(end, false))
  }

  #storeOutage(): void {
    const { arbiter, world } = this.#targets
    arbiter.isUp = false
    world.tell('store', () => 'is away')
    this.#later(this.#lasting(FAULT_TIME.outageNs), () => {
      arbiter.isUp = true
      world.tell('store', () => 'is back')
    })
  }

  #slowDisk(engine: EngineProcess): void {
    engine.disk.extraNs = SLOW_DISK_NS
    this.#targets.world.tell(engine.name, () => 'has a slow disk')
    this.#later(this.#lasting(FAULT_TIME.slowNs), () => {
      engine.disk.extraNs = 0
    })
  }

  #fullDisk(engine: EngineProcess): void {
    engine.disk.isFull = true
    this.#targets.world.tell(engine.name, () => 'has a full disk')
    this.#later(this.#lasting(FAULT_TIME.slowNs), () => {
      engine.disk.isFull = false
    })
  }

  /**
   * The server comes back without what it stored.
   *
   * Not while an engine knows nothing of before: whether it led alone since then is on no disk any more, and the other one
   * waits for somebody who knows.
   */
  #loseView(): void {
    const { record } = this.#targets.arbiter
    const isMended = record !== null && record.members === Members.BOTH && record.epoch > this.#diskLossEpoch
    if (this.#diskLossEpoch >= 0 && !isMended) return
    this.count += 1
    this.#outage()
    this.#targets.arbiter.lose()
    // What was asked of the store when it was lost first may then come to one that is empty again.
    const { random } = this.#targets
    if (random.nextChance(0.5)) this.#later(LOST_AGAIN_NS * random.nextFloat(), () => this.#loseView())
  }

  /** Only while the other engine has everything, and can be trusted with it. */
  #loseDisk(engine: EngineProcess): void {
    if (!this.#isOtherWhole(engine)) return
    this.count += 1
    this.#diskLossEpoch = this.#targets.arbiter.record?.epoch ?? 0
    engine.kill('its disk is lost')
    engine.disk.wipe()
    this.#later(this.#lasting(FAULT_TIME.restartNs), () => engine.start())
  }

  #flipBit(engine: EngineProcess): void {
    if (!this.#isOtherWhole(engine)) return
    this.count += 1
    this.#diskLossEpoch = this.#targets.arbiter.record?.epoch ?? 0
    engine.kill('kill -9')
    const place = engine.disk.flipBit()
    this.#targets.world.tell(engine.name, () => `a bit of its disk changes: ${place ?? 'nowhere'}`)
    this.#later(this.#lasting(FAULT_TIME.restartNs), () => engine.start())
  }

  #isOtherWhole(engine: EngineProcess): boolean {
    const { record, pendingCount } = this.#targets.arbiter
    // A change that this engine asked for may still make it the sole member, without its disk.
    if (pendingCount[engine.end] > 0) return false
    const other = this.#targets.engines[1 - engine.end]!.engine
    if (record === null || record.members !== Members.BOTH || other === null) return false
    return other.epoch === record.epoch && (other.replica.role === Role.PAIR || other.replica.role === Role.BACKUP)
  }
}
