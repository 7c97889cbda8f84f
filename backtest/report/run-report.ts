// The report of a backtest: one page of HTML with its charts inside. It needs no network and no script.

import { Side } from '../../protocol/kinds.ts'
import { FILL_CAUSE_NAMES, type LedgerFill } from '../run/fill-ledger.ts'
import type { RunRecord } from '../run/run-record.ts'
import type { DayFigures, RunFigures } from '../run/run-statistics.ts'
import { chart, escapeHtml, short } from './svg-chart.ts'

export type ReportedRun = {
  readonly symbol: string
  readonly timeBaseUnixS: number | null
  readonly record: RunRecord
  readonly figures: RunFigures
  readonly days: readonly DayFigures[]
}

export type ReportFacts = {
  readonly title: string
  /** What was run: names and values. */
  readonly settings: readonly (readonly [string, string])[]
  readonly runs: readonly ReportedRun[]
  /** More sections, as HTML. */
  readonly sections?: readonly string[]
}

const STYLE = `:root{color-scheme:light dark}body{font:14px/1.45 system-ui,sans-serif;margin:24px auto;max-width:1000px;padding:0 16px}
h1{font-size:20px}h2{font-size:17px;margin-top:32px;border-bottom:1px solid #8885}figure{margin:12px 0}
figcaption{font-weight:600}svg{width:100%;height:auto}.grid{stroke:#8883}.mark,.label{font-size:11px;fill:currentColor}
table{border-collapse:collapse;margin:10px 0}td,th{padding:2px 12px 2px 0;text-align:right;font-variant-numeric:tabular-nums}
td:first-child,th:first-child{text-align:left}.figures{columns:3 260px;list-style:none;padding:0}.figures li{display:flex;
justify-content:space-between;gap:12px;break-inside:avoid;border-bottom:1px dotted #8886}`

/** Fills that the page lists; fills.csv has them all. */
const LISTED_FILL_COUNT = 200

export function runReport({ title, settings, runs, sections = [] }: ReportFacts): string {
  const parts = [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>`,
    `<meta name="viewport" content="width=device-width,initial-scale=1"><style>${STYLE}</style></head><body>`,
    `<h1>${escapeHtml(title)}</h1>`,
    table(['setting', 'value'], settings),
    ...runs.map(runSection),
    ...sections,
    '</body></html>',
  ]
  return `${parts.join('\n')}\n`
}

function runSection(run: ReportedRun): string {
  const { symbol, record, figures, days } = run
  return [
    `<h2>${escapeHtml(symbol)}</h2>`,
    figureList(figures),
    equityChart(run),
    inventoryChart(run),
    priceChart(run),
    markoutChart(figures),
    latencyChart(record.fills),
    positionChart(record),
    '<h3>By day</h3>',
    table(
      ['day', 'net profit', 'fees', 'fills', 'quantity', 'turnover'],
      days.map((day) => [
        day.day,
        ...[day.netProfit, day.fees, day.fills, day.quantity, day.turnover].map((value) => short(value)),
      ]),
    ),
    fillTable(record.fills),
  ].join('\n')
}

function figureList(figures: RunFigures): string {
  const items: string[] = []
  for (const [name, value] of Object.entries(figures)) {
    if (typeof value === 'number') items.push(item(words(name), short(value)))
    else if (value === null) items.push(item(words(name), 'none'))
    else if (name === 'fillsByCause') {
      for (const [cause, count] of Object.entries(value as Record<string, number>)) {
        items.push(item(`fills: ${cause}`, String(count)))
      }
    } else if (!Array.isArray(value)) {
      for (const [quantile, number] of Object.entries(value as Record<string, number>)) {
        items.push(item(`${words(name)} ${quantile}`, short(number)))
      }
    }
  }
  return `<ul class="figures">${items.join('')}</ul>`
}

function item(name: string, value: string): string {
  return `<li><span>${escapeHtml(name)}</span><b>${escapeHtml(value)}</b></li>`
}

/** netProfit -> net profit */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function equityChart(run: ReportedRun): string {
  const { timeNs, grossEquity, fee } = run.record.samples
  const x = timeNs.view()
  const gross = grossEquity.view()
  const fees = fee.view()
  const net = gross.map((value, at) => value - fees[at]!)
  const series = [
    { name: 'with fees', color: '#2563eb', x, y: net },
    { name: 'without fees', color: '#f59e0b', x, y: gross },
  ]
  return chart(series, { title: 'Equity', xLabel: 'time (UTC)', yLabel: 'profit', xText: clock(run) })
}

function inventoryChart(run: ReportedRun): string {
  const { timeNs, position } = run.record.samples
  const series = [{ name: 'position', color: '#7c3aed', x: timeNs.view(), y: position.view(), shape: 'step' as const }]
  return chart(series, { title: 'Inventory', xLabel: 'time (UTC)', yLabel: 'position', xText: clock(run) })
}

function priceChart(run: ReportedRun): string {
  const { samples, fills } = run.record
  const of = (side: Side) => fills.filter((fill) => fill.side === side)
  const points = (name: string, color: string, side: Side, shape: 'up' | 'down') => ({
    ...{ name, color, shape },
    x: of(side).map(({ exchangeNs }) => exchangeNs),
    y: of(side).map(({ price }) => price),
  })
  const series = [
    { name: 'mid', color: '#6b7280', x: samples.timeNs.view(), y: samples.mid.view() },
    points('bought', '#16a34a', Side.BUY, 'up'),
    points('sold', '#dc2626', Side.SELL, 'down'),
  ]
  return chart(series, { title: 'Price and fills', xLabel: 'time (UTC)', yLabel: 'price', xText: clock(run) })
}

function markoutChart({ markouts }: RunFigures): string {
  const known = markouts.filter(({ meanTicks }) => meanTicks !== null)
  const x = known.map(({ horizonS }) => Math.log10(horizonS))
  const y = known.map(({ meanTicks }) => meanTicks!)
  const series = [
    { name: 'mean markout', color: '#0891b2', x, y },
    { name: 'horizons', color: '#0891b2', x, y, shape: 'dot' as const },
  ]
  return chart(series, {
    title: 'Markout: how far the middle moved in our favour after a fill',
    xLabel: 'seconds after the fill',
    yLabel: 'ticks',
    xText: (power) => short(Number((10 ** power).toPrecision(2))),
  })
}

function latencyChart(fills: readonly LedgerFill[]): string {
  const entry = fills.map((fill) => (fill.acceptedNs - fill.sentNs) / 1e6)
  const response = fills.map((fill) => (fill.seenNs - fill.exchangeNs) / 1e6)
  const most = Math.max(1e-6, ...entry, ...response)
  const bins = (values: readonly number[], shift: number) => {
    const counts = Array.from({ length: 30 }, () => 0)
    for (const value of values) counts[Math.min(29, Math.floor((value / most) * 30))]! += 1
    return { x: counts.map((_, bin) => ((bin + 0.5 + shift) * most) / 30), y: counts, shape: 'bar' as const }
  }
  const series = [
    { name: 'entry', color: '#2563eb', ...bins(entry, -0.15) },
    { name: 'response', color: '#f59e0b', ...bins(response, 0.15) },
  ]
  const title = 'Order latency of the orders that filled'
  return chart(fills.length === 0 ? [] : series, { title, xLabel: 'milliseconds', yLabel: 'fills' })
}

function positionChart({ positionNs }: RunRecord): string {
  const lots = [...positionNs.keys()].toSorted((a, b) => a - b)
  const y = lots.map((held) => positionNs.get(held)! / 1e9)
  const series = [{ name: 'time', color: '#7c3aed', x: lots, y, shape: 'bar' as const }]
  return chart(series, { title: 'Time at each position', xLabel: 'position in lots', yLabel: 'seconds' })
}

function fillTable(fills: readonly LedgerFill[]): string {
  const rows = fills
    .slice(0, LISTED_FILL_COUNT)
    .map((fill) => [
      String(fill.orderId),
      fill.side === Side.BUY ? 'buy' : 'sell',
      short(fill.price),
      short(fill.quantity),
      FILL_CAUSE_NAMES[fill.cause],
      short(fill.queueAheadAtEntry),
      short((fill.acceptedNs - fill.sentNs) / 1e6),
      short((fill.seenNs - fill.exchangeNs) / 1e6),
      ...fill.markoutTicks.map((ticks) => (Number.isNaN(ticks) ? '' : short(ticks))),
    ])
  const columns = ['order', 'side', 'price', 'quantity', 'why', 'queue ahead at entry', 'entry ms', 'response ms']
  const more = fills.length > rows.length ? `, the first ${rows.length} of ${fills.length}` : ''
  const horizons = ['0.1 s', '1 s', '10 s', '60 s'].map((text) => `markout ${text}`)
  return `<details><summary>Fills${more}</summary>${table([...columns, ...horizons], rows)}</details>`
}

export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (values: readonly string[], tag: string) =>
    `<tr>${values.map((value) => `<${tag}>${escapeHtml(value)}</${tag}>`).join('')}</tr>`
  return `<table>${cells(columns, 'th')}${rows.map((row) => cells(row, 'td')).join('\n')}</table>`
}

function clock({ timeBaseUnixS }: ReportedRun): (ns: number) => string {
  return (ns) => {
    const seconds = Math.floor((timeBaseUnixS ?? 0) + ns / 1e9)
    const part = (value: number) => String(Math.floor(value)).padStart(2, '0')
    return `${part((seconds % 86_400) / 3600)}:${part((seconds % 3600) / 60)}:${part(seconds % 60)}`
  }
}
