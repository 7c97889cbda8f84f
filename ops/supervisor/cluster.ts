// A whole cluster on this machine: starts its processes in order, keeps them running, stops them in order.
//
// Order of start: nats-server, engines, strategy nodes and gateway, order flow. Order of stop: the reverse, so that each
// process can still say its last word to those it depends on. How a process tells that it serves: ops/roles/run-role.ts.

import { setTimeout as setTimeoutAsync } from 'node:timers/promises'
import { connectNats } from '../../protocol/io/nats-transport.ts'
import type { Transport } from '../../protocol/io/transport.ts'
import { Subjects } from '../../protocol/subjects.ts'
import { UserError } from '../cli/output.ts'
import type { TandemConfig } from '../config/schema.ts'
import { CredentialsFolder } from '../nats/credentials.ts'
import { findNats } from '../nats/nats-binary.ts'
import { startNatsServer } from '../nats/nats-server.ts'
import { natsUsers } from '../nats/nats-users.ts'
import { StatusReporter } from '../roles/status-reporter.ts'
import type { DataDir } from './data-dir.ts'
import { Guard } from './guard.ts'
import { KeptProcess, type Transition } from './kept-process.ts'
import { type Launched, launchRole } from './launch.ts'
import { engineArgs, engineNames, flowArgs, gatewayArgs, type NatsPlace, strategyArgs } from './role-args.ts'
import { Speaker } from './speaker.ts'
import { StatusBoard } from './status-board.ts'

const NATS_SERVER = 'nats-server'
const SETTLE_POLL_MS = 100
/** So many strategy nodes may join, by hand, however few are configured. */
const NODE_USERS_MIN = 8

export type ClusterOptions = {
  readonly config: TandemConfig
  readonly dataDir: DataDir
  readonly onTransition: (transition: Transition) => void
}

export class Cluster {
  readonly #options: ClusterOptions
  readonly #guard = new Guard()
  readonly #kept: KeptProcess[] = []
  #place: NatsPlace = { url: '', credentials: null }
  #transport: Transport | undefined
  #board: StatusBoard | undefined
  #reporter: StatusReporter | undefined
  #speaker: Speaker | undefined

  constructor(options: ClusterOptions) {
    this.#options = options
  }

  get natsUrl(): string {
    return this.#place.url
  }

  /** The credentials file of a user of the NATS server; undefined: it asks for none. */
  credentialsOf(user: string): string | undefined {
    return this.#place.credentials?.userPath(user)
  }

  get board(): StatusBoard | undefined {
    return this.#board
  }

  /** In order of start. */
  get processes(): readonly KeptProcess[] {
    return this.#kept
  }

  /** The page's address, once the gateway serves. */
  get pageUrl(): string | null {
    const url = this.#kept.find(({ name }) => name === 'gateway')?.details['url']
    return typeof url === 'string' ? url : null
  }

  async start(): Promise<void> {
    const { config, dataDir } = this.#options
    await this.#startNats()
    const subjects = new Subjects(config.clusterId)
    this.#transport = await connectNats({
      url: this.natsUrl,
      name: 'supervisor',
      credentials: this.credentialsOf('supervisor'),
    })
    this.#board = new StatusBoard(this.#transport, subjects)
    const server = () => this.#kept.find(({ name }) => name === NATS_SERVER)
    this.#speaker = new Speaker(this.#transport, subjects, this.#board, server)
    this.#reporter = new StatusReporter(this.#transport, subjects, {
      role: 'supervisor',
      instance: 'supervisor',
      state: () => 'ready',
      details: () => ({ restartCount: this.#kept.reduce((sum, kept) => sum + kept.restartCount, 0) }),
    })
    for (const name of engineNames(config)) {
      await this.#startRole(name, () => engineArgs(config, this.#place, dataDir, name, this.#peerPort()))
    }
    const nodes = Array.from({ length: config.strategyCount }, (_, index) => index)
    await Promise.all([
      ...nodes.map((index) => this.#startRole(`strategy-${index + 1}`, () => strategyArgs(config, this.#place, index))),
      this.#startRole('gateway', () => gatewayArgs(config, this.#place, dataDir, this.pageUrl)),
    ])
    await this.#startRole('flow', () => flowArgs(config, this.#place))
    const { url, credentials } = this.#place
    dataDir.announce({
      clusterId: config.clusterId,
      natsUrl: url,
      credentialsFolder: credentials?.path ?? null,
      pageUrl: this.pageUrl,
    })
  }

  /** Resolves when every process serves and an engine answers, or after `msMax`. */
  async settled(msMax: number): Promise<void> {
    const deadlineMs = performance.now() + msMax
    while (performance.now() < deadlineMs) {
      const serve = this.#kept.every(({ state }) => state === 'ready')
      if (serve && (await this.#board?.ask('status').catch(() => null))) return
      await setTimeoutAsync(SETTLE_POLL_MS)
    }
  }

  /** Ends those named, last started first; without names, all of them and what holds them together. */
  async stop(names?: readonly string[]): Promise<void> {
    const chosen = this.#kept.filter(({ name }) => names === undefined || names.includes(name))
    const isServer = ({ name }: KeptProcess) => name === NATS_SERVER
    for (const kept of chosen.filter((candidate) => !isServer(candidate)).reverse()) await kept.stop()
    if (names !== undefined) return
    this.#speaker?.stop()
    this.#reporter?.stop()
    await this.#transport?.close()
    await chosen.find(isServer)?.stop()
    this.#guard.close()
  }

  async #startNats(): Promise<void> {
    const { config, dataDir } = this.#options
    const source = config.nats.url === undefined ? findNats() : { kind: 'running' as const, url: config.nats.url }
    const users = natsUsers(config.clusterId, Math.max(config.strategyCount, NODE_USERS_MIN))
    const own = new CredentialsFolder(dataDir.credentials)
    own.make(users)
    if (source.kind === 'running') {
      const folder = config.nats.credentials
      this.#place = { url: source.url, credentials: folder === undefined ? null : new CredentialsFolder(folder) }
      return
    }
    let port = config.nats.port
    const launch = async (): Promise<Launched> => {
      const server = await startNatsServer({
        binary: source.path,
        dataDir: dataDir.nats,
        host: config.nats.host,
        port,
        authorization: own.authorization(users),
      })
      port = server.port
      this.#place = { url: server.url, credentials: own }
      this.#watch(server)
      return { ...server, details: { url: server.url } }
    }
    await this.#keep(NATS_SERVER, launch)
  }

  /** Where engine A listens, or listened before it died: its peer looks for it there. */
  #peerPort(): number {
    const port = this.#kept.find(({ name }) => name === 'engine-a')?.details['peerPort']
    return typeof port === 'number' ? port : 0
  }

  #startRole(name: string, args: () => readonly string[]): Promise<void> {
    const logPath = this.#options.dataDir.logPath(name)
    return this.#keep(name, async (signal) => {
      let spawned = 0
      const onSpawn = (pid: number) => {
        spawned = pid
        this.#guard.add(pid)
      }
      try {
        const launched = await launchRole({ args: args(), logPath, onSpawn, signal })
        this.#watch(launched)
        return launched
      } catch (error) {
        this.#guard.remove(spawned)
        throw error
      }
    })
  }

  /** The guard is to end the process when we cannot, and must forget it before its id is somebody else's. */
  #watch({ pid, exited }: { readonly pid: number; readonly exited: Promise<string> }): void {
    this.#guard.add(pid)
    void exited.then(() => this.#guard.remove(pid))
  }

  #onTransition(transition: Transition): void {
    if (transition.to === 'waiting') this.#speaker?.tellEnd(transition)
    this.#options.onTransition(transition)
  }

  async #keep(name: string, launch: (signal: AbortSignal) => Promise<Launched>): Promise<void> {
    const kept = new KeptProcess(name, launch, (transition) => this.#onTransition(transition))
    this.#kept.push(kept)
    try {
      await kept.start()
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error)
      throw new UserError(`${name} did not start (${cause})`, `Its log is ${this.#options.dataDir.logPath(name)}`)
    }
  }
}
