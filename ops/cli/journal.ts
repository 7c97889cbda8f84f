// `tandem journal`: look into an engine's journal, verify it, replay it. It only reads: the engine may be running.

import { type Command, InvalidArgumentError } from 'commander'
import type { Core } from '../../engine/core/core.ts'
import { hashText } from '../../engine/io/engine-queries.ts'
import { recordFacts } from '../../engine/journal/record-text.ts'
import { recoverCore, replayInto } from '../../engine/recovery.ts'
import { verifyJournal } from '../../engine/verify.ts'
import { Side } from '../../protocol/kinds.ts'
import { registerJournalSql } from './journal-sql.ts'
import { openJournal } from './open-journal.ts'
import { type Check, printReport, type Result } from './output.ts'
import { progressBar } from './progress.ts'

const EXAMPLES = `
Examples:
  ./tandem journal inspect var/engine --from 1 --to 20
  ./tandem journal verify var/engine --json
  ./tandem journal replay var/engine --to 5000
  ./tandem journal sql var/engine 'SELECT symbol, count(*), sum(lots) FROM fills GROUP BY symbol'
`

type Flags = { readonly from?: number; readonly to?: number; readonly json: boolean }

export function registerJournal(program: Command): void {
  const journal = program
    .command('journal')
    .summary("look into an engine's journal, verify it, replay it")
    .description("Reads an engine's data directory. It changes nothing, and the engine may be running.")
    .addHelpText('after', EXAMPLES)
  withJson(journal.command('inspect <folder>').description('prints records in words'))
    .option('--from <seq>', 'first record', sequence, 1)
    .option('--to <seq>', 'last record (without it: 50 from the first)', sequence)
    .action((folder: string, flags: Flags) => inspect(folder, flags))
  withJson(
    journal.command('verify <folder>').description('checks every record, and every snapshot by replaying'),
  ).action((folder: string, flags: Flags) => verify(folder, flags))
  withJson(journal.command('replay <folder>').description('rebuilds the state and says what it is'))
    .option('--to <seq>', 'stop after this record', sequence)
    .action((folder: string, flags: Flags) => replay(folder, flags))
  registerJournalSql(journal)
}

function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON object', false)
}

const INSPECT_COUNT = 50

function inspect(folder: string, flags: Flags): void {
  const journal = openJournal(folder)
  const from = Math.max(flags.from ?? 1, journal.firstSeq)
  const to = flags.to ?? from + INSPECT_COUNT - 1
  const facts: ReturnType<typeof recordFacts>[] = []
  journal.replay(from, (records, offset) => {
    const fact = recordFacts(records, offset)
    if (fact.seq > to) return false
    if (flags.json) facts.push(fact)
    else process.stdout.write(`${describe(fact, journal.timeBaseUnixMs)}\n`)
    return fact.seq < to
  })
  if (flags.json) {
    const checks: Check[] = [{ name: 'readable', ok: true, value: true, limit: true }]
    printReport({ checks, results: [] }, true, { records: facts, timeBaseUnixMs: journal.timeBaseUnixMs })
  }
}

function describe(fact: ReturnType<typeof recordFacts>, timeBaseUnixMs: number): string {
  const time = new Date(timeBaseUnixMs + fact.timeNs / 1e6).toISOString()
  const who = fact.clientId === 0 ? 'engine' : `client ${fact.clientId} #${fact.clientSeq}`
  const symbol = fact.symbolId < 0 ? '' : ` symbol ${fact.symbolId}`
  const fields = Object.entries(fact.fields).map(([name, value]) => `${name}=${value}`)
  return `${fact.seq}  ${time}  epoch ${fact.epoch}  ${fact.kind}  ${who}${symbol}  ${fields.join(' ')}`
}

function verify(folder: string, flags: Flags): void {
  const journal = openJournal(folder)
  const bar = progressBar('verifying', !flags.json)
  const verdict = verifyJournal(journal, (done) => bar.update(done, journal.appendPosition))
  bar.stop()
  const { cutTail } = journal
  const checks: Check[] = [
    {
      name: 'records are whole and follow each other',
      ok: verdict.faults.length === 0,
      value: verdict.faults[0] ?? true,
      limit: true,
    },
    ...verdict.snapshots.map(({ seq, ok, text }) => ({ name: `snapshot at ${seq}`, ok, value: text, limit: 'equal' })),
  ]
  const results: Result[] = [
    { name: 'journal', metric: 'firstSeq', value: verdict.firstSeq, unit: 'record' },
    { name: 'journal', metric: 'lastSeq', value: verdict.lastSeq, unit: 'record' },
    { name: 'journal', metric: 'epochCount', value: verdict.epochCount, unit: 'epochs' },
    ...(cutTail === null
      ? []
      : [
          {
            name: 'journal',
            metric: 'tornTail',
            value: `${cutTail.file}, byte ${cutTail.offset}: ${cutTail.why}`,
            unit: '',
          },
        ]),
    ...stateResults(verdict.core),
  ]
  printReport({ checks, results }, flags.json)
}

function replay(folder: string, flags: Flags): void {
  const journal = openJournal(folder)
  const bar = progressBar('replaying', !flags.json)
  const onProgress = (share: number) => bar.update(Math.round(share * 100), 100)
  const toSeq = flags.to ?? Number.POSITIVE_INFINITY
  // From the first record where it is kept: that checks more than beginning at a snapshot.
  const core =
    journal.firstSeq === 1 ? replayInto(journal, null, onProgress, toSeq) : recoverCore(journal, onProgress, toSeq)
  bar.stop()
  const checks: Check[] = [
    { name: 'replayed', ok: true, value: core.seq, limit: Math.min(toSeq, journal.appendPosition) },
  ]
  printReport({ checks, results: [...stateResults(core), ...symbolResults(core)] }, flags.json)
}

function stateResults(core: Core): Result[] {
  return [
    { name: 'state', metric: 'recordSeq', value: core.seq, unit: 'record' },
    { name: 'state', metric: 'stateHash', value: hashText(core.hash()), unit: '' },
    { name: 'state', metric: 'commandCount', value: core.commandCount, unit: 'commands' },
    { name: 'state', metric: 'tradeCount', value: core.tradeCount, unit: 'trades' },
    { name: 'state', metric: 'orderCount', value: core.exchange.orderCount(), unit: 'orders' },
  ]
}

function symbolResults(core: Core): Result[] {
  return core.config.instruments.flatMap(({ symbol }, symbolId) => [
    { name: symbol, metric: 'netLots', value: core.desk.positions.netLots(symbolId), unit: 'lots' },
    { name: symbol, metric: 'bidTicks', value: core.exchange.bestTicks(symbolId, Side.BUY), unit: 'ticks' },
    { name: symbol, metric: 'askTicks', value: core.exchange.bestTicks(symbolId, Side.SELL), unit: 'ticks' },
  ])
}

function sequence(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a record number is 1 or more.')
  return value
}
