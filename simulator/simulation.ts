// One simulation: two engines, a view store, a bus and clients on virtual time, with faults that follow from a seed. After
// the faults all is mended, and the cluster has to become whole by itself, beside clients that go on. Each seed harms it once
// more: an engine stays away, goes away later, or is cut off. Then all is quiet, and everything is compared.

import { NS_PER_MS, NS_PER_S } from '../base/clock.ts'
import { Prng } from '../base/prng.ts'
import { isPrimary, Role } from '../engine/replication/roles.ts'
import { isMember } from '../engine/replication/view.ts'
import type { ClusterConfig } from '../protocol/symbol.ts'
import { Bus } from './bus.ts'
import { Client } from './client.ts'
import { EngineProcess } from './engine-process.ts'
import { FaultDriver } from './fault-driver.ts'
import { type FaultPlan, planFaults } from './faults.ts'
import { History } from './history.ts'
import { PeerNetwork } from './peer-network.ts'
import { StrategyProcess } from './strategy-process.ts'
import { ViewArbiter } from './view-arbiter.ts'
import { makeWorld, promise, type World } from './world.ts'

export type SimulationOptions = {
  readonly seed: number
  /** Things that happen before the faults end. */
  readonly steps: number
  /** Instead of the seed's own. */
  readonly plan?: FaultPlan
  /** Hears the story, line by line. */
  readonly onLine?: (line: string) => void
}

/** `failure` null: every promise was kept. */
export type SimulationOutcome = {
  readonly seed: number
  readonly failure: string | null
  readonly stepCount: number
  readonly virtualMs: number
  readonly recordCount: number
  readonly answeredCount: number
  readonly faultCount: number
  /** Committed records and acknowledged commands, as one number: the same for the same seed. */
  readonly digest: number
}

const FIRST_CLIENT_ID = 10
/** Faults end at this time at the latest. */
const FAULTS_NS = 15 * NS_PER_S
/** After the faults everything must be well within this time. */
const MENDED_NS = 20 * NS_PER_S
/** One engine alone must answer within this time. */
const ALONE_NS = 2 * NS_PER_S
const PROBE_NS = 50 * NS_PER_MS

const CONFIG: ClusterConfig = {
  clusterId: 'simulation',
  instruments: [
    { symbol: 'AAA', tickSize: '0.01', lotSize: '1', openingPriceTicks: 1_000 },
    { symbol: 'BBB', tickSize: '0.01', lotSize: '1', openingPriceTicks: 1_000 },
    { symbol: 'CCC', tickSize: '0.01', lotSize: '1', openingPriceTicks: 1_000 },
    { symbol: 'DDD', tickSize: '0.01', lotSize: '1', openingPriceTicks: 1_000 },
  ],
  exposureLots: 50,
  quoteTtlNs: 30 * NS_PER_S,
  orderCountMax: 2_000,
}

/** Each seed has one of these when the faults are over; what is left has to serve meanwhile. */
const Harm = {
  /** Of a pair that has come together again, the primary is cut off from the bus and the store. */
  CUT_OFF: 0,
  /** Of two engines as the faults left them, one stays away. */
  AWAY_AT_ONCE: 1,
  /** Of a pair that has come together again, one engine goes away. */
  AWAY_LATER: 2,
} as const
const HARM_COUNT = Object.keys(Harm).length
/** A pair that serves for so long has looked at the record of its view, and mended it. */
const SETTLED_NS = 1.2 * NS_PER_S
/** Commands that have to be answered before the cluster is believed to serve. */
const SERVED_COUNT = 5

/** In each fifth seed the quotes, ten lots of each symbol, want more than the limit leaves. */
const CONTENDED_SEEDS = 5
const CONTENDED_LOTS = 30

type Service = {
  readonly withinNs: number
  /** Without a break. */
  readonly forNs: number
  readonly isThere: () => boolean
  readonly isDue: () => boolean
}

class Simulation {
  readonly world: World
  readonly #options: SimulationOptions
  readonly #arbiter: ViewArbiter
  readonly #network: PeerNetwork
  readonly #bus: Bus
  readonly #history: History
  readonly #engines: readonly [EngineProcess, EngineProcess]
  readonly #clients: readonly Client[]
  readonly #nodes: readonly StrategyProcess[]
  readonly #faults: FaultDriver

  constructor(options: SimulationOptions) {
    const { seed } = options
    const plan = options.plan ?? planFaults(seed)
    const config = seed % CONTENDED_SEEDS === 0 ? { ...CONFIG, exposureLots: CONTENDED_LOTS } : CONFIG
    const world = makeWorld(seed, options.onLine ?? null)
    this.world = world
    this.#options = options
    this.#arbiter = new ViewArbiter(world, plan)
    this.#network = new PeerNetwork(world, plan)
    this.#bus = new Bus(world, plan)
    this.#history = new History(world, this.#arbiter)
    const around = {
      ...{ world, plan, network: this.#network, arbiter: this.#arbiter, bus: this.#bus },
      ...{ history: this.#history, config },
    }
    this.#engines = [new EngineProcess(0, around), new EngineProcess(1, around)]
    this.#clients = Array.from(
      { length: plan.clientCount },
      (_, index) =>
        new Client(FIRST_CLIENT_ID + index, world, plan, this.#bus, this.#history, CONFIG.instruments.length),
    )
    this.#nodes = [1, 2, 3].map((number) => new StrategyProcess(number, world, this.#bus, this.#history, config))
    this.#faults = new FaultDriver({
      ...{ world, plan, random: new Prng(seed ^ 0xfa17), engines: this.#engines },
      clients: [...this.#clients, ...this.#nodes],
      ...{ network: this.#network, arbiter: this.#arbiter, bus: this.#bus },
    })
  }

  run(): void {
    const { schedule } = this.world
    for (const engine of this.#engines) {
      schedule.after(this.world.random.nextFloat() * 50 * NS_PER_MS, () => engine.start())
    }
    this.#faults.begin()
    while (schedule.stepCount < this.#options.steps && schedule.nowNs < FAULTS_NS) schedule.step()
    const { seed } = this.#options
    const harm = seed % HARM_COUNT
    const away = this.#engines[seed % 2 === 0 ? 0 : 1]
    const isNamed = this.#isNamed(this.#engines[1 - away.end]!)
    if (harm === Harm.AWAY_AT_ONCE) this.#serveAlone(away, (other) => isNamed && this.#isNamed(other) && other.isWhole)
    this.#faults.end()
    // What was asked of the store while it was faulty may take effect late, and make one engine the sole member.
    const { pendingCount } = this.#arbiter
    const isSettled = pendingCount[0] + pendingCount[1] === 0
    this.#serve('the pair', {
      withinNs: MENDED_NS,
      forNs: harm === Harm.AWAY_AT_ONCE ? 0 : SETTLED_NS,
      isThere: () => this.#isPair(),
      isDue: () => true,
    })
    if (harm === Harm.AWAY_LATER) this.#serveAlone(away, () => isSettled)
    if (harm === Harm.CUT_OFF) this.#serveCutOff(() => isSettled)
    this.#mend()
    this.world.tell('check', () => this.#history.describe())
    this.#history.checkEnd(this.#engines)
  }

  outcome(failure: string | null): SimulationOutcome {
    const { schedule } = this.world
    const { checksums, answeredCount } = this.#history
    return {
      seed: this.#options.seed,
      failure,
      stepCount: schedule.stepCount,
      virtualMs: Math.round(schedule.nowNs / NS_PER_MS),
      recordCount: checksums.length,
      answeredCount,
      faultCount: this.#faults.count,
      digest: checksums.reduce((sum, value) => (Math.imul(sum, 31) + value) >>> 0, answeredCount),
    }
  }

  /** Liveness of one engine: while `away` is down, the other serves, if that is its due. */
  #serveAlone(away: EngineProcess, isDue: (other: EngineProcess) => boolean): void {
    const other = this.#engines[1 - away.end]!
    away.hold()
    this.#faults.end()
    const isThere = () => other.engine?.replica.role === Role.SOLO
    this.#serve(`${other.name} alone`, { withinNs: ALONE_NS, forNs: 0, isThere, isDue: () => isDue(other) })
    away.release()
  }

  /** A primary that neither clients nor the store can reach gives the lead to its backup. */
  #serveCutOff(isDue: () => boolean): void {
    const primary = this.#engines.find(({ engine }) => engine?.replica.role === Role.PAIR)!
    const other = this.#engines[1 - primary.end]!
    this.#bus.setCut(primary.end, true)
    const isThere = () => isPrimary(other.engine?.replica.role ?? Role.WAITING)
    this.#serve(`${other.name} instead`, { withinNs: ALONE_NS, forNs: 0, isThere, isDue })
    this.#bus.setCut(primary.end, false)
  }

  /** The record, not one from long ago, has it among its members. */
  #isNamed({ end, engine }: EngineProcess): boolean {
    const { record } = this.#arbiter
    return record !== null && record.epoch >= (engine?.epoch ?? 0) && isMember(record.members, end)
  }

  /** Commands are answered while it `isThere` without a break. `isDue` false in the end: that could not be had. */
  #serve(who: string, { withinNs, forNs, isThere, isDue }: Service): void {
    const { schedule } = this.world
    const untilNs = schedule.nowNs + withinNs
    let sinceNs = Number.POSITIVE_INFINITY
    let answeredBefore = 0
    while (schedule.nowNs < untilNs) {
      schedule.step()
      if (!isThere()) {
        sinceNs = Number.POSITIVE_INFINITY
      } else if (sinceNs > schedule.nowNs) {
        sinceNs = schedule.nowNs
        answeredBefore = this.#history.answeredCount
      }
      const isLong = schedule.nowNs - sinceNs >= forNs
      if (isLong && this.#history.answeredCount >= answeredBefore + SERVED_COUNT) return
    }
    promise(!isDue(), () => `${who} does not serve: ${this.#describe()}`)
  }

  /** Liveness: without faults, all that was sent is answered, and the pair is whole. */
  #mend(): void {
    const { schedule } = this.world
    const untilNs = schedule.nowNs + MENDED_NS
    let probeNs = 0
    for (const client of this.#clients) client.isActive = false
    let probes = 3
    const granted = () => this.#nodes.reduce((sum, node) => sum + node.grantedCount, 0)
    const grantedBefore = granted()
    while (schedule.nowNs < untilNs) {
      schedule.step()
      if (schedule.nowNs < probeNs) continue
      probeNs = schedule.nowNs + PROBE_NS
      if (!this.#isWell()) continue
      const isServed = probes === 0 && granted() > grantedBefore && this.#isDealtOut()
      // What was lost on the way to a mirror shows with the next frame, or when the engine tells its numbers again.
      if (isServed && this.#mirrorDifference() === null) return
      // Whole is not enough: it has to serve.
      if (probes > 0) for (const client of this.#clients) client.send()
      probes = Math.max(0, probes - 1)
    }
    promise(false, () => `the cluster did not become whole: ${this.#describe()}`)
  }

  #isPair(): boolean {
    const roles = this.#engines.map(({ engine }) => engine?.replica.role ?? 0)
    return roles.includes(Role.PAIR) && roles.includes(Role.BACKUP)
  }

  #isWell(): boolean {
    if (!this.#isPair() || !this.#nodes.every((node) => node.isIdle) || !this.#clients.every((client) => client.isIdle))
      return false
    const [one, other] = this.#engines
    const ends = [one.engine, other.engine].map((engine) => engine?.appendPosition ?? 0)
    return ends[0] === ends[1] && ends[0] === this.#history.length
  }

  /** Every symbol is held, by the nodes whose numbers of symbols the rule gives. */
  #isDealtOut(): boolean {
    const counts = this.#nodes.map((node) => node.heldCount)
    const sum = counts.reduce((total, count) => total + count, 0)
    return sum === CONFIG.instruments.length && Math.max(...counts) - Math.min(...counts) <= 1
  }

  #mirrorDifference(): string | null {
    return this.#nodes.map((node) => node.mirrorDifference()).find((difference) => difference !== null) ?? null
  }

  #describe(): string {
    const engines = this.#engines.map(({ name, engine, isPaused }) => {
      if (engine === null) return `${name} is down`
      const { role, waiting, epoch } = engine.replica
      const ends = `journal ${engine.appendPosition}, committed ${engine.commitPosition}`
      return `${name} has role ${role}, waits for ${waiting}, epoch ${epoch}, ${ends}${isPaused ? ', paused' : ''}`
    })
    const busy = [...this.#clients, ...this.#nodes].filter((client) => !client.isIdle).map(({ name }) => name)
    return `${engines.join('; ')}; waiting: ${busy.join(', ') || 'nobody'}; held: ${this.#nodes.map((node) => node.heldCount).join(' ')}; ${this.#mirrorDifference() ?? ''} ${JSON.stringify(this.#arbiter.record)}`
  }
}

/** Runs one simulation. The same options give the same outcome, always. */
export function runSimulation(options: SimulationOptions): SimulationOutcome {
  const simulation = new Simulation(options)
  try {
    simulation.run()
    return simulation.outcome(null)
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    simulation.world.tell('check', () => `BROKEN: ${text}`)
    if (options.onLine !== undefined && error instanceof Error && error.name !== 'BrokenPromiseError') {
      options.onLine(error.stack ?? '')
    }
    return simulation.outcome(text)
  }
}
