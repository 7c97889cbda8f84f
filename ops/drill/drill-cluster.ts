// The processes of a drill: a real nats-server and real engines, alone or as a pair, and strategy nodes where a scenario
// needs them. It starts, kills, pauses and starts again by process id, and looks on through NATS.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { connectNats } from '../../protocol/io/nats-transport.ts'
import { NoResponderError, RequestTimeoutError, type Transport } from '../../protocol/io/transport.ts'
import { Subjects } from '../../protocol/subjects.ts'
import { UserError } from '../cli/output.ts'
import { checkConfig } from '../config/load.ts'
import type { TandemConfig } from '../config/schema.ts'
import { CredentialsFolder } from '../nats/credentials.ts'
import { findNats } from '../nats/nats-binary.ts'
import { type NatsServer, startNatsServer } from '../nats/nats-server.ts'
import { type NatsUser, natsUsers, testerUser } from '../nats/nats-users.ts'
import { Guard } from '../supervisor/guard.ts'
import { LaunchError, type Launched, launchRole } from '../supervisor/launch.ts'
import { StatusBoard } from '../supervisor/status-board.ts'
import { EngineWatch, NotInTimeError } from './engine-watch.ts'
import { FaultProxy } from './fault-proxy.ts'

export type ClusterShape = {
  readonly isPair: boolean
  readonly hasStrategy: boolean
  /** Whose connection to the NATS server goes through a link that can be cut; 'all': those of engines to each other, too. */
  readonly proxied?: 'all' | readonly string[]
  /** What the engines are told beside what every engine is told. */
  readonly engineArgs?: readonly string[]
  /** Strategy nodes; without it one. */
  readonly nodeCount?: number
  /** What they are told beside what every node is told. */
  readonly nodeArgs?: readonly string[]
  readonly symbolCount?: number
  /** Without it QUOTE_TTL_MS. */
  readonly quoteTtlMs?: number
}

/** How a process is started otherwise than usual. */
export type StartOptions = {
  /** File in preload/ that is loaded before the process's own code. */
  readonly preload?: string
  readonly env?: Readonly<Record<string, string>>
  /** Instead of the cluster's. */
  readonly configPath?: string
  /** Claims to be the process of this name. */
  readonly as?: string
}

/** Short, so that a drill sees quotes end by themselves. */
export const QUOTE_TTL_MS = 1_500
const ALL_SYMBOLS = 'ALDR BRCH CEDR ELMT FIRR HAZL IVYY JNPR LRCH MAPL OAKK PINE'.split(' ')
const SYMBOL_COUNT = 4
/** Of a cluster that is not told otherwise. */
export const SYMBOLS = ALL_SYMBOLS.slice(0, SYMBOL_COUNT)
const ASK_MS = 30_000
const EXIT_MS_MAX = 20_000
/** What a process may still write when its disk is nearly full: its log must have room. */
const DISK_LEFT = 48 * 1024
const ASK_PAUSE_MS = 20
const LEAD_MS_MAX = 500
/** What a process has done may be told in its log so much later. */
const SAID_MS_MAX = 10_000
/** Strategy nodes that have credentials: those that the cluster begins with, and some that may join. */
const NODE_COUNT_MIN = 4
const JOINING_COUNT = 1

export class DrillCluster {
  readonly folder: string
  readonly shape: ClusterShape
  readonly config: TandemConfig
  readonly subjects: Subjects
  readonly #credentials: CredentialsFolder
  readonly #users: readonly NatsUser[]
  readonly #guard = new Guard()
  readonly #running = new Map<string, Launched>()
  readonly #links = new Map<string, FaultProxy>()
  readonly #abort = new AbortController()
  #server: NatsServer | undefined
  #natsPort = 0
  #peerPort = 0
  #transport: Transport | undefined
  #board: StatusBoard | undefined
  #watch: EngineWatch | undefined

  constructor(folder: string, shape: ClusterShape) {
    this.folder = folder
    this.shape = shape
    const symbols = ALL_SYMBOLS.slice(0, shape.symbolCount ?? SYMBOL_COUNT)
    const instruments = symbols.map((symbol, index) => ({ symbol, openingPrice: String(50 * (index + 1)) }))
    this.config = checkConfig(
      { clusterId: 'drill', instruments, quoteTtlMs: shape.quoteTtlMs ?? QUOTE_TTL_MS },
      'drill',
    )
    this.subjects = new Subjects(this.config.clusterId)
    this.#credentials = new CredentialsFolder(join(folder, 'credentials'))
    const nodeCount = Math.max(NODE_COUNT_MIN, this.nodeNames.length + JOINING_COUNT)
    this.#users = [...natsUsers(this.config.clusterId, nodeCount), testerUser(this.config.clusterId)]
  }

  get transport(): Transport {
    if (this.#transport === undefined) throw new Error('the cluster has not been started')
    return this.#transport
  }

  get watch(): EngineWatch {
    if (this.#watch === undefined) throw new Error('the cluster has not been started')
    return this.#watch
  }

  get engineNames(): readonly string[] {
    return this.shape.isPair ? ['engine-a', 'engine-b'] : ['engine']
  }

  /** The strategy nodes that it begins with. */
  get nodeNames(): readonly string[] {
    const { hasStrategy, nodeCount = 1 } = this.shape
    return hasStrategy ? Array.from({ length: nodeCount }, (_, index) => `strategy-${index + 1}`) : []
  }

  journalFolder(engine: string): string {
    return join(this.folder, engine)
  }

  async start(): Promise<void> {
    mkdirSync(join(this.folder, 'log'), { recursive: true })
    writeFileSync(this.configPath, stringify(this.config))
    if (this.shape.isPair) this.#peerPort = await freePort()
    this.#credentials.make(this.#users)
    await this.startNats()
    if (this.shape.proxied !== undefined) await this.#openLinks()
    this.#transport = await connectNats({ url: this.natsUrl, name: 'drill', credentials: this.credentialsOf('tester') })
    this.#board = new StatusBoard(this.#transport, this.subjects)
    this.#watch = new EngineWatch(this.#transport, this.subjects)
    await Promise.all(this.engineNames.map((name) => this.startProcess(name)))
    await this.whole()
    await Promise.all(this.nodeNames.map((name) => this.startProcess(name)))
  }

  /** Resolves when one engine leads, and in a pair the other follows it, as they say themselves from now on. */
  async whole(): Promise<void> {
    if (this.shape.isPair) await this.watch.until((states) => isWhole(states), 'the pair to be whole')
    else await this.ask('status')
  }

  /** Resolves when an engine leads, by its own word, or when none can so soon: the one that died led alone. */
  async led(): Promise<void> {
    const isLed = this.watch.until(() => this.watch.primary() !== undefined, 'an engine to lead', LEAD_MS_MAX)
    await isLed.catch((error: unknown) => {
      if (!(error instanceof NotInTimeError)) throw error
    })
  }

  /** The engine that leads, by its own word. */
  primary(): string {
    const name = this.watch.primary()
    if (name === undefined) throw new NotInTimeError('no engine leads')
    return name
  }

  backup(): string {
    const primary = this.primary()
    const other = this.engineNames.find((name) => name !== primary)
    if (other === undefined) throw new Error('there is no backup')
    return other
  }

  async startProcess(name: string, options: StartOptions = {}): Promise<void> {
    let spawned = 0
    try {
      const launched = await launchRole({
        args: this.#argsOf(options.as ?? name, options.configPath ?? this.configPath),
        ...(options.preload === undefined
          ? {}
          : { nodeArgs: ['--import', join(import.meta.dirname, 'preload', options.preload)] }),
        env: options.env ?? {},
        logPath: this.logPath(name),
        onSpawn: (pid) => {
          spawned = pid
          this.#guard.add(pid)
        },
        signal: this.#abort.signal,
      })
      this.#running.set(name, launched)
    } catch (error) {
      this.#guard.remove(spawned)
      throw error
    }
  }

  /** The sentence with which the process refused to start. */
  async refusalOf(name: string, options: StartOptions = {}): Promise<string> {
    try {
      await this.startProcess(name, options)
    } catch (error) {
      if (error instanceof LaunchError) return error.message
      throw error
    }
    await this.kill(name)
    return ''
  }

  /** What a process told when it was ready. */
  detailsOf(name: string): Readonly<Record<string, unknown>> {
    return this.#processOf(name).details
  }

  /** What a process said of itself last. */
  statusOf(name: string): Readonly<Record<string, unknown>> {
    return this.#board?.processes().find(({ instance }) => instance === name)?.details ?? {}
  }

  pidOf(name: string): number {
    return this.#processOf(name).pid
  }

  /** Resolves with true as soon as the log of a process, of before and after it was last started, has the text in it. */
  async hasSaid(name: string, text: string): Promise<boolean> {
    const said = Promise.withResolvers<boolean>()
    const path = this.logPath(name)
    const look = () => {
      if (readFileSync(path, 'utf8').includes(text)) said.resolve(true)
    }
    // Watched before it is read, so that no line falls in between.
    const watcher = watch(path, look)
    const timer = setTimeout(() => said.resolve(false), SAID_MS_MAX)
    look()
    return said.promise.finally(() => {
      clearTimeout(timer)
      watcher.close()
    })
  }

  /** The link between the engines, or between a process and the NATS server. */
  link(name: string): FaultProxy {
    const link = this.#links.get(name)
    if (link === undefined) throw new Error(`${name} has no link that could be cut`)
    return link
  }

  /** Asks a process to end in order, and waits until it has. */
  async end(name: string): Promise<void> {
    const launched = this.#processOf(name)
    await launched.stop()
    this.#forget(name, launched.pid)
  }

  /**
   * From now on the process's files cannot grow beyond a little more than its log: writes fail as on a full disk. Resolves
   * with how the process ended.
   */
  async fillDisk(name: string): Promise<string> {
    const launched = this.#processOf(name)
    const bytes = statSync(this.logPath(name)).size + DISK_LEFT
    execFileSync('prlimit', ['--pid', String(launched.pid), `--fsize=${bytes}:${bytes}`])
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => late.reject(new NotInTimeError(`${name} goes on, though its disk is full`)),
      EXIT_MS_MAX,
    )
    const reason = await Promise.race([launched.exited, late.promise]).finally(() => clearTimeout(timer))
    this.#forget(name, launched.pid)
    return reason
  }

  /** Resolves when the process has ended by itself. */
  async ended(name: string): Promise<void> {
    const launched = this.#processOf(name)
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new NotInTimeError(`${name} goes on, and should end`)), EXIT_MS_MAX)
    await Promise.race([launched.exited, late.promise]).finally(() => clearTimeout(timer))
    this.#forget(name, launched.pid)
  }

  /** kill -9, and waits until the process is gone. */
  async kill(name: string): Promise<void> {
    const launched = this.#processOf(name)
    process.kill(launched.pid, 'SIGKILL')
    await launched.exited
    this.#forget(name, launched.pid)
  }

  pause(name: string): void {
    process.kill(this.#processOf(name).pid, 'SIGSTOP')
    this.watch.forget(name)
  }

  resume(name: string): void {
    this.watch.remember(name)
    process.kill(this.#processOf(name).pid, 'SIGCONT')
  }

  async startNats(): Promise<void> {
    const source = findNats({ ...process.env, NATS_URL: '' })
    if (source.kind !== 'binary') throw new UserError('a drill needs a nats-server of its own')
    const server = await startNatsServer({
      binary: source.path,
      dataDir: join(this.folder, 'nats'),
      host: '127.0.0.1',
      port: this.#natsPort,
      authorization: this.#credentials.authorization(this.#users),
    })
    this.#guard.add(server.pid)
    this.#natsPort = server.port
    this.#server = server
  }

  async killNats(): Promise<void> {
    if (this.#server === undefined) throw new Error('the server has not been started')
    process.kill(this.#server.pid, 'SIGKILL')
    await this.#server.exited
    this.#guard.remove(this.#server.pid)
  }

  /** What JetStream kept is gone. The server must not run. */
  loseNatsStorage(): void {
    rmSync(join(this.folder, 'nats', 'jetstream'), { recursive: true })
  }

  /** Asks whoever leads, until it answers. */
  ask(query: string): Promise<Readonly<Record<string, unknown>>> {
    return untilAnswered(`query.${query}`, () => this.#askable.ask(query))
  }

  /** Asks whoever leads to give its place to its backup, until it answers. */
  handOver(): Promise<Readonly<Record<string, unknown>>> {
    return untilAnswered('hand-over', () => this.#askable.handOver())
  }

  /** Ends the engines and nodes in order; the NATS server stays, so that they can say their last word. */
  async stopProcesses(): Promise<void> {
    for (const name of [...this.#running.keys()].reverse()) {
      const launched = this.#processOf(name)
      await launched.stop()
      this.#guard.remove(launched.pid)
      this.#running.delete(name)
    }
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    for (const { pid } of this.#running.values()) trySignal(pid, 'SIGCONT')
    await this.stopProcesses()
    await this.#transport?.close()
    await this.#server?.stop()
    if (this.#server !== undefined) this.#guard.remove(this.#server.pid)
    for (const link of this.#links.values()) link.close()
    this.#guard.close()
  }

  /** The credentials file of a user of the NATS server. */
  credentialsOf(user: string): string {
    return this.#credentials.userPath(user)
  }

  get natsUrl(): string {
    return `nats://127.0.0.1:${this.#natsPort}`
  }

  get configPath(): string {
    return join(this.folder, 'cluster.yaml')
  }

  logPath(name: string): string {
    return join(this.folder, 'log', `${name}.log`)
  }

  /** Where engine A listens for its peer, or a stranger. */
  get peerPort(): number {
    return this.#peerPort
  }

  async #openLinks(): Promise<void> {
    const { proxied, isPair } = this.shape
    const names = proxied === 'all' ? [...this.engineNames, ...this.nodeNames] : (proxied ?? [])
    for (const name of names) this.#links.set(name, await FaultProxy.open(() => this.#natsPort))
    if (proxied === 'all' && isPair) this.#links.set('peer', await FaultProxy.open(() => this.#peerPort))
  }

  #forget(name: string, pid: number): void {
    this.#guard.remove(pid)
    this.#running.delete(name)
    this.watch.forget(name)
  }

  get #askable(): StatusBoard {
    if (this.#board === undefined) throw new Error('the cluster has not been started')
    return this.#board
  }

  #processOf(name: string): Launched {
    const launched = this.#running.get(name)
    if (launched === undefined) throw new Error(`${name} does not run`)
    return launched
  }

  #argsOf(name: string, configPath: string): string[] {
    const link = this.#links.get(name)
    const natsUrl = link === undefined ? this.natsUrl : `nats://127.0.0.1:${link.port}`
    const user = name.startsWith('engine') ? 'engine' : name
    const common = ['--nats', natsUrl, '--credentials', this.credentialsOf(user), '--cluster', this.config.clusterId]
    if (name === 'gateway') return ['gateway', ...common, '--data-dir', this.folder]
    if (name.startsWith('strategy')) {
      return ['strategy', ...common, '--node', name.slice('strategy-'.length), ...(this.shape.nodeArgs ?? [])]
    }
    const own = ['--config', configPath, '--data-dir', this.journalFolder(name), ...(this.shape.engineArgs ?? [])]
    const engine = ['engine', ...common, ...own]
    const secret = ['--peer-secret', this.#credentials.peerSecretPath]
    if (name === 'engine-a') return [...engine, '--id', 'A', '--peer-listen', `127.0.0.1:${this.#peerPort}`, ...secret]
    const peerPort = this.#links.get('peer')?.port ?? this.#peerPort
    if (name === 'engine-b') return [...engine, '--id', 'B', '--peer', `127.0.0.1:${peerPort}`, ...secret]
    return engine
  }
}

function isWhole(states: ReadonlyMap<string, string>): boolean {
  const found = [...states.values()].sort().join(' ')
  return found === 'backup pair'
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended.
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function untilAnswered<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer> {
  const deadlineMs = performance.now() + ASK_MS
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof NoResponderError) && !(error instanceof RequestTimeoutError)) throw error
      if (performance.now() > deadlineMs) throw new NotInTimeError(`nobody answered ${what}`, { cause: error })
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_PAUSE_MS))
  }
}
