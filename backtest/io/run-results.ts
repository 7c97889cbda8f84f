// What a backtest leaves in its folder: summary.json, fills.csv, samples.csv and report.html. Nothing in them depends on
// the machine or the hour: the same inputs give the same bytes.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Side } from '../../protocol/kinds.ts'
import { runReport } from '../report/run-report.ts'
import { FILL_CAUSE_NAMES, MARKOUT_HORIZONS_NS } from '../run/fill-ledger.ts'
import type { BacktestRun } from './run-backtest.ts'
import type { BacktestSettings } from './run-settings.ts'

export type ResultFacts = {
  readonly runs: readonly BacktestRun[]
  readonly settings: BacktestSettings
  /** More sections of the page, as HTML. */
  readonly sections?: readonly string[]
  /** More of the summary. */
  readonly extra?: Readonly<Record<string, unknown>>
}

export function writeResults(folder: string, { runs, settings, sections = [], extra = {} }: ResultFacts): void {
  mkdirSync(folder, { recursive: true })
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  write('summary.json', `${JSON.stringify(summaryOf(runs, settings, extra), null, 2)}\n`)
  write('fills.csv', fillsText(runs))
  write('samples.csv', samplesText(runs))
  const title = `Backtest of ${settings.strategy ?? ''}`
  write('report.html', runReport({ title, settings: settingLines(runs, settings), runs, sections }))
}

function summaryOf(runs: readonly BacktestRun[], settings: BacktestSettings, extra: Readonly<Record<string, unknown>>) {
  return {
    strategy: settings.strategy,
    mode: settings.mode ?? 'replay',
    stepMs: settings.stepMs,
    sampleMs: settings.sampleMs,
    runs: runs.map(({ symbol, source, settings: own, figures, days, rowCount, notes }) => ({
      ...{ symbol, source, rowCount, notes, settings: own, figures, days },
    })),
    total: totalsOf(runs),
    ...extra,
  }
}

/** Sums over all symbols. Meant for symbols of one currency. */
export function totalsOf(runs: readonly BacktestRun[]) {
  const sum = (pick: (run: BacktestRun) => number) => runs.reduce((total, run) => total + pick(run), 0)
  return {
    netProfit: sum(({ figures }) => figures.netProfit),
    grossProfit: sum(({ figures }) => figures.grossProfit),
    fees: sum(({ figures }) => figures.fees),
    fills: sum(({ figures }) => figures.fills),
    turnover: sum(({ figures }) => figures.turnover),
  }
}

function settingLines(runs: readonly BacktestRun[], settings: BacktestSettings): (readonly [string, string])[] {
  return [
    ['strategy', settings.strategy ?? ''],
    ['mode', settings.mode ?? 'replay'],
    ['step', `${settings.stepMs} ms`],
    ...runs.flatMap(({ symbol, settings: own, notes }) => [
      ...Object.entries(own).map(([name, value]) => [`${symbol} ${name}`, textOf(value)] as const),
      ...notes.map((note) => [`${symbol} note`, note] as const),
    ]),
  ]
}

function textOf(value: unknown): string {
  if (value === Number.POSITIVE_INFINITY) return 'none'
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return Object.entries(value)
    .map(([name, one]) => `${name} ${typeof one === 'object' ? JSON.stringify(one) : String(one)}`)
    .join(', ')
}

function fillsText(runs: readonly BacktestRun[]): string {
  const markouts = MARKOUT_HORIZONS_NS.map((ns) => `markout_${ns / 1e9}s_ticks`)
  const columns = ['symbol', 'order_id', 'side', 'price', 'quantity', 'liquidity', 'why', 'queue_ahead_at_entry']
  const times = ['sent_ns', 'accepted_ns', 'exchange_ns', 'seen_ns', 'entry_latency_ns', 'response_latency_ns']
  const lines = [[...columns, ...times, 'fee', 'position', 'mid_ticks_before', ...markouts].join(',')]
  for (const { symbol, record } of runs) {
    for (const fill of record.fills) {
      const { sentNs, acceptedNs, exchangeNs, seenNs } = fill
      const facts = [
        ...[symbol, fill.orderId, fill.side === Side.BUY ? 'B' : 'S', fill.price, fill.quantity],
        ...[fill.isMaker ? 'maker' : 'taker', FILL_CAUSE_NAMES[fill.cause], fill.queueAheadAtEntry],
        ...[sentNs, acceptedNs, exchangeNs, seenNs, acceptedNs - sentNs, seenNs - exchangeNs],
        ...[fill.fee, fill.position, known(fill.midTicksBefore), ...fill.markoutTicks.map(known)],
      ]
      lines.push(facts.join(','))
    }
  }
  return `${lines.join('\n')}\n`
}

function samplesText(runs: readonly BacktestRun[]): string {
  const lines = ['symbol,time_ns,mid,position,equity_before_fees,fees,equity,turnover']
  for (const { symbol, record } of runs) {
    const { timeNs, mid, position, grossEquity, fee, tradedValue } = record.samples
    const columns = [timeNs, mid, position, grossEquity, fee, tradedValue].map((column) => column.view())
    const [times, mids, positions, gross, fees, values] = columns as [
      ...[Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array],
    ]
    for (let at = 0; at < times.length; at++) {
      const equity = gross[at]! - fees[at]!
      const facts = [symbol, times[at], mids[at], positions[at], gross[at], fees[at], equity, values[at]]
      lines.push(facts.join(','))
    }
  }
  return `${lines.join('\n')}\n`
}

function known(value: number): string {
  return Number.isNaN(value) ? '' : String(value)
}
