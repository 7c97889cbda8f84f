// `tandem status`: how a running cluster is, asked of its processes and its engine.

import Table from 'cli-table3'
import type { Command } from 'commander'
import { connectNats } from '../../protocol/io/nats-transport.ts'
import type { ProcessStatus } from '../../protocol/process-status.ts'
import { Subjects } from '../../protocol/subjects.ts'
import { StatusBoard } from '../supervisor/status-board.ts'
import { credentialsOption } from './credentials-option.ts'
import { type ClusterFlags, findCluster } from './find-cluster.ts'
import { type Check, printReport, type Result } from './output.ts'

const EXAMPLES = `
Examples:
  ./tandem status                                  the cluster that runs from this directory
  ./tandem status --data-dir /srv/tandem --json    another one, for a script
  ./tandem status --nats 10.0.0.5:4222             one on another machine
`

/** Each process speaks once a second. */
const LISTEN_MS = 1_300

const TRANSITIONS_SHOWN = 8
const TABLE_LINES = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' }

type Flags = ClusterFlags & { readonly json?: boolean }

export function registerStatus(program: Command): void {
  program
    .command('status')
    .summary('say how a running cluster is')
    .description('Says which processes run and how they are, and where the engine stands.')
    .option('--nats <url>', 'the NATS server; without it: that of the cluster in the data directory')
    .addOption(credentialsOption())
    .option('--cluster <id>', 'id of the cluster', 'local')
    .option('--data-dir <folder>', 'the data directory of a cluster on this machine', 'var')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(printStatus)
}

async function printStatus(flags: Flags): Promise<void> {
  const { natsUrl, credentials, clusterId, pageUrl } = findCluster(flags, 'operator')
  const transport = await connectNats({ url: natsUrl, name: 'status', credentials })
  try {
    const board = new StatusBoard(transport, new Subjects(clusterId))
    const heard = new Promise((done) => setTimeout(done, LISTEN_MS))
    const engine = await board.ask('status').catch(() => undefined)
    await heard
    const processes = board.processes()
    const json = flags.json === true
    if (!json) process.stdout.write(`${[...processLines(processes, pageUrl), ...pairLines(processes)].join('\n')}\n`)
    // For people the table above tells the states.
    const results = [...(json ? processResults(processes) : []), ...engineResults(engine)]
    printReport({ checks: [answers(engine)], results }, json, {
      clusterId,
      natsUrl,
      pageUrl,
      processes,
      engine: engine ?? null,
    })
  } finally {
    await transport.close()
  }
}

function answers(engine: object | undefined): Check {
  return { name: 'engine answers', ok: engine !== undefined, value: engine !== undefined, limit: true }
}

function processResults(processes: readonly ProcessStatus[]): Result[] {
  return processes.map((status) => ({ name: nameOf(status), metric: 'state', value: status.state, unit: '' }))
}

function engineResults(engine: Readonly<Record<string, unknown>> | undefined): Result[] {
  return Object.entries(engine ?? {}).flatMap(([metric, value]) =>
    typeof value === 'number' || typeof value === 'string' ? [{ name: 'engine', metric, value, unit: '' }] : [],
  )
}

function processLines(processes: readonly ProcessStatus[], pageUrl: string | null): string[] {
  const table = new Table({
    head: ['process', 'state', 'pid', 'up', 'memory'],
    chars: TABLE_LINES,
    style: { head: [], border: [] },
  })
  for (const status of processes) {
    const memory = `${Math.round(status.rssBytes / 1e6)} MB`
    table.push([nameOf(status), status.state, status.pid, `${status.uptimeS} s`, memory])
  }
  return [table.toString(), ...(pageUrl === null ? [] : [`page  ${pageUrl}`])]
}

/** What the engines say of how far they are, and of why they changed. */
function pairLines(processes: readonly ProcessStatus[]): string[] {
  const engines = processes.filter(({ role }) => role === 'engine')
  const positions = engines.map((status) => {
    const [epoch, appended, committed, applied] = ['epoch', 'appendedSeq', 'committedSeq', 'appliedSeq'].map((key) =>
      Number(status.details[key]),
    )
    const { peerSeq } = status.details
    const lag = typeof peerSeq === 'number' ? `, its backup ${Number(appended) - peerSeq} behind` : ''
    const figures = `${appended} records written, ${committed} committed, ${applied} applied${lag}`
    return `${nameOf(status)}: epoch ${epoch}, ${figures}`
  })
  const transitions = engines.flatMap((status) => {
    const all = (status.details['transitions'] ?? []) as readonly Readonly<Record<string, string | number>>[]
    return all.map(({ at, to, epoch, cause }) => {
      const text = `${nameOf(status)} became ${String(to).toLowerCase()} in epoch ${epoch}: ${cause}`
      return { at: String(at), text }
    })
  })
  transitions.sort((one, other) => one.at.localeCompare(other.at))
  return [...positions, ...transitions.slice(-TRANSITIONS_SHOWN).map(({ at, text }) => `${at}  ${text}`)]
}

function nameOf({ role, instance }: ProcessStatus): string {
  return instance.startsWith(role) ? instance : `${role} ${instance}`
}
