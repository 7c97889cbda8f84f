// The same backtest under every queue model: how much of its result is the model's.

import { QUEUE_MODEL_NAMES } from '../replay/queue-model.ts'
import { table } from '../report/run-report.ts'
import { short } from '../report/svg-chart.ts'
import { runBacktest } from './run-backtest.ts'
import { totalsOf } from './run-results.ts'
import type { BacktestSettings } from './run-settings.ts'

export type QueueBandLine = { readonly queueModel: string } & ReturnType<typeof totalsOf>

export async function queueBand(feeds: readonly string[], settings: BacktestSettings): Promise<QueueBandLine[]> {
  const lines: QueueBandLine[] = []
  for (const queueModel of QUEUE_MODEL_NAMES) {
    const symbols = Object.fromEntries(
      Object.entries(settings.symbols).map(([symbol, own]) => [symbol, { ...own, queueModel }]),
    )
    const runs = await runBacktest({ feeds, settings: { ...settings, queueModel, symbols } })
    lines.push({ queueModel, ...totalsOf(runs) })
  }
  return lines
}

/** The band as a section of the page. */
export function queueBandSection(lines: readonly QueueBandLine[]): string {
  const rows = lines.map(({ queueModel, netProfit, grossProfit, fees, fills, turnover }) => [
    queueModel,
    ...[netProfit, grossProfit, fees, fills, turnover].map((value) => short(value)),
  ])
  const columns = ['queue model', 'net profit', 'gross profit', 'fees', 'fills', 'turnover']
  return `<h2>The same under every queue model</h2>${table(columns, rows)}`
}
