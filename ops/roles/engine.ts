// The engine as a process: recovers its journal, then serves commands and queries over NATS.

import { setFlagsFromString } from 'node:v8'
import type { Logger } from 'pino'
import { ENGINE_SETTINGS_DEFAULT, type Engine, type EngineSettings } from '../../engine/engine.ts'
import { readBootId } from '../../engine/io/boot-id.ts'
import { EngineHost, type PairOptions, type SnapshotFacts } from '../../engine/io/engine-host.ts'
import { hashText } from '../../engine/io/engine-queries.ts'
import { FileStorage } from '../../engine/io/file-storage.ts'
import { NatsViewStore } from '../../engine/io/nats-view-store.ts'
import { readPeerSecret } from '../../engine/io/peer-handshake.ts'
import { type HostPort, TcpPeerLink } from '../../engine/io/peer-link.ts'
import { SessionServer } from '../../engine/io/session-server.ts'
import { Journal } from '../../engine/journal/journal.ts'
import type { Storage } from '../../engine/journal/storage.ts'
import { rehearse } from '../../engine/rehearsal.ts'
import { DurableState } from '../../engine/replication/durable-state.ts'
import { type Transition, Waiting } from '../../engine/replication/replica-options.ts'
import { describeCause, isPrimary, Role as ReplicaRole } from '../../engine/replication/roles.ts'
import { EngineId, Members } from '../../engine/replication/view.ts'
import { EngineBus } from '../../protocol/io/engine-bus.ts'
import type { SessionAddress } from '../../protocol/io/session-address.ts'
import type { Transport } from '../../protocol/io/transport.ts'
import { nameOf } from '../../protocol/kinds.ts'
import { Subjects } from '../../protocol/subjects.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'
import { UserError } from '../cli/output.ts'
import { connectRole, type RoleServer } from './connect-role.ts'
import { rehearseNode } from './node-rehearsal.ts'
import type { Role } from './run-role.ts'
import { StatusReporter } from './status-reporter.ts'
import { chosenStrategy, type StrategyOptions, startStrategy } from './strategy.ts'

const ROLE = 'engine'
/** A replay longer than this says how far it is. */
const PROGRESS_MS = 1_000

export type EngineOptions = RoleServer & {
  readonly instance: string
  readonly config: ClusterConfig
  readonly dataDir: string
  readonly snapshotRecords: number | undefined
  /** Bytes of its journal; without it JOURNAL_SIZE_DEFAULT. */
  readonly journalSizeMax: number | undefined
  /** null: this engine runs alone. */
  readonly pair: PairAddress | null
  /** The file with the secret that it shares with its peer. */
  readonly peerSecret: string | undefined
  /** Commit only what is on both disks. */
  readonly isDiskDurable: boolean
  /** The operator wants this engine to lead, whatever the view says. */
  readonly isForced: boolean
  /** Where clients of this machine may connect without the bus; null: nowhere. */
  readonly sessionAddress: SessionAddress | null
  /** A strategy node in this process; null: none. */
  readonly strategy: StrategyOptions | null
}

/** Engine A listens for its peer, engine B dials it. */
export type PairAddress = { readonly engineId: EngineId; readonly address: HostPort }

/** Transitions that the status tells of. */
const TRANSITION_COUNT = 8
/** Nothing is heard of a request to the view store for this long: its outcome is unknown. */
const VIEW_TIMEOUT_MS = 400

export async function startEngine(options: EngineOptions, log: Logger): Promise<Role> {
  const { config } = options
  const storage = FileStorage.open(options.dataDir)
  const transport = new EngineBus(await connectRole(options, `${ROLE} ${options.instance}`, log))
  const subjects = new Subjects(config.clusterId)
  await prepare(options, transport, subjects)
  const startMs = performance.now()
  const bootId = readBootId()
  const state = DurableState.open(storage)
  const journal = openJournal(options, storage, state.isRebooted(bootId))
  const recoveredSeq = journal.appendPosition
  const pair = options.pair === null ? null : await openPair(options, options.pair, log)
  const sessions = await openSessions(options)
  const transitions: Transition[] = []
  let reporter: StatusReporter | null = null
  const host = new EngineHost({
    journal,
    state,
    bootId,
    pair,
    isForced: options.isForced,
    config,
    settings: settingsOf(options),
    transport,
    subjects,
    sessions,
    onProgress: progressLogger(log),
    onFailure: (error) => {
      // What was acknowledged is on the disk; what was not is retried by its client against the next start.
      log.fatal({ err: error }, 'the disk failed; the engine stops and says nothing more')
      process.exit(1)
    },
    onTransition: (transition) => {
      transitions.push(transition)
      if (transitions.length > TRANSITION_COUNT) transitions.shift()
      logTransition(log, transition, journal.appendPosition)
      transport.setLeading(isPrimary(transition.to))
      reporter?.publish()
    },
    onPeerFault: (message) => log.error({ peer: message }, 'the peer cannot be understood; the connection was closed'),
    onSnapshot: (facts) => logSnapshot(log, facts),
    onJournalFull: (isFull) => logJournalFull(log, isFull),
    onUnheard: (subject, ms) => log.warn({ subject, ms }, 'somebody floods this subject; it is not heard for a while'),
  })
  const { engine } = host
  if (engine.hasCore) assertSameConfig(engine.core.config, config, options.dataDir)
  logRecovery(log, journal, engine, Math.round(performance.now() - startMs))
  reporter = new StatusReporter(transport, subjects, {
    role: ROLE,
    instance: options.instance,
    state: () => nameOf(ReplicaRole, engine.replica.role).toLowerCase(),
    details: () => detailsOf(host, transitions),
  })
  const strategy = options.strategy === null ? null : startColocated(options.strategy, transport, log)
  const stop = async () => {
    await strategy?.stop()
    await host.stop()
    reporter?.stop()
    storage.close()
    await transport.close()
  }
  return {
    stop,
    details: { epoch: engine.epoch, recoveredSeq, peerPort: pair?.link.port ?? 0, ...sessionDetails(sessions) },
  }
}

/** It waits for an engine that leads, which may be a while: nobody waits for it. */
function startColocated(options: StrategyOptions, bus: EngineBus, log: Logger): { stop(): Promise<void> } {
  const { node } = options
  let role: Role | null = null
  const start = async () => {
    try {
      role = await startStrategy(options, log.child({ node }), {
        transport: (own) => bus.nodeTransport(own),
        onSessionEnded: () => log.error({ node }, 'the strategy node of this engine quotes no more'),
      })
    } catch (error) {
      log.error({ err: error }, 'the strategy node of this engine could not be started')
    }
  }
  void start()
  return { stop: async () => role?.stop() }
}

function settingsOf({ snapshotRecords, isDiskDurable }: EngineOptions): EngineSettings {
  return {
    ...ENGINE_SETTINGS_DEFAULT,
    snapshotRecords: snapshotRecords ?? ENGINE_SETTINGS_DEFAULT.snapshotRecords,
    replica: { ...ENGINE_SETTINGS_DEFAULT.replica, isDiskDurable },
  }
}

function openJournal({ config, journalSizeMax }: EngineOptions, storage: Storage, isRebooted: boolean): Journal {
  return Journal.open(storage, {
    ...{ clusterId: config.clusterId, timeBaseUnixMs: Date.now(), isRebooted },
    ...(journalSizeMax !== undefined && { sizeMax: journalSizeMax }),
  })
}

async function openSessions({ sessionAddress, config }: EngineOptions): Promise<SessionServer | null> {
  return sessionAddress === null ? null : SessionServer.listen(sessionAddress, config.clusterId)
}

function sessionDetails(sessions: SessionServer | null): { session?: SessionAddress } {
  return sessions === null ? {} : { session: sessions.address }
}

/** Compiles what this process is going to do, before anybody waits for it. */
async function prepare(options: EngineOptions, transport: Transport, subjects: Subjects): Promise<void> {
  if (options.pair !== null) prepareToLead(options, transport, subjects)
  if (options.strategy === null) return
  const { kind, parameters } = chosenStrategy(options.strategy)
  await rehearseNode(kind, parameters)
}

/** Compiles what a primary does. A backup may wait for months until it leads: what was compiled stays. */
function prepareToLead({ config, instance }: EngineOptions, transport: Transport, subjects: Subjects): void {
  setFlagsFromString('--no-flush-bytecode')
  const nowhere = subjects.rehearsal(instance)
  rehearse(config, (payload) => transport.publish(nowhere, payload))
}

function logRecovery(log: Logger, journal: Journal, engine: Engine, ms: number): void {
  const { epoch } = engine
  for (const unusable of journal.unusableSnapshots) log.warn({ unusable }, 'a snapshot could not be used')
  if (journal.cutTail !== null) log.warn(journal.cutTail, 'the last write had been cut short; it was cut off and kept')
  if (!engine.hasCore) log.info({ epoch, ms }, 'began with an empty journal')
  else
    log.info({ seq: engine.core.seq, epoch, stateHash: hashText(engine.core.hash()), ms }, 'recovered from the journal')
}

function logSnapshot(log: Logger, { seq, pauseMs, error }: SnapshotFacts): void {
  if (error === null) log.info({ seq, pauseMs }, 'snapshot saved')
  else log.error({ seq, err: error }, 'the snapshot could not be saved; the journal goes on without it')
}

/** Says from time to time how much of the journal has been replayed. */
function progressLogger(log: Logger): (share: number) => void {
  let saidMs = performance.now()
  return (share) => {
    if (performance.now() - saidMs < PROGRESS_MS) return
    saidMs = performance.now()
    log.info({ percent: Math.round(share * 100) }, 'replaying the journal')
  }
}

function logJournalFull(log: Logger, isFull: boolean): void {
  if (isFull) log.error('the journal has no room behind its last segment; what does not fit is refused as JOURNAL_FULL')
  else log.info('the journal has room again')
}

function logTransition(log: Logger, { from, to, cause, epoch }: Transition, position: number): void {
  const fromRole = nameOf(ReplicaRole, from).toLowerCase()
  log.info({ from: fromRole, epoch, position }, `${nameOf(ReplicaRole, to).toLowerCase()}: ${describeCause(cause)}`)
}

async function openPair(options: EngineOptions, { engineId, address }: PairAddress, log: Logger): Promise<PairOptions> {
  const { natsUrl, credentials, instance, config, peerSecret } = options
  const secret = peerSecret === undefined ? '' : readPeerSecret(peerSecret)
  const identity = { clusterId: config.clusterId, secret }
  const link =
    engineId === EngineId.A ? await TcpPeerLink.listen(address, identity) : TcpPeerLink.dial(address, identity)
  const server = { url: natsUrl, name: `view ${instance}`, credentials }
  const store = await NatsViewStore.open(server, config.clusterId, VIEW_TIMEOUT_MS)
  if (store.warning !== null) log.warn(store.warning)
  return { engineId, link, store }
}

function detailsOf({ engine, commitLatency }: EngineHost, transitions: readonly Transition[]): Record<string, unknown> {
  const { replica } = engine
  const { p50, p99 } = commitLatency.percentilesUs()
  const view = replica.view !== null && 'bucket' in replica.view ? replica.view : null
  return {
    epoch: engine.epoch,
    isPrimary: engine.isPrimary,
    ...(view === null
      ? {}
      : {
          view: { epoch: view.epoch, members: nameOf(Members, view.members), primary: nameOf(EngineId, view.primary) },
        }),
    isPeerConnected: replica.isPeerConnected,
    ...(replica.waiting === Waiting.NOTHING ? {} : { waiting: nameOf(Waiting, replica.waiting) }),
    appendedSeq: engine.appendPosition,
    committedSeq: engine.commitPosition,
    ...(engine.isPrimary ? { commitP50Us: p50, commitP99Us: p99 } : {}),
    ...(engine.isPrimary ? { peerSeq: replica.leading.ackPosition } : {}),
    cutCount: replica.following.cutCount,
    transitions: transitions.map(({ from, to, cause, epoch, nowNs }) => ({
      from: nameOf(ReplicaRole, from),
      to: nameOf(ReplicaRole, to),
      cause: describeCause(cause),
      epoch,
      at: new Date(performance.timeOrigin + nowNs / 1e6).toISOString(),
    })),
    ...(engine.hasCore ? countsOf(engine) : { appliedSeq: 0 }),
  }
}

function countsOf({ core, counts }: Engine): Record<string, unknown> {
  return {
    appliedSeq: core.seq,
    commandCount: core.commandCount,
    tradeCount: core.tradeCount,
    orderCount: core.exchange.orderCount(),
    duplicateCount: counts.duplicateCount,
    bidLotsHigh: core.desk.exposure.bidLotsHighest,
    askLotsHigh: core.desk.exposure.askLotsHighest,
  }
}

/** A journal lives under the configuration that it was begun with. */
function assertSameConfig(journalled: ClusterConfig, given: ClusterConfig, dataDir: string): void {
  if (JSON.stringify(journalled) === JSON.stringify(given)) return
  throw new UserError(
    `the journal in ${dataDir} was begun with another configuration (instruments, exposure limit or quote lifetime)`,
    'Start with that configuration, or name another --data-dir to begin anew.',
  )
}
