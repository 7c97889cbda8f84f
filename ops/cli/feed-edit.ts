// `tandem feed export|slice|merge`.

import type { Command } from 'commander'
import { mergeFeeds, sliceFeed } from '../../feeds/io/feed-edit.ts'
import { exportCsv, exportNpz, exportParquet } from '../../feeds/io/feed-export.ts'
import { openFeed } from '../../feeds/io/feed-file.ts'
import { printReport, UserError } from './output.ts'
import { checkOutputFile } from './output-file.ts'

type ExportFlags = { readonly out: string; readonly symbol?: string; readonly json?: boolean }

type SliceFlags = {
  readonly out: string
  readonly from?: string
  readonly to?: string
  readonly symbols?: string
  readonly json?: boolean
}

export function registerEdit(feed: Command): void {
  feed
    .command('export')
    .argument('<format>', 'csv or parquet: every event; npz: an array for hftbacktest')
    .argument('<file>', 'a feed file')
    .description('writes a feed for other programs')
    .requiredOption('--out <file>', 'the file to write')
    .option('--symbol <symbol>', 'npz holds one instrument: which')
    .option('--json', 'print one JSON object')
    .action(exportFeed)
  feed
    .command('slice')
    .argument('<file>', 'a feed file')
    .description('cuts out a part; it starts with the book as it was')
    .requiredOption('--out <file>', 'the feed file to write')
    .option('--from <time>', 'UTC: 2012-06-21T14:00:00, 14:00:00 of the first day, or seconds of the feed')
    .option('--to <time>', 'the first time that is not part of it')
    .option('--symbols <list>', 'only these, with commas')
    .option('--json', 'print one JSON object')
    .action(slice)
  feed
    .command('merge')
    .argument('<files...>', 'feed files; the same symbol in two of them becomes one')
    .description('merges feeds of several symbols, or of days that follow each other')
    .requiredOption('--out <file>', 'the feed file to write')
    .option('--json', 'print one JSON object')
    .action(merge)
}

function merge(files: string[], flags: ExportFlags): void {
  checkOutputFile(flags.out, files)
  report(flags, mergeFeeds(files, flags.out))
}

function exportFeed(format: string, path: string, flags: ExportFlags): void {
  checkOutputFile(flags.out, [path])
  if (format === 'csv' || format === 'parquet') {
    report(flags, format === 'csv' ? exportCsv(path, flags.out) : exportParquet(path, flags.out))
    return
  }
  if (format !== 'npz') throw new UserError(`there is no format ${format}`, 'There are csv, parquet and npz.')
  const { instruments } = headerOf(path)
  const index = flags.symbol === undefined ? 0 : instruments.findIndex(({ symbol }) => symbol === flags.symbol)
  if (index === -1 || (flags.symbol === undefined && instruments.length > 1)) {
    const symbols = instruments.map(({ symbol }) => symbol).join(', ')
    throw new UserError(`${path}: which instrument?`, `Name one with --symbol: ${symbols}.`)
  }
  report(flags, exportNpz(path, flags.out, index))
}

function slice(path: string, flags: SliceFlags): void {
  checkOutputFile(flags.out, [path])
  const { timeBaseUnixS } = headerOf(path)
  const fromNs = flags.from === undefined ? Number.NEGATIVE_INFINITY : timeOf(flags.from, timeBaseUnixS ?? 0)
  const toNs = flags.to === undefined ? Number.POSITIVE_INFINITY : timeOf(flags.to, timeBaseUnixS ?? 0)
  const symbols = flags.symbols === undefined ? {} : { symbols: flags.symbols.split(',') }
  report(flags, sliceFeed({ path, out: flags.out, fromNs, toNs, ...symbols }))
}

function headerOf(path: string) {
  const file = openFeed(path)
  file.close()
  return file.reader.header
}

function report({ out, json }: { readonly out: string; readonly json?: boolean }, rows: number): void {
  const results = [{ name: out, metric: 'rows', value: rows, unit: 'rows' }]
  printReport({ checks: [{ name: 'rows', ok: rows > 0, value: rows, limit: 'at least 1' }], results }, json === true)
}

const SECONDS_PER_DAY = 86_400

function timeOf(text: string, baseS: number): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1e9)
  const clock = /^(\d\d):(\d\d):(\d\d(?:\.\d+)?)$/.exec(text)
  if (clock !== null) {
    const midnightS = Math.floor(baseS / SECONDS_PER_DAY) * SECONDS_PER_DAY
    const seconds = Number(clock[1]) * 3_600 + Number(clock[2]) * 60 + Number(clock[3])
    return Math.round((midnightS + seconds - baseS) * 1e9)
  }
  const unixMs = Date.parse(text.endsWith('Z') ? text : `${text}Z`)
  if (Number.isNaN(unixMs))
    throw new UserError(`${text} is no time`, 'A time is 2012-06-21T14:00:00, 14:00:00, or seconds of the feed.')
  return (unixMs / 1_000 - baseS) * 1e9
}
