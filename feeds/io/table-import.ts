// Imports tables in CSV files: those of Tardis.dev, known by their columns, and any other by a mapping. Several files
// (the book and the trades of one day) are merged by their local times as they are read.

import { basename } from 'node:path'
import type { FeedDetail, FeedHeader } from '../feed-header.ts'
import { decimalsOf, scaleOf, stepOf } from '../price-scale.ts'
import {
  plain,
  REQUIRED_FIELDS,
  TableConverter,
  type TableCounts,
  type TableField,
  type TableMapping,
  type TableShape,
} from '../table-converter.ts'
import { BadRows, checkSteps, type ImportOptions, type ImportSummary, nextLine } from './import-job.ts'
import { InputFileError } from './input-file.ts'
import { LineReader } from './line-reader.ts'
import { TwoTimeFileWriter, timeNotes } from './two-time-file.ts'

export type TimeUnit = 'ns' | 'us' | 'ms' | 's'

/** How to read tables that are not known by their columns. */
export type TableSettings = {
  readonly shape: TableShape
  /** By field: the name of its column. */
  readonly columns: Readonly<Partial<Record<TableField, string>>>
  readonly timeUnit: TimeUnit
}

export type TableImportOptions = ImportOptions & {
  readonly files: readonly string[]
  readonly source: 'tardis' | 'csv'
  /** Undefined: tables of Tardis.dev. */
  readonly table?: TableSettings
  readonly symbol?: string
  readonly tickSize?: string
  readonly lotSize?: string
}

type Table = {
  readonly lines: LineReader
  readonly shape: TableShape
  readonly mapping: TableMapping
  readonly columnCount: number
  readonly timeUnit: TimeUnit
  fields: readonly string[]
  localNs: number
  isOver: boolean
}

type Facts = { symbol: string; tickSize: string; lotSize: string; timeBaseUnixS: number; detail: FeedDetail }

const UNIT_DIGITS: Readonly<Record<TimeUnit, number>> = { ns: 9, us: 6, ms: 3, s: 0 }
const DAY_S = 86_400
/** Rows looked at to learn steps, when none are given. */
const SURVEY_ROW_COUNT = 200_000
const PROGRESS_ROW_COUNT = 16_384

/** Tables of Tardis.dev by a column that only they have. Source: its documentation of downloadable CSV files. */
const TARDIS_SHAPES: readonly (readonly [string, TableShape])[] = [
  ['is_snapshot', 'depth'],
  ['bid_price', 'quotes'],
  ['amount', 'trades'],
]
const TARDIS_COLUMNS: Readonly<Partial<Record<TableField, string>>> = {
  ...{ time: 'timestamp', local: 'local_timestamp', side: 'side', price: 'price', quantity: 'amount' },
  ...{ snapshot: 'is_snapshot', symbol: 'symbol', bidPrice: 'bid_price', bidQuantity: 'bid_amount' },
  ...{ askPrice: 'ask_price', askQuantity: 'ask_amount' },
}

export async function importTables(options: TableImportOptions): Promise<ImportSummary<TableCounts>> {
  const facts = await survey(options)
  const { symbol, tickSize, lotSize, timeBaseUnixS, detail } = facts
  const header: FeedHeader = {
    ...{ source: options.source, detail, timeBaseUnixS },
    instruments: [{ symbol, tickSize, lotSize }],
    metadata: { files: options.files.map((path) => basename(path)).join(' ') },
  }
  const writer = new TwoTimeFileWriter(options.out, header)
  const tables = await openTables(options)
  try {
    const bad = new BadRows(options)
    const converter = new TableConverter(writer, scaleOf(tickSize), scaleOf(lotSize))
    const bytesTotal = tables.reduce((sum, { lines }) => sum + lines.fileSize, 0)
    for (const table of tables) await step(table, timeBaseUnixS, bad)
    for (let rows = 0; ; rows++) {
      const table = earliest(tables)
      if (table === null) break
      addRow(converter, table, facts, bad)
      if (writer.farCount > 0) writer.checkTimes(table.lines.place())
      await step(table, timeBaseUnixS, bad)
      if (rows % PROGRESS_ROW_COUNT === 0) {
        options.onProgress?.(
          tables.reduce((sum, { lines }) => sum + lines.fileBytesRead, 0),
          bytesTotal,
        )
      }
    }
    if (writer.eventCount === 0) throw new InputFileError(`${options.files[0]}: there is no event of ${symbol} in it`)
    const outcome = writer.finish()
    const { eventCount, size } = outcome
    return {
      ...{ header, counts: converter.counts, eventCount, size, dropped: bad.dropped, inputBytes: bytesTotal },
      notes: [...unitNotes(options, timeBaseUnixS), ...timeNotes(outcome)],
    }
  } catch (error) {
    writer.abandon()
    throw error
  } finally {
    for (const { lines } of tables) lines.close()
  }
}

/** No market data is older than this: 1980. */
const OLDEST_UNIX_S = 315_532_800

function unitNotes({ table }: TableImportOptions, timeBaseUnixS: number): string[] {
  if (table === undefined || timeBaseUnixS >= OLDEST_UNIX_S) return []
  const day = new Date(timeBaseUnixS * 1_000).toISOString().slice(0, 10)
  return [`The first time is of ${day}: is it in ${table.timeUnit}? --time-unit says in what.`]
}

function addRow(converter: TableConverter, table: Table, { symbol, timeBaseUnixS }: Facts, bad: BadRows): void {
  const { fields, mapping, shape } = table
  if (mapping.symbol !== undefined && fields[mapping.symbol] !== symbol) {
    converter.counts.otherSymbols += 1
    return
  }
  const exchangeNs = timeNs(fields[mapping.time!]!, timeBaseUnixS, table.timeUnit)
  const fault = Number.isNaN(exchangeNs)
    ? `has a time that is none: ${fields[mapping.time!]}`
    : converter.add(shape, fields, mapping, exchangeNs, table.localNs)
  if (fault !== null) bad.drop(table.lines.place(), fault)
}

function earliest(tables: readonly Table[]): Table | null {
  let first: Table | null = null
  for (const table of tables) {
    if (!table.isOver && (first === null || table.localNs < first.localNs)) first = table
  }
  return first
}

/** Steps to the next row whose time can be read. */
async function step(table: Table, baseUnixS: number, bad: BadRows): Promise<void> {
  const { lines, mapping, columnCount, timeUnit } = table
  while (await nextLine(lines)) {
    const fields = lines.text().split(',')
    if (fields.length !== columnCount) {
      bad.drop(lines.place(), `has ${fields.length} columns, and the first line names ${columnCount}`)
      continue
    }
    const localNs = timeNs(fields[mapping.local ?? mapping.time!]!, baseUnixS, timeUnit)
    if (Number.isNaN(localNs)) {
      bad.drop(lines.place(), `has a time that is none: ${fields[mapping.local ?? mapping.time!]}`)
      continue
    }
    table.fields = fields
    table.localNs = localNs
    return
  }
  table.isOver = true
}

async function openTables(options: TableImportOptions): Promise<Table[]> {
  const tables: Table[] = []
  try {
    for (const path of options.files) tables.push(await openTable(path, options.table))
  } catch (error) {
    for (const { lines } of tables) lines.close()
    throw error
  }
  return tables
}

async function openTable(path: string, settings: TableSettings | undefined): Promise<Table> {
  const lines = await LineReader.open(path)
  try {
    if (!(await nextLine(lines))) throw new InputFileError(`${path} is empty`)
    const names = lines
      .text()
      .split(',')
      .map((name) => name.trim())
    const shape = settings?.shape ?? TARDIS_SHAPES.find(([name]) => names.includes(name))?.[1]
    if (shape === undefined) {
      throw new InputFileError(
        `${path}:1: these are not the columns of a table of Tardis.dev (incremental_book_L2, trades, quotes)\n` +
          '  Say what they are: ./tandem feed import csv --help',
      )
    }
    const columns = settings?.columns ?? TARDIS_COLUMNS
    const mapping: Partial<Record<TableField, number>> = {}
    for (const [field, name] of Object.entries(columns) as [TableField, string][]) {
      const index = names.indexOf(name)
      if (index !== -1) mapping[field] = index
      else if (settings !== undefined) {
        throw new InputFileError(`${path}:1: there is no column ${name}\n  There are ${names.join(', ')}.`)
      }
    }
    const missing = REQUIRED_FIELDS[shape].filter((field) => mapping[field] === undefined)
    if (missing.length > 0) {
      const known = settings === undefined ? 'Tardis.dev names it' : 'Map a column to it with --map'
      const remedy = missing.map((field) => `${field}=${settings === undefined ? columns[field] : 'COLUMN'}`).join(', ')
      throw new InputFileError(
        `${path}:1: ${shape} need ${missing.join(', ')}, and no column is mapped to it\n` +
          `  ${known}: ${remedy}. There are ${names.join(', ')}.`,
      )
    }
    const timeUnit = settings?.timeUnit ?? 'us'
    return { lines, shape, mapping, columnCount: names.length, timeUnit, fields: [], localNs: 0, isOver: false }
  } catch (error) {
    lines.close()
    throw error
  }
}

/** Symbol, steps and day, as far as the options do not say them. */
async function survey(options: TableImportOptions): Promise<Facts> {
  const tables = await openTables(options)
  let symbol = options.symbol
  let unixS = Number.POSITIVE_INFINITY
  let priceDecimals = 0
  let quantityDecimals = 0
  try {
    for (const { lines, mapping, columnCount, timeUnit } of tables) {
      let hasTime = false
      const at = (fields: readonly string[], field: TableField) =>
        mapping[field] === undefined ? '' : (fields[mapping[field]] ?? '')
      for (let rows = 0; rows < SURVEY_ROW_COUNT && (await nextLine(lines)); rows++) {
        const fields = lines.text().split(',')
        if (fields.length !== columnCount) continue
        if (mapping.symbol !== undefined) symbol ??= fields[mapping.symbol]
        if (mapping.symbol !== undefined && fields[mapping.symbol] !== symbol) continue
        const ns = timeNs(at(fields, 'time'), 0, timeUnit)
        // The first one only: a damaged one further on is found at its line.
        if (!hasTime && !Number.isNaN(ns)) {
          unixS = Math.min(unixS, ns / 1e9)
          hasTime = true
        }
        for (const field of ['price', 'bidPrice', 'askPrice'] as const) {
          priceDecimals = Math.max(priceDecimals, decimalsOf(plain(at(fields, field))))
        }
        for (const field of ['quantity', 'bidQuantity', 'askQuantity'] as const) {
          quantityDecimals = Math.max(quantityDecimals, decimalsOf(plain(at(fields, field))))
        }
      }
    }
  } finally {
    for (const { lines } of tables) lines.close()
  }
  if (unixS === Number.POSITIVE_INFINITY) throw new InputFileError(`${options.files[0]}: no row has a time`)
  const tickSize = options.tickSize ?? stepOf(priceDecimals)
  const lotSize = options.lotSize ?? stepOf(quantityDecimals)
  checkSteps(options.files[0]!, tickSize, lotSize)
  const shapes = new Set(tables.map(({ shape }) => shape))
  const detail = shapes.has('orders') ? 'L3' : shapes.has('depth') ? 'L2' : shapes.has('quotes') ? 'L1' : 'trades'
  return { symbol: symbol ?? 'UNKNOWN', tickSize, lotSize, timeBaseUnixS: Math.floor(unixS / DAY_S) * DAY_S, detail }
}

/** Digits in the unit since 1970 to nanoseconds since the base; NaN: they are none. A fraction is read, too. */
function timeNs(text: string, baseUnixS: number, unit: TimeUnit): number {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text)
  if (match === null) return Number.NaN
  const digits = UNIT_DIGITS[unit]
  const [, whole = '', fraction = ''] = match
  const padded = whole.padStart(digits + 1, '0')
  const seconds = Number(padded.slice(0, padded.length - digits))
  const rest = `${padded.slice(padded.length - digits)}${fraction}`.padEnd(9, '0').slice(0, 9)
  return (seconds - baseUnixS) * 1e9 + Number(rest)
}
