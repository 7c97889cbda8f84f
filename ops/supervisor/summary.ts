// What a run came to: figures from the processes' last words and the engine's answers, and the checks that must hold.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { ProcessStatus } from '../../protocol/process-status.ts'
import type { Check, Report, Result } from '../cli/output.ts'
import type { TandemConfig } from '../config/schema.ts'
import type { Cluster } from './cluster.ts'

type Answer = Readonly<Record<string, unknown>>

export type Figures = {
  readonly status: Answer
  readonly positions: Answer
  readonly exposure: Answer
  readonly stateHash: Answer
  readonly sessions: Answer
  /** Last words of the processes that send commands. */
  readonly flow: readonly ProcessStatus[]
  readonly strategies: readonly ProcessStatus[]
}

/** What reading an engine's journal back gave. */
export type JournalVerdict = {
  readonly name: string
  readonly ok: boolean
  readonly text: string
  readonly stateHash: unknown
}

/** Asks the engine, whose clients have all stopped. */
export async function gatherFigures(cluster: Cluster): Promise<Figures> {
  const { board } = cluster
  if (board === undefined) throw new Error('the cluster never started')
  return {
    status: await board.ask('status'),
    positions: await board.ask('positions'),
    exposure: await board.ask('exposure'),
    stateHash: await board.ask('state-hash'),
    sessions: await board.ask('sessions'),
    flow: board.ofRole('flow'),
    strategies: board.ofRole('strategy'),
  }
}

/**
 * Reads a journal back as anybody would: in a process of its own, through the command line. Up to the record that the
 * figures are of, because time may have passed on record since.
 */
export async function replayJournal(name: string, folder: string, { stateHash }: Figures): Promise<JournalVerdict> {
  const mainPath = join(import.meta.dirname, '../cli/main.ts')
  const args = [
    ...process.execArgv,
    mainPath,
    'journal',
    'replay',
    folder,
    '--json',
    '--to',
    String(stateHash['recordSeq']),
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  let complained = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complained += text
  })
  const code = await new Promise<number | null>((done) => child.once('close', done))
  const lastLine = said.trimEnd().split('\n').at(-1) ?? ''
  try {
    const report = JSON.parse(lastLine) as { ok?: unknown; results?: Result[] }
    const replayed = report.results?.find(({ metric }) => metric === 'stateHash')?.value
    return { name, ok: code === 0 && report.ok === true, text: complained.trim(), stateHash: replayed }
  } catch {
    return { name, ok: false, text: complained.trim() || `exit code ${code}`, stateHash: undefined }
  }
}

export function summarize(config: TandemConfig, figures: Figures, journals: readonly JournalVerdict[]): Report {
  const { status, exposure, strategies, flow } = figures
  const results: Result[] = [
    { name: 'engine', metric: 'recordSeq', value: numberIn(status, 'recordSeq'), unit: 'records' },
    { name: 'engine', metric: 'commandCount', value: numberIn(status, 'commandCount'), unit: 'commands' },
    { name: 'engine', metric: 'tradeCount', value: numberIn(status, 'tradeCount'), unit: 'trades' },
    { name: 'strategies', metric: 'fillCount', value: fillCount(figures.positions), unit: 'fills' },
    { name: 'strategies', metric: 'gapRepairedCount', value: sum(strategies, 'gapRepairedCount'), unit: 'gaps' },
    { name: 'clients', metric: 'retryCount', value: sum([...strategies, ...flow], 'retryCount'), unit: 'commands' },
    ...[...flow, ...strategies].map(acknowledgement),
    ...positionResults(figures.positions),
    { name: 'engine', metric: 'stateHash', value: String(figures.stateHash['stateHash']), unit: '' },
  ]
  const bidHigh = numberIn(exposure, 'bidLotsHigh')
  const askHigh = numberIn(exposure, 'askLotsHigh')
  const checks: Check[] = [
    atMost('bid exposure high-water mark', bidHigh, config.exposureLots),
    atMost('ask exposure high-water mark', askHigh, config.exposureLots),
    ...flow.map((process) => appliedOnce(process, figures.sessions)),
    ...journals.flatMap(({ name, ok, text, stateHash }) => [
      { name: `journal of ${name} reads back`, ok, value: ok ? true : text, limit: true },
      {
        name: `state replayed from ${name} equals the engine's`,
        ok: stateHash === figures.stateHash['stateHash'],
        value: String(stateHash),
        limit: String(figures.stateHash['stateHash']),
      },
    ]),
  ]
  return { checks, results }
}

function atMost(name: string, value: number, limit: number): Check {
  return { name, ok: value <= limit, value, limit }
}

/** Client id of the order flow. */
const FLOW_CLIENT_ID = 1

/**
 * The flow counts what was acknowledged to it; the engine, how many of its commands it has applied. They agree, but for
 * commands that were on their way when the flow stopped.
 */
function appliedOnce({ details }: ProcessStatus, answer: Answer): Check {
  const sessions = Array.isArray(answer['sessions']) ? (answer['sessions'] as Answer[]) : []
  const session = sessions.find(({ clientId }) => clientId === FLOW_CLIENT_ID) ?? {}
  const applied = numberIn(session, 'lastClientSeq')
  const acknowledged = numberIn(details, 'ackedCount')
  const ok = applied >= acknowledged && applied <= numberIn(details, 'sentCount')
  return { name: 'acknowledged commands of the flow, each applied once', ok, value: applied, limit: acknowledged }
}

/** Each fill of ours grows a position's version by one. */
function fillCount(answer: Answer): number {
  return positionsIn(answer).reduce((total, position) => total + numberIn(position, 'version'), 0)
}

function positionsIn(answer: Answer): Answer[] {
  return Array.isArray(answer['positions']) ? (answer['positions'] as Answer[]) : []
}

/** From a client's order on its way until it is answered. */
function acknowledgement({ instance, details }: ProcessStatus): Result {
  const [p50, p99] = [numberIn(details, 'ackP50Us'), numberIn(details, 'ackP99Us')]
  return { name: instance, metric: 'orderToAck', value: p50, unit: 'us', p50, p99 }
}

function positionResults(answer: Answer): Result[] {
  return positionsIn(answer).map((position) => ({
    name: String(position['symbol']),
    metric: 'netLots',
    value: numberIn(position, 'netLots'),
    unit: 'lots',
  }))
}

function sum(processes: readonly ProcessStatus[], key: string): number {
  return processes.reduce((total, { details }) => total + numberIn(details, key), 0)
}

function numberIn(answer: Answer, key: string): number {
  const value = answer[key]
  return typeof value === 'number' ? value : Number.NaN
}
