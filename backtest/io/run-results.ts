// What a backtest leaves in its folder: summary.json, fills and samples as .csv and .parquet, and report.html. Nothing in
// them depends on the machine or the hour: the same inputs give the same bytes.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runReport } from '../report/run-report.ts'
import { writeTables } from './result-tables.ts'
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
  writeTables(join(folder, '/'), runs)
  const title = `Backtest of ${settings.strategy ?? ''}`
  write('report.html', runReport({ title, settings: settingLines(runs, settings), runs, sections }))
}

function summaryOf(runs: readonly BacktestRun[], settings: BacktestSettings, extra: Readonly<Record<string, unknown>>) {
  return {
    strategy: settings.strategy,
    mode: settings.mode ?? 'replay',
    entry: settings.entry ?? 'orders',
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
    ...(settings.entry === 'quotes'
      ? [['entry', 'quotes, as live'] as const]
      : [['step', `${settings.stepMs} ms`] as const]),
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
