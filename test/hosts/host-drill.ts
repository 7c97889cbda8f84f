// Load on a cluster over several hosts, cables pulled and put back, a server killed, and what clients were told held against
// the journals.

import { join } from 'node:path'
import { hashText } from '../../engine/io/engine-queries.ts'
import type { Check, Report, Result } from '../../ops/cli/output.ts'
import { EngineWatch } from '../../ops/drill/engine-watch.ts'
import { compareJournals, JournalChecker } from '../../ops/drill/journal-checker.ts'
import { Load } from '../../ops/drill/load.ts'
import { pauseMs } from '../../ops/drill/scenario.ts'
import { askInstruments } from '../../ops/roles/ask-instruments.ts'
import { StatusBoard } from '../../ops/supervisor/status-board.ts'
import type { Transport } from '../../protocol/io/transport.ts'
import { Subjects } from '../../protocol/subjects.ts'
import type { NetworkHosts } from './network-hosts.ts'

export const HOSTS_CLUSTER = 'local'

const RATE_PER_S = 200
const WAIT_MS_MAX = 60_000
const LOOK_MS = 100
const CUT_MS = 4_000
const TOLD_MS = 2_500
/** JetStream notices the loss of its leader by its own clock, which is slower than ours. */
const UNAVAILABLE_MS_MAX = 30_000
/** By letter: host 1 has engine A. */
const ENGINES = ['engine-a', 'engine-b']

/** The NATS server of each host. */
export type HostServers = { kill(host: number): void; letBack(host: number): void }

type Seen = { readonly recordSeq: number; readonly stateHash: unknown }

export class HostDrill {
  readonly #hosts: NetworkHosts
  readonly #servers: HostServers
  readonly #transport: Transport
  readonly #folder: string
  readonly #subjects = new Subjects(HOSTS_CLUSTER)
  readonly #watch: EngineWatch
  readonly #board: StatusBoard
  readonly #checks: Check[] = []
  readonly #results: Result[] = []
  #load: Load | undefined
  #answeredMs = 0

  /** `folder`: the journals are below `var` in it. */
  constructor(hosts: NetworkHosts, servers: HostServers, transport: Transport, folder: string) {
    this.#hosts = hosts
    this.#servers = servers
    this.#transport = transport
    this.#folder = folder
    this.#watch = new EngineWatch(transport, this.#subjects)
    this.#board = new StatusBoard(transport, this.#subjects)
    this.#watch.onChange = say
  }

  check(name: string, ok: boolean, value: Check['value'], limit: Check['limit'] = null): void {
    this.#checks.push({ name, ok, value, limit })
  }

  /** Waits for the cluster to be there, loads it, pulls cables, and kills a server. */
  async harm(): Promise<void> {
    await this.#whole()
    const load = await Load.open(this.#transport, this.#subjects, {
      ...{ ratePerS: RATE_PER_S, seed: 1, instruments: await askInstruments(this.#transport, this.#subjects) },
      onAnswer: (nowMs) => {
        this.#answeredMs = nowMs
      },
    })
    this.#load = load
    load.start()
    await this.#answered()
    await this.#unplugPrimary(load)
    await this.#cut(load)
    await this.#killServer(load)
  }

  /** The page of the third host is served. Asked from that host. */
  async checkGateway(): Promise<void> {
    const response = await fetch('http://127.0.0.1:8080/health').catch(() => null)
    this.check('the gateway is well', response?.ok === true, response?.status ?? 'no answer')
  }

  /** Resolves when everything sent is answered. */
  async settle(): Promise<Seen> {
    await this.#load?.drain()
    // A maker is told of its trade by another way than the taker, and what is lost on it shows when the engine tells its
    // numbers again, each two seconds.
    await pauseMs(TOLD_MS)
    this.#load?.close()
    const { recordSeq, stateHash } = await this.#board.ask('state-hash')
    return { recordSeq: Number(recordSeq), stateHash }
  }

  /** The engines have ended: their journals are all that there is. */
  verdict({ recordSeq, stateHash }: Seen): Report {
    const checker = new JournalChecker()
    const [one = '', other = ''] = ENGINES.map((name) => join(this.#folder, 'var', name))
    checker.check([one], recordSeq, this.#load?.records ?? [])
    compareJournals(one, other, checker.seq, checker.findings)
    const replayed = checker.core === null ? '' : hashText(checker.core.hash())
    const { lost, twice, altered, wrongReplies, diverged, examples } = checker.findings
    const none = (name: string, count: number) => {
      this.check(name, count === 0, count === 0 ? 0 : `${count}; ${examples[0] ?? ''}`, 0)
    }
    this.check('commands were checked', checker.checkedCount > 0, checker.checkedCount)
    this.check('replay gives the state hash', stateHash === replayed, replayed)
    none(
      'acknowledged commands lost, applied twice, altered, or answered otherwise',
      lost + twice + altered + wrongReplies,
    )
    none('records that differ between the journals', diverged)
    none('epochs with two primaries', this.#watch.splitEpochs.length)
    return { checks: this.#checks, results: this.#results }
  }

  async #unplugPrimary(load: Load): Promise<void> {
    const { name, host } = this.#primary()
    const harm = () => {
      this.#watch.forget(name)
      this.#hosts.unplug(host)
    }
    const mend = () => {
      this.#watch.remember(name)
      this.#hosts.plug(host)
    }
    await this.#unavailable("the primary's host unplugged", load, harm, mend)
  }

  async #cut(load: Load): Promise<void> {
    const [harm, mend] = [() => this.#hosts.cut(1, 2), () => this.#hosts.mend(1, 2)]
    await this.#unavailable('the link between the engines cut', load, harm, mend)
  }

  /** The server that the primary is connected to: two of three are left, and keep the view. */
  async #killServer(load: Load): Promise<void> {
    const { host } = this.#primary()
    const [harm, mend] = [() => this.#servers.kill(host), () => this.#servers.letBack(host)]
    await this.#unavailable("the NATS server of the primary's host killed", load, harm, mend)
  }

  #primary(): { name: string; host: number } {
    const name = this.#watch.primary() ?? 'engine-a'
    return { name, host: ENGINES.indexOf(name) + 1 }
  }

  async #unavailable(name: string, load: Load, harm: () => void, mend: () => void): Promise<void> {
    load.mark()
    say(`harm: ${name}`)
    harm()
    await pauseMs(CUT_MS)
    await this.#answered()
    say('mended')
    mend()
    await pauseMs(CUT_MS)
    await this.#whole()
    await this.#until(async () => (await this.#quoteCount()) > 0, 'quotes')
    await this.#answered()
    const ms = Math.round(load.silenceMsMax)
    this.check(`${name}: unavailable, ms`, ms <= UNAVAILABLE_MS_MAX, ms, UNAVAILABLE_MS_MAX)
    this.#results.push({ name, metric: 'unavailable', value: ms, unit: 'ms' })
  }

  /** Resolves at an answer from now on. */
  async #answered(): Promise<void> {
    const fromMs = performance.now()
    await this.#until(() => Promise.resolve(this.#answeredMs > fromMs), 'answers')
  }

  async #quoteCount(): Promise<number> {
    const { quotes } = await this.#board.ask('quotes').catch(() => ({ quotes: [] }))
    return Array.isArray(quotes) ? quotes.length : 0
  }

  #whole(): Promise<void> {
    return this.#watch.until(isWhole, 'the pair to be whole', WAIT_MS_MAX)
  }

  async #until(isTrue: () => Promise<boolean>, what: string): Promise<void> {
    const deadlineMs = performance.now() + WAIT_MS_MAX
    while (!(await isTrue())) {
      if (performance.now() > deadlineMs) throw new Error(`waited ${WAIT_MS_MAX / 1_000} s for ${what}`)
      await pauseMs(LOOK_MS)
    }
  }
}

function isWhole(states: ReadonlyMap<string, string>): boolean {
  return [...states.values()].sort().join(' ') === 'backup pair'
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
