// What a sweep leaves in its folder beside sweep.jsonl: sweep.csv, ranked, and report.html with the ranking and, for each
// pair of parameters, a heat map.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { heatMap } from '../report/heat-map.ts'
import { runReport, table } from '../report/run-report.ts'
import { short } from '../report/svg-chart.ts'
import type { BacktestSettings } from './run-settings.ts'
import type { SweepFigures, SweepOutcome } from './sweep.ts'

export type SweepMetric = keyof SweepFigures

/** What the figure is better at: a larger or a smaller value. */
const IS_SMALLER_BETTER: Partial<Readonly<Record<SweepMetric, boolean>>> = { maxDrawdown: true, fees: true }

const METRICS = ['netProfit', 'grossProfit', 'fees', 'fills', 'turnover', 'maxDrawdown', 'sharpePerDay'] as const
/** Heat maps of the page; more parameters have more pairs. */
const HEAT_MAP_COUNT_MAX = 10

export function ranked(outcomes: readonly SweepOutcome[], metric: SweepMetric): SweepOutcome[] {
  const sign = IS_SMALLER_BETTER[metric] === true ? 1 : -1
  return outcomes.toSorted((a, b) => sign * (a.figures[metric] - b.figures[metric]))
}

export function writeSweep(
  folder: string,
  settings: BacktestSettings,
  ranking: readonly SweepOutcome[],
  metric: SweepMetric,
): void {
  const names = Object.keys(ranking[0]?.parameters ?? {})
  const rows = ranking.map(({ parameters, figures }, at) => [
    at + 1,
    ...names.map((name) => parameters[name]!),
    ...METRICS.map((name) => figures[name]),
  ])
  const columns = ['rank', ...names, ...METRICS]
  writeFileSync(join(folder, 'sweep.csv'), `${[columns, ...rows].map((row) => row.join(',')).join('\n')}\n`)
  const pairs = names.flatMap((y, at) => names.slice(at + 1).map((x) => ({ x, y })))
  const maps = pairs.slice(0, HEAT_MAP_COUNT_MAX).map(({ x, y }) =>
    heatMap(
      `${metric} over ${y} and ${x}`,
      x,
      y,
      ranking.map(({ parameters, figures }) => ({ x: parameters[x]!, y: parameters[y]!, value: figures[metric] })),
    ),
  )
  const list = table(
    columns,
    rows.map((row) => row.map((value) => short(value))),
  )
  const page = runReport({
    title: `Sweep of ${settings.strategy ?? ''}`,
    settings: [
      ['strategy', settings.strategy ?? ''],
      ['mode', settings.mode ?? 'replay'],
      ['runs', String(ranking.length)],
      ['ranked by', metric],
    ],
    runs: [],
    sections: [...maps, '<h3>Ranking</h3>', list],
  })
  writeFileSync(join(folder, 'report.html'), page)
}
