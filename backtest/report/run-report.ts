// The report of a backtest: one page of HTML with its charts inside. It needs no network and no script.

import { Side } from '../../protocol/kinds.ts'
import type { DayFigures } from '../run/day-figures.ts'
import { clockText, dayText } from '../run/day-text.ts'
import { FILL_CAUSE_NAMES, type LedgerFill, MARKOUT_HORIZONS_NS } from '../run/fill-ledger.ts'
import { type RunRecord, sumOfDays } from '../run/run-record.ts'
import type { RunFigures } from '../run/run-statistics.ts'
import { type ChartOptions, chart, escapeHtml, short } from './svg-chart.ts'

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

const STYLE = `:root{color-scheme:light dark;--line:#8883;--soft:#8881;--dim:#777}
*{box-sizing:border-box}body{font:14px/1.45 system-ui,sans-serif;margin:28px auto;max-width:1080px;padding:0 20px}
h1{font-size:22px;margin:0 0 2px}h2{font-size:18px;margin:36px 0 2px;padding-top:14px;border-top:2px solid var(--line)}
h3{font-size:14px;margin:22px 0 6px}.sub{color:var(--dim);margin:0 0 14px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(118px,1fr));gap:10px;margin:14px 0}
.tile{background:var(--soft);border-radius:8px;padding:8px 12px}.tile span{display:block;color:var(--dim);font-size:12px}
.tile b{font-size:18px;font-variant-numeric:tabular-nums}.good{color:#16a34a}.bad{color:#dc2626}
figure{margin:14px 0}figcaption{font-weight:600}svg{width:100%;height:auto}.grid{stroke:var(--line)}.zero{stroke:#888a}
.mark,.label{font-size:11px;fill:currentColor}.mark{fill:var(--dim)}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 20px}@media(max-width:760px){.pair{grid-template-columns:1fr}}
.groups{display:grid;grid-template-columns:repeat(auto-fit,minmax(230px,1fr));gap:0 28px}
.groups ul{list-style:none;padding:0;margin:0}.groups li{display:flex;justify-content:space-between;gap:12px;
border-bottom:1px dotted var(--line);padding:1px 0}.groups b{font-weight:600;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}table{border-collapse:collapse;margin:8px 0;font-variant-numeric:tabular-nums}
td,th{padding:3px 14px 3px 0;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th{font-weight:600;color:var(--dim)}td:first-child,th:first-child{text-align:left}
.facts td{text-align:left;white-space:normal;vertical-align:top}.facts td:first-child{white-space:nowrap;color:var(--dim)}
summary{cursor:pointer;margin:12px 0 4px;font-weight:600}`

/** Fills that the page lists; fills.csv has them all. */
const LISTED_FILL_COUNT = 200

export function runReport({ title, settings, runs, sections = [] }: ReportFacts): string {
  const parts = [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>`,
    `<meta name="viewport" content="width=device-width,initial-scale=1"><style>${STYLE}</style></head><body>`,
    `<h1>${escapeHtml(title)}</h1>`,
    ...runs.map(runSection),
    ...sections,
    details('Settings and notes', factTable(settings), runs.length === 0),
    '</body></html>',
  ]
  return `${parts.join('\n')}\n`
}

function runSection(run: ReportedRun): string {
  const { symbol, record, figures, days } = run
  return [
    `<h2>${escapeHtml(symbol)}</h2>`,
    `<p class="sub">${escapeHtml(periodOf(run))}</p>`,
    tiles(figures),
    equityChart(run),
    inventoryChart(run),
    priceChart(run),
    `<div class="pair">${markoutChart(figures)}${latencyChart(record.fills)}</div>`,
    positionChart(record),
    figureGroups(figures),
    '<h3>By day</h3>',
    dayTable(days),
    fillTable(record.fills),
  ].join('\n')
}

function periodOf({ record, timeBaseUnixS, figures }: ReportedRun): string {
  const time = record.samples.timeNs.view()
  const text = (ns: number) => {
    const seconds = Math.floor((timeBaseUnixS ?? 0) + ns / 1e9)
    return `${timeBaseUnixS === null ? '' : `${dayText(Math.floor(seconds / DAY_S))} `}${clockText(seconds)}`
  }
  if (time.length === 0) return 'The market never had two sides.'
  return `${text(time[0]!)} to ${text(time.at(-1)!)} UTC, ${short(figures.durationS)} s`
}

/** The figures that people look for first. */
function tiles(figures: RunFigures): string {
  const after = figures.markouts.find(({ horizonS }) => horizonS === 1)?.meanTicks ?? null
  const percent = (share: number | null) => (share === null ? 'none' : `${short(Number((share * 100).toFixed(1)))} %`)
  const signed = (value: number | null) => (value === null ? '' : value < 0 ? 'bad' : value > 0 ? 'good' : '')
  const list: readonly (readonly [string, string, string])[] = [
    ['net profit', short(figures.netProfit), signed(figures.netProfit)],
    ['fees', short(figures.fees), ''],
    ['max drawdown', short(figures.maxDrawdown), ''],
    ['Sharpe per day', shortOrNone(figures.sharpePerDay), signed(figures.sharpePerDay)],
    ['fills', String(figures.fills), ''],
    ['spread captured, ticks', shortOrNone(figures.meanSpreadCapturedTicks), signed(figures.meanSpreadCapturedTicks)],
    ['markout after 1 s, ticks', shortOrNone(after), signed(after)],
    ['both sides quoted', percent(figures.uptimeBoth), ''],
  ]
  const tile = ([name, value, mood]: readonly [string, string, string]) =>
    `<div class="tile"><span>${escapeHtml(name)}</span><b class="${mood}">${escapeHtml(value)}</b></div>`
  return `<div class="tiles">${list.map(tile).join('')}</div>`
}

const GROUPS: readonly (readonly [string, readonly (keyof RunFigures)[]])[] = [
  ['Profit', ['netProfit', 'grossProfit', 'realisedProfit', 'unrealisedProfit', 'fees', 'returnOverTurnover']],
  [
    'Risk',
    [
      ...(['sharpePerDay', 'sharpePerYear', 'sortinoPerDay', 'sortinoPerYear', 'calmar'] as const),
      ...(['maxDrawdown', 'maxDrawdownDurationS', 'returnOverDrawdown'] as const),
    ],
  ],
  [
    'Trading',
    [
      ...(['fills', 'makerFills', 'fillsByCause', 'quantity', 'turnover', 'turnoverPerDay', 'fillsPerDay'] as const),
      ...([
        'fillRatio',
        'submittedOrders',
        'cancelledOrders',
        'reducedOrders',
        'expiredOrders',
        'limitedOrders',
      ] as const),
    ],
  ],
  [
    'Inventory',
    ['finalPosition', 'maxPosition', 'meanAbsolutePosition', 'maxPositionValue', 'inventoryHalfLifeS'] as const,
  ],
  [
    'Quoting',
    [
      ...(['uptimeBoth', 'uptimeBid', 'uptimeAsk', 'timeAtTouchBid', 'timeAtTouchAsk'] as const),
      ...(['meanSpreadCapturedTicks', 'meanQueueAheadAtEntry', 'markouts'] as const),
    ],
  ],
  ['Latency and run', ['entryLatencyMs', 'responseLatencyMs', 'durationS', 'steps', 'questions']],
]

function figureGroups(figures: RunFigures): string {
  const groups = GROUPS.map(([title, names]) => {
    const items = names.flatMap((name) => itemsOf(words(name), figures[name]))
    return `<div><h3>${title}</h3><ul>${items.join('')}</ul></div>`
  })
  return `<div class="groups">${groups.join('')}</div>`
}

/** A figure, or the figures of a list or a record, each as an item. */
function itemsOf(name: string, value: RunFigures[keyof RunFigures]): string[] {
  if (value === null) return [item(name, 'none')]
  if (typeof value === 'number') return [item(name, short(value))]
  if (Array.isArray(value)) {
    const markouts = value as RunFigures['markouts']
    return markouts.map(({ horizonS, count, meanTicks }) => {
      return item(`markout ${horizonS} s, ticks (${count} fills)`, shortOrNone(meanTicks))
    })
  }
  return Object.entries(value as Readonly<Record<string, number>>).map(([part, one]) =>
    item(`${name} ${part}`, short(one)),
  )
}

function item(name: string, value: string): string {
  return `<li><span>${escapeHtml(name)}</span><b>${escapeHtml(value)}</b></li>`
}

/** netProfit -> net profit; a unit at the end of the name is set apart. */
function words(name: string): string {
  const spaced = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return spaced.replace(/ (s|ms|ticks)$/, ', $1').replace(/^fills by cause$/, 'filled by')
}

function shortOrNone(value: number | null): string {
  return value === null ? 'none' : short(value)
}

const DAY_COLUMNS: readonly (readonly [string, (day: DayFigures) => number | null])[] = [
  ['net profit', ({ netProfit }) => netProfit],
  ['gross', ({ grossProfit }) => grossProfit],
  ['realised', ({ realisedProfit }) => realisedProfit],
  ['fees', ({ fees }) => fees],
  ['drawdown', ({ maxDrawdown }) => maxDrawdown],
  ['Sharpe', ({ sharpePerDay }) => sharpePerDay],
  ['Sortino', ({ sortinoPerDay }) => sortinoPerDay],
  ['fills', ({ fills }) => fills],
  ['fill ratio', ({ fillRatio }) => fillRatio],
  ['turnover', ({ turnover }) => turnover],
  ['spread captured', ({ meanSpreadCapturedTicks }) => meanSpreadCapturedTicks],
  ...MARKOUT_HORIZONS_NS.map(
    (ns, at) => [`markout ${ns / 1e9} s`, ({ markouts }: DayFigures) => markouts[at]!.meanTicks] as const,
  ),
  ['max position', ({ maxPosition }) => maxPosition],
  ['half-life, s', ({ inventoryHalfLifeS }) => inventoryHalfLifeS],
  ['uptime', ({ uptimeBoth }) => uptimeBoth],
  ['at touch, bid', ({ timeAtTouchBid }) => timeAtTouchBid],
  ['at touch, ask', ({ timeAtTouchAsk }) => timeAtTouchAsk],
]

function dayTable(days: readonly DayFigures[]): string {
  const rows = days.map((day) => [
    day.day,
    ...DAY_COLUMNS.map(([, of]) => {
      const value = of(day)
      return value === null ? '' : short(Number(value.toPrecision(4)))
    }),
  ])
  return `<div class="wide">${table(['day', ...DAY_COLUMNS.map(([name]) => name)], rows)}</div>`
}

function details(title: string, content: string, isOpen = false): string {
  return `<details${isOpen ? ' open' : ''}><summary>${escapeHtml(title)}</summary>${content}</details>`
}

function factTable(facts: readonly (readonly [string, string])[]): string {
  const rows = facts.map(([name, value]) => `<tr><td>${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`)
  return `<table class="facts">${rows.join('\n')}</table>`
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
  return chart(series, { title: 'Equity', yLabel: 'profit', ...timeAxis(run), hasZero: true })
}

function inventoryChart(run: ReportedRun): string {
  const { timeNs, position } = run.record.samples
  const series = [{ name: 'position', color: '#7c3aed', x: timeNs.view(), y: position.view(), shape: 'step' as const }]
  return chart(series, {
    title: 'Inventory',
    yLabel: 'position',
    ...timeAxis(run),
    hasZero: true,
  })
}

function priceChart(run: ReportedRun): string {
  const { samples, fills } = run.record
  const timeNs = samples.timeNs.view()
  const columnNs = ((timeNs.at(-1) ?? 0) - (timeNs[0] ?? 0)) / MARK_COLUMN_COUNT
  const points = (name: string, color: string, side: Side, shape: 'up' | 'down') => {
    const marks = fillMarks(
      fills.filter((fill) => fill.side === side),
      columnNs,
    )
    return {
      ...{ name, color, shape },
      x: marks.map(({ fill }) => fill.exchangeNs),
      y: marks.map(({ fill }) => fill.price),
      titles: marks.map(({ fill, more }) => {
        const text = `${name} ${short(fill.quantity)} @ ${short(fill.price)}: ${FILL_CAUSE_NAMES[fill.cause]}`
        return more === 0 ? text : `${text}, and ${more} more close after it`
      }),
    }
  }
  const bought = points('bought', '#16a34a', Side.BUY, 'up')
  const sold = points('sold', '#dc2626', Side.SELL, 'down')
  // The line comes last: marks must not hide it.
  const mid = { name: 'mid', color: 'currentColor', x: timeNs, y: samples.mid.view() }
  const isThinned = bought.x.length + sold.x.length < fills.length
  const title = isThinned ? 'Price and fills (one mark for those close together)' : 'Price and fills'
  return chart([bought, sold, mid], { title, yLabel: 'price', ...timeAxis(run) })
}

/** Marks beside each other that a chart has room for: more would hide the price. */
const MARK_COLUMN_COUNT = 180

type FillMark = { readonly fill: LedgerFill; more: number }

/** One mark for all fills of a column of the chart. `fills` are of one side. */
function fillMarks(fills: readonly LedgerFill[], columnNs: number): FillMark[] {
  const marks = new Map<number, FillMark>()
  for (const fill of fills) {
    const column = columnNs > 0 ? Math.floor(fill.exchangeNs / columnNs) : marks.size
    const mark = marks.get(column)
    if (mark === undefined) marks.set(column, { fill, more: 0 })
    else mark.more += 1
  }
  return [...marks.values()]
}

function markoutChart({ markouts }: RunFigures): string {
  const known = markouts.filter(({ meanTicks }) => meanTicks !== null)
  const x = known.map(({ horizonS }) => Math.log10(horizonS))
  const y = known.map(({ meanTicks }) => meanTicks!)
  const series = [
    { name: 'mean of all fills', color: '#0891b2', x, y },
    { name: '', color: '#0891b2', x, y, shape: 'dot' as const },
  ]
  return chart(series, {
    title: 'Markout: how far the middle moved in our favour after a fill',
    xLabel: 'seconds after the fill',
    yLabel: 'ticks',
    xMarks: x,
    xText: (power) => short(Number((10 ** power).toPrecision(2))),
    isNarrow: true,
    hasZero: true,
  })
}

function latencyChart(fills: readonly LedgerFill[]): string {
  const entry = fills.map((fill) => (fill.acceptedNs - fill.sentNs) / 1e6)
  const response = fills.map((fill) => (fill.seenNs - fill.exchangeNs) / 1e6)
  const most = [entry, response].flat().reduce((one, other) => Math.max(one, other), 1e-6)
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
  return chart(fills.length === 0 ? [] : series, { title, xLabel: 'milliseconds', yLabel: 'fills', isNarrow: true })
}

function positionChart(record: RunRecord): string {
  const { positionNs } = sumOfDays(record)
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
  const horizons = MARKOUT_HORIZONS_NS.map((ns) => `markout ${ns / 1e9} s`)
  return details(`Fills${more}`, `<div class="wide">${table([...columns, ...horizons], rows)}</div>`)
}

export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (values: readonly string[], tag: string) =>
    `<tr>${values.map((value) => `<${tag}>${escapeHtml(value)}</${tag}>`).join('')}</tr>`
  return `<table>${cells(columns, 'th')}${rows.map((row) => cells(row, 'td')).join('\n')}</table>`
}

const TIME_STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400]
const TIME_MARK_COUNT_MAX = 9
const DAY_S = 86_400

/** The axis of time of a run: marks at round times of day, a midnight named by its day. */
function timeAxis({ record, timeBaseUnixS }: ReportedRun): Pick<ChartOptions, 'xLabel' | 'xMarks' | 'xText'> {
  const baseS = timeBaseUnixS ?? 0
  const time = record.samples.timeNs.view()
  const [fromS, toS] = [baseS + (time[0] ?? 0) / 1e9, baseS + (time.at(-1) ?? 0) / 1e9]
  const fits = (step: number) => (toS - fromS) / step <= TIME_MARK_COUNT_MAX
  const days = Math.ceil((toS - fromS) / DAY_S / TIME_MARK_COUNT_MAX)
  const stepS = TIME_STEPS_S.find(fits) ?? days * DAY_S
  const xMarks: number[] = []
  for (let at = Math.ceil(fromS / stepS) * stepS; at <= toS; at += stepS) xMarks.push((at - baseS) * 1e9)
  const xText = (ns: number) => {
    const unixS = Math.round(baseS + ns / 1e9)
    if (unixS % DAY_S === 0 && timeBaseUnixS !== null) return dayText(unixS / DAY_S)
    return clockText(unixS)
  }
  return { xLabel: 'time (UTC)', xMarks, xText }
}
