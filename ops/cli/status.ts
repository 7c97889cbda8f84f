// `tandem status`: how a running cluster is, asked of its processes and its engine.

import { resolve } from 'node:path'
import type { Command } from 'commander'
import { connectNats } from '../../protocol/io/nats-transport.ts'
import { Subjects } from '../../protocol/subjects.ts'
import { isAlive, readRunning } from '../supervisor/data-dir.ts'
import { StatusBoard } from '../supervisor/status-board.ts'
import { type Check, printReport, type Result, UserError } from './output.ts'

const EXAMPLES = `
Examples:
  ./tandem status                                  the cluster that runs from this directory
  ./tandem status --data-dir /srv/tandem --json    another one, for a script
  ./tandem status --nats 10.0.0.5:4222             one on another machine
`

/** Each process speaks once a second. */
const LISTEN_MS = 1_300

type Flags = { readonly nats?: string; readonly cluster: string; readonly dataDir: string; readonly json?: boolean }

export function registerStatus(program: Command): void {
  program
    .command('status')
    .summary('say how a running cluster is')
    .description('Says which processes run and how they are, and where the engine stands.')
    .option('--nats <url>', 'the NATS server; without it: that of the cluster in the data directory')
    .option('--cluster <id>', 'id of the cluster', 'local')
    .option('--data-dir <folder>', 'the data directory of a cluster on this machine', 'var')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(printStatus)
}

async function printStatus(flags: Flags): Promise<void> {
  const { natsUrl, clusterId, pageUrl } = findCluster(flags)
  const transport = await connectNats({ url: natsUrl, name: 'status' })
  try {
    const board = new StatusBoard(transport, new Subjects(clusterId))
    const heard = new Promise((done) => setTimeout(done, LISTEN_MS))
    const engine = await board.ask('status').catch(() => undefined)
    await heard
    const checks: Check[] = [
      { name: 'engine answers', ok: engine !== undefined, value: engine !== undefined, limit: true },
    ]
    const results: Result[] = []
    for (const { role, instance, pid, state, uptimeS, rssBytes } of board.processes()) {
      const name = instance.startsWith(role) ? instance : `${role}-${instance}`
      results.push({
        name,
        metric: 'state',
        value: state,
        unit: `(pid ${pid}, up ${uptimeS} s, ${megabytes(rssBytes)} MB)`,
      })
    }
    for (const [metric, value] of Object.entries(engine ?? {})) {
      if (typeof value === 'number' || typeof value === 'string')
        results.push({ name: 'engine', metric, value, unit: '' })
    }
    if (pageUrl !== null) results.push({ name: 'page', metric: 'url', value: pageUrl, unit: '' })
    const extra = { clusterId, natsUrl, pageUrl, processes: board.processes(), engine: engine ?? null }
    printReport({ checks, results }, flags.json === true, extra)
  } finally {
    await transport.close()
  }
}

function findCluster({ nats, cluster, dataDir }: Flags): {
  natsUrl: string
  clusterId: string
  pageUrl: string | null
} {
  if (nats !== undefined) return { natsUrl: nats, clusterId: cluster, pageUrl: null }
  const running = readRunning(dataDir)
  if (running === undefined || !isAlive(running.pid) || running.natsUrl === '') {
    throw new UserError(
      `no cluster runs in ${resolve(dataDir)}`,
      'Start one with ./tandem sim, or name another with --data-dir FOLDER or --nats HOST:PORT.',
    )
  }
  return running
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000)
}
