// `tandem explain`: the story of a symbol in words, from the journal: who might quote it, what was quoted, what came of it.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import type { Core } from '../../engine/core/core.ts'
import { walkJournal } from '../../engine/walk.ts'
import { type Sentence, SymbolStory } from '../explain/story-of-symbol.ts'
import { openJournal } from './open-journal.ts'
import { type Check, printReport, UserError } from './output.ts'

const EXAMPLES = `
Examples:
  ./tandem explain --symbol ALDR                                   the last hundred sentences
  ./tandem explain --symbol ALDR --from 12:30:05 --to 12:30:10     ten seconds of the day on which the journal ends, UTC
  ./tandem explain --symbol ALDR --from 48211                      from a record on
  ./tandem explain var/engine-b --symbol ALDR --from 2026-03-01T12:30:05.250Z --json

A moment is a record's number, a time of day (UTC), or a date and time. The journal may be in use.
`

/** Without --from so many sentences, the last ones; with it so many from there, unless --to says how far. */
const SENTENCE_COUNT = 100
const DAY_MS = 86_400_000

/** A record's number, or a time: as a date, or as a time of the day on which the journal ends. Milliseconds. */
type Moment = { readonly seq: number } | { readonly unixMs: number } | { readonly ofDayMs: number }

type Flags = {
  readonly symbol: string
  readonly from?: Moment
  readonly to?: Moment
  readonly dataDir: string
  readonly json: boolean
}

export function registerExplain(program: Command): void {
  program
    .command('explain [folder]')
    .summary('tell the story of a symbol in words, from the journal')
    .description(
      'Tells what happened to a symbol, in words, from the journal of an engine: who might quote it and why, each quote ' +
        'and whether it was granted, reduced or refused, each fill and the position after it.',
    )
    .requiredOption('--symbol <symbol>', 'the symbol')
    .option('--from <moment>', 'where the story begins', moment)
    .option('--to <moment>', 'where it ends', moment)
    .option('--data-dir <folder>', 'of the market, where no folder of an engine is named', 'var')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action((folder: string | undefined, flags: Flags) => explain(folder ?? engineFolder(flags.dataDir), flags))
}

function engineFolder(dataDir: string): string {
  const found = ['engine-a', 'engine'].map((name) => join(dataDir, name)).find((folder) => existsSync(folder))
  if (found !== undefined) return found
  throw new UserError(
    `${dataDir} holds no engine's data directory`,
    'Run ./tandem sim, or name the data directory of an engine: ./tandem explain var/engine-a --symbol ALDR.',
  )
}

function explain(folder: string, flags: Flags): void {
  const journal = openJournal(folder)
  const lastMs = journal.timeBaseUnixMs + journal.lastTimeNs / 1e6
  const from = resolve(flags.from, lastMs, journal.timeBaseUnixMs)
  const to = resolve(flags.to, lastMs, journal.timeBaseUnixMs)
  const sentences: Sentence[] = []
  let story: SymbolStory | null = null
  walkJournal(journal, to?.seq ?? Number.POSITIVE_INFINITY, (core) => {
    if (story === null) {
      story = new SymbolStory(symbolIdOf(core, flags.symbol))
      story.begin(core)
    }
    const isOver = core.timeNs > (to?.timeNs ?? Number.POSITIVE_INFINITY)
    const news = story.after(core)
    if (isOver) return false
    if (core.seq < (from?.seq ?? 0) || core.timeNs < (from?.timeNs ?? 0)) return true
    sentences.push(...news)
    if (from === undefined) sentences.splice(0, Math.max(0, sentences.length - SENTENCE_COUNT))
    return to !== undefined || from === undefined || sentences.length < SENTENCE_COUNT
  })
  if (flags.json) {
    const checks: Check[] = [{ name: 'readable', ok: true, value: sentences.length, limit: null }]
    printReport({ checks, results: [] }, true, { sentences, timeBaseUnixMs: journal.timeBaseUnixMs })
    return
  }
  if (sentences.length === 0) process.stdout.write(`nothing happened to ${flags.symbol} there\n`)
  for (const { recordSeq, timeNs, text } of sentences) {
    const time = new Date(journal.timeBaseUnixMs + timeNs / 1e6).toISOString().slice(11, 23)
    process.stdout.write(`${time}  record ${recordSeq}  ${text}\n`)
  }
}

function symbolIdOf(core: Core, symbol: string): number {
  const { instruments } = core.config
  const symbolId = instruments.findIndex((instrument) => instrument.symbol === symbol)
  if (symbolId >= 0) return symbolId
  const names = instruments.map((instrument) => instrument.symbol).join(', ')
  throw new UserError(`--symbol: the journal knows no symbol ${symbol}`, `It has ${names}.`)
}

function resolve(
  given: Moment | undefined,
  lastMs: number,
  timeBaseUnixMs: number,
): { seq?: number; timeNs?: number } | undefined {
  if (given === undefined) return undefined
  if ('seq' in given) return given
  const unixMs = 'unixMs' in given ? given.unixMs : Math.floor(lastMs / DAY_MS) * DAY_MS + given.ofDayMs
  return { timeNs: (unixMs - timeBaseUnixMs) * 1e6 }
}

function moment(text: string): Moment {
  if (/^\d+$/.test(text)) return { seq: Number(text) }
  const ofDay = /^(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?$/.exec(text)
  if (ofDay !== null) {
    const [, hours, minutes, seconds = '0'] = ofDay
    return { ofDayMs: ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000 }
  }
  const unixMs = Date.parse(text)
  if (Number.isFinite(unixMs)) return { unixMs }
  throw new InvalidArgumentError('a record number, a time of day (12:30:05) or a date and time (2026-03-01T12:30:05Z).')
}
