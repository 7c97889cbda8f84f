// `tandem feed record`: a running market to a feed file.

import { type Command, InvalidArgumentError } from 'commander'
import { ClusterRecorder } from '../../feeds/io/cluster-recorder.ts'
import { connectNats } from '../../protocol/io/nats-transport.ts'
import { credentialsOption } from './credentials-option.ts'
import { type ClusterFlags, findCluster } from './find-cluster.ts'
import { printReport } from './output.ts'
import { progressBar } from './progress.ts'

type RecordFlags = ClusterFlags & {
  readonly out: string
  readonly duration?: number
  readonly symbols?: string
  readonly json?: boolean
}

const PROGRESS_MS = 250

export function registerRecord(feed: Command): void {
  feed
    .command('record')
    .description('records a running market, order by order, with the times of exchange and arrival, until Ctrl-C')
    .requiredOption('--out <file>', 'the feed file to write')
    .option('--duration <seconds>', 'stop by itself after so long', positive)
    .option('--symbols <list>', 'only these, with commas')
    .option('--nats <url>', 'the NATS server; without it: that of the cluster in the data directory')
    .addOption(credentialsOption())
    .option('--cluster <id>', 'id of the cluster', 'local')
    .option('--data-dir <folder>', 'the data directory of a cluster on this machine', 'var')
    .option('--json', 'print one JSON object')
    .action(record)
}

async function record(flags: RecordFlags): Promise<void> {
  const { natsUrl, credentials, clusterId } = findCluster(flags, 'recorder')
  const transport = await connectNats({ url: natsUrl, name: 'recorder', credentials })
  const bar = progressBar('recording', flags.json !== true && flags.duration !== undefined)
  try {
    const recorder = await ClusterRecorder.start(transport, clusterId, flags.out, flags.symbols?.split(',') ?? [])
    await untilOver(flags.duration, (doneMs, totalMs) => bar.update(doneMs, totalMs))
    const { counts, eventCount, size, notes } = recorder.finish()
    bar.stop()
    for (const note of notes) process.stderr.write(`${note}\n`)
    const results = [
      ...Object.entries(counts).map(([metric, value]) => ({ name: flags.out, metric, value, unit: '' })),
      { name: flags.out, metric: 'events', value: eventCount, unit: 'events' },
      { name: flags.out, metric: 'size', value: size, unit: 'bytes' },
    ]
    const checks = [{ name: 'gaps', ok: counts.gaps === 0, value: counts.gaps, limit: 0 }]
    printReport({ checks, results }, flags.json === true)
  } finally {
    bar.stop()
    await transport.close()
  }
}

function untilOver(
  durationS: number | undefined,
  onProgress: (doneMs: number, totalMs: number) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const startMs = performance.now()
    const totalMs = (durationS ?? Number.POSITIVE_INFINITY) * 1_000
    const ticker = setInterval(() => {
      const doneMs = performance.now() - startMs
      if (Number.isFinite(totalMs)) onProgress(Math.min(doneMs, totalMs), totalMs)
      if (doneMs >= totalMs) end()
    }, PROGRESS_MS)
    const end = () => {
      clearInterval(ticker)
      process.off('SIGINT', end)
      process.off('SIGTERM', end)
      resolve()
    }
    process.once('SIGINT', end)
    process.once('SIGTERM', end)
  })
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0 is needed.')
  return value
}
