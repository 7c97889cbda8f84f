// The report of a benchmark as one page without a script: figures, percentile plots, machine, and what is left out.

import { chart, escapeHtml } from '../backtest/report/svg-chart.ts'
import type { BenchReport, Curve } from './bench-report.ts'
import { type Machine, machineLine } from './machine.ts'

const STYLE = `:root{color-scheme:light dark}body{font:14px/1.45 system-ui,sans-serif;margin:24px auto;max-width:1000px;padding:0 16px}
h1{font-size:20px}h2{font-size:17px;margin-top:32px;border-bottom:1px solid #8885}figcaption{font-weight:600}
svg{width:100%;height:auto}.grid{stroke:#8883}.mark,.label{font-size:11px;fill:currentColor}table{border-collapse:collapse;margin:10px 0}
td,th{padding:2px 12px 2px 0;text-align:left;vertical-align:top}.number{text-align:right}.failed{font-weight:700;color:#c33}`
const COLORS = ['#3b7dd8', '#d8573b', '#3ba55d', '#9b59d0', '#c9a227', '#2aa7b8']

export function benchPage(title: string, report: BenchReport, machine: Machine): string {
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style></head><body><h1>${escapeHtml(title)}</h1><p>${escapeHtml(machineLine(machine))}</p>`,
    checkTable(report),
    ...plots(report.curves ?? []),
    figureTable(report),
    `<h2>What is left out</h2><ul>${report.leavesOut.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul>`,
    '</body></html>\n',
  ].join('\n')
}

function checkTable({ checks }: BenchReport): string {
  const rows = checks.map(({ name, ok, value, limit }) => {
    const verdict = ok ? 'ok' : '<span class="failed">missed</span>'
    return row(verdict, escapeHtml(name), escapeHtml(String(value)), escapeHtml(String(limit ?? '')))
  })
  return `<h2>Targets</h2><table>${row('', 'what', 'measured', 'target')}${rows.join('')}</table>`
}

/** Curves of one unit share a plot; its horizontal axis gives each further nine the same room. */
function plots(curves: readonly Curve[]): string[] {
  const units = [...new Set(curves.map(({ unit }) => unit))]
  return units.map((unit) => {
    const series = curves
      .filter((curve) => curve.unit === unit)
      .map(({ name, percentiles, values }, index) => ({
        ...{ name, color: COLORS[index % COLORS.length]!, x: percentiles.map(ninesOf), y: values.map(log10) },
      }))
    return chart(series, {
      ...{ title: `Latency at each percentile, ${unit}`, xLabel: 'percentile', yLabel: `${unit}, powers of ten` },
      xText: (x) => `${Number((100 * (1 - 10 ** -x)).toPrecision(6))}`,
    })
  })
}

/** 90 % is 1, 99 % is 2, 99.9 % is 3; the greatest value of all stands at 5. */
function ninesOf(percentile: number): number {
  return percentile >= 100 ? 5 : -log10(1 - percentile / 100)
}

function log10(value: number): number {
  return Math.log10(Math.max(value, 1e-6))
}

function figureTable({ results }: BenchReport): string {
  const rows = results.map(({ name, metric, value, unit, p50, p99, p999, max, spread, against, ratio }) => {
    const figures = [value, p50, p99, p999, max].map((figure) => `<td class="number">${figure ?? ''}</td>`).join('')
    const compared = ratio === undefined ? '' : `${ratio} x ${escapeHtml(against ?? '')}`
    const words = [escapeHtml(name), escapeHtml(metric)].map((text) => `<td>${text}</td>`).join('')
    return `<tr>${words}${figures}<td>${escapeHtml(unit)}</td><td>${spread ?? ''}</td><td>${compared}</td></tr>`
  })
  const head = row('what', 'metric', 'value', 'p50', 'p99', 'p99.9', 'max', 'unit', 'spread', 'against')
  return `<h2>Figures</h2><table>${head}${rows.join('')}</table>`
}

function row(...cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
}
