// The engine as a process: recovers its journal, then serves commands and queries over NATS.

import type { Logger } from 'pino'
import { ENGINE_SETTINGS_DEFAULT } from '../../engine/engine.ts'
import { EngineHost } from '../../engine/io/engine-host.ts'
import { hashText } from '../../engine/io/engine-queries.ts'
import { FileStorage } from '../../engine/io/file-storage.ts'
import { Journal } from '../../engine/journal/journal.ts'
import { connectNats } from '../../protocol/io/nats-transport.ts'
import { Subjects } from '../../protocol/subjects.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'
import { UserError } from '../cli/output.ts'
import type { Role } from './run-role.ts'
import { StatusReporter } from './status-reporter.ts'

const ROLE = 'engine'
/** A replay longer than this says how far it is. */
const PROGRESS_MS = 1_000

export type EngineOptions = {
  readonly natsUrl: string
  readonly instance: string
  readonly config: ClusterConfig
  readonly dataDir: string
  readonly snapshotRecords: number | undefined
}

export async function startEngine(options: EngineOptions, log: Logger): Promise<Role> {
  const { config } = options
  const storage = FileStorage.open(options.dataDir)
  const transport = await connectNats({ url: options.natsUrl, name: `${ROLE} ${options.instance}` })
  const subjects = new Subjects(config.clusterId)
  const startMs = performance.now()
  const journal = Journal.open(storage, { clusterId: config.clusterId, timeBaseUnixMs: Date.now() })
  const recoveredSeq = journal.appendPosition
  let saidMs = startMs
  const host = new EngineHost({
    journal,
    config,
    settings: {
      ...ENGINE_SETTINGS_DEFAULT,
      ...(options.snapshotRecords === undefined ? {} : { snapshotRecords: options.snapshotRecords }),
    },
    transport,
    subjects,
    onProgress: (share) => {
      if (performance.now() - saidMs < PROGRESS_MS) return
      saidMs = performance.now()
      log.info({ percent: Math.round(share * 100) }, 'replaying the journal')
    },
    onFailure: (error) => {
      // What was acknowledged is on the disk; what was not is retried by its client against the next start.
      log.fatal({ err: error }, 'the disk failed; the engine stops and says nothing more')
      process.exit(1)
    },
    onSnapshot: ({ seq, pauseMs, error }) => {
      if (error === null) log.info({ seq, pauseMs }, 'snapshot saved')
      else log.error({ seq, err: error }, 'the snapshot could not be saved; the journal goes on without it')
    },
  })
  const { engine } = host
  assertSameConfig(engine.core.config, config, options.dataDir)
  for (const unusable of journal.unusableSnapshots) log.warn({ unusable }, 'a snapshot could not be used')
  if (journal.cutTail !== null) log.warn(journal.cutTail, 'the last write had been cut short; it was cut off and kept')
  log.info(
    {
      seq: recoveredSeq,
      epoch: engine.epoch,
      stateHash: hashText(engine.core.hash()),
      ms: Math.round(performance.now() - startMs),
    },
    recoveredSeq === 0 ? 'began a new journal' : 'recovered from the journal',
  )
  const reporter = new StatusReporter(transport, subjects, {
    role: ROLE,
    instance: options.instance,
    state: () => 'primary',
    details: () => ({
      epoch: engine.epoch,
      appendedSeq: engine.appendPosition,
      committedSeq: engine.commitPosition,
      appliedSeq: engine.core.seq,
      commandCount: engine.core.commandCount,
      tradeCount: engine.core.tradeCount,
      orderCount: engine.core.exchange.orderCount(),
      duplicateCount: engine.counts.duplicateCount,
      bidLotsHigh: engine.core.desk.exposure.bidLotsHighest,
      askLotsHigh: engine.core.desk.exposure.askLotsHighest,
    }),
  })
  const stop = async () => {
    await host.stop()
    reporter.stop()
    storage.close()
    await transport.close()
  }
  return { stop, details: { epoch: engine.epoch, recoveredSeq } }
}

/** A journal lives under the configuration that it was begun with. */
function assertSameConfig(journalled: ClusterConfig, given: ClusterConfig, dataDir: string): void {
  if (JSON.stringify(journalled) === JSON.stringify(given)) return
  throw new UserError(
    `the journal in ${dataDir} was begun with another configuration (instruments, exposure limit or quote lifetime)`,
    'Start with that configuration, or name another --data-dir to begin anew.',
  )
}
