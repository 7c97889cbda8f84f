// `tandem switchover`: the planned change of the leading engine, for maintenance.

import type { Command } from 'commander'
import { connectNats } from '../../protocol/io/nats-transport.ts'
import { Subjects } from '../../protocol/subjects.ts'
import { StatusBoard } from '../supervisor/status-board.ts'
import { credentialsOption } from './credentials-option.ts'
import { type ClusterFlags, findCluster } from './find-cluster.ts'
import { printReport, UserError } from './output.ts'

const EXAMPLES = `
Examples:
  ./tandem switchover                          in the cluster that runs from this directory
  ./tandem switchover --nats 10.0.0.5:4222     in one on another machine

The primary takes in nothing more, waits until its backup has every record, and asks it to lead. Nothing acknowledged is
lost; commands that come in between are repeated by their clients. A running pair is needed.
`

const LED_MS_MAX = 5_000
const ASK_PAUSE_MS = 10

export function registerSwitchover(program: Command): void {
  program
    .command('switchover')
    .summary('let the backup engine take over, in order')
    .description('Asks the leading engine to hand over to its backup, and waits until that leads.')
    .option('--nats <url>', 'the NATS server; without it: that of the cluster in the data directory')
    .addOption(credentialsOption())
    .option('--cluster <id>', 'id of the cluster', 'local')
    .option('--data-dir <folder>', 'the data directory of a cluster on this machine', 'var')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(switchOver)
}

async function switchOver(flags: ClusterFlags & { readonly json?: boolean }): Promise<void> {
  const { natsUrl, credentials, clusterId } = findCluster(flags, 'operator')
  const transport = await connectNats({ url: natsUrl, name: 'switchover', credentials })
  try {
    const board = new StatusBoard(transport, new Subjects(clusterId))
    const startMs = performance.now()
    const { epoch } = await board.handOver()
    const after = await nextEpoch(board, Number(epoch))
    const ms = Math.round(performance.now() - startMs)
    const checks = [{ name: 'the backup leads', ok: true, value: after, limit: null }]
    const results = [
      { name: 'switchover', metric: 'epochBefore', value: Number(epoch), unit: '' },
      { name: 'switchover', metric: 'epoch', value: after, unit: '' },
      { name: 'switchover', metric: 'time', value: ms, unit: 'ms' },
    ]
    printReport({ checks, results }, flags.json === true)
  } finally {
    await transport.close()
  }
}

/** The epoch of whoever leads, once that is another one. */
async function nextEpoch(board: StatusBoard, before: number): Promise<number> {
  const untilMs = performance.now() + LED_MS_MAX
  while (performance.now() < untilMs) {
    const epoch = await board.ask('status').then(
      (status) => Number(status['epoch']),
      // Between the two nobody answers.
      () => before,
    )
    if (epoch > before) return epoch
    await new Promise((resolve) => setTimeout(resolve, ASK_PAUSE_MS))
  }
  throw new UserError(
    `no engine leads in an epoch after ${before} within ${LED_MS_MAX / 1_000} s`,
    'Look at ./tandem status and the logs of both engines: the backup may have fallen behind, or the view store be away.',
  )
}
