// The report of drills as one page without a script: verdicts, figures, and a picture of what clients saw and when.

import { chart, escapeHtml } from '../../backtest/report/svg-chart.ts'
import { isOk, type Report } from '../cli/output.ts'
import { BUCKET_MS, type Timeline } from './timeline.ts'

export type DrillRun = {
  readonly name: string
  readonly summary: string
  readonly report: Report
  readonly timeline: Timeline
}

const STYLE = `:root{color-scheme:light dark}body{font:14px/1.45 system-ui,sans-serif;margin:24px auto;max-width:1000px;padding:0 16px}
h1{font-size:20px}h2{font-size:17px;margin-top:32px;border-bottom:1px solid #8885}figcaption{font-weight:600}
svg{width:100%;height:auto}.grid{stroke:#8883}.mark,.label{font-size:11px;fill:currentColor}table{border-collapse:collapse;margin:10px 0}
td,th{padding:2px 12px 2px 0;text-align:left;vertical-align:top}.failed{font-weight:700;color:#c33}`

/** More moments than this make no picture. */
const MOMENT_COUNT_MAX = 60

export function drillReport(title: string, runs: readonly DrillRun[]): string {
  const failed = runs.filter(({ report }) => !isOk(report)).length
  const verdict = failed === 0 ? `All ${runs.length} scenarios held.` : `${failed} of ${runs.length} scenarios FAILED.`
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style></head><body><h1>${escapeHtml(title)}</h1><p>${verdict}</p>`,
    ...runs.map(section),
    '</body></html>\n',
  ].join('\n')
}

/** The picture alone, as an SVG file that stands by itself. */
export function timelinePicture(title: string, timeline: Timeline): string {
  const svg = /<svg.*<\/svg>/s.exec(picture(title, timeline))?.[0] ?? '<svg>'
  const style = 'text{font:11px sans-serif;fill:#777}.grid{stroke:#8883}'
  return `${svg.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"').replace('>', `><style>${style}</style>`)}\n`
}

function picture(title: string, { answerCounts, moments }: Timeline): string {
  const seconds = answerCounts.map((_, bucket) => (bucket * BUCKET_MS) / 1_000)
  const rates = answerCounts.map((count) => (count * 1_000) / BUCKET_MS)
  const marks = moments.slice(0, MOMENT_COUNT_MAX).map(({ ms }) => ms / 1_000)
  return chart(
    [
      { name: 'answers a second', color: '#3b7dd8', x: seconds, y: rates, shape: 'step' },
      { name: 'something happened', color: '#d8573b', x: marks, y: marks.map(() => 0), shape: 'up' },
    ],
    { title, xLabel: 'seconds', yLabel: 'answers a second' },
  )
}

function section({ name, summary, report, timeline }: DrillRun): string {
  const shown = timeline.moments.slice(0, MOMENT_COUNT_MAX)
  const figures = report.results.map(({ metric, value, unit, p50, p99, max }) => {
    const text = p50 === undefined ? `${value} ${unit}` : `p50 ${p50}, p99 ${p99}, max ${max} ${unit}`
    return `<tr><td>${escapeHtml(metric)}</td><td>${escapeHtml(text)}</td></tr>`
  })
  const checks = report.checks.map(({ name: check, ok, value }) => {
    const verdict = ok ? 'ok' : '<span class="failed">FAILED</span>'
    return `<tr><td>${verdict}</td><td>${escapeHtml(check)}</td><td>${escapeHtml(String(value))}</td></tr>`
  })
  const rows = shown.map(({ ms, text }) => `<tr><td>${(ms / 1_000).toFixed(3)} s</td><td>${escapeHtml(text)}</td></tr>`)
  return [
    `<section><h2>${escapeHtml(name)}</h2><p>${escapeHtml(summary)}.</p>${picture(`What clients saw: ${name}`, timeline)}`,
    `<table>${figures.join('')}</table><table>${checks.join('')}</table>`,
    `<details><summary>What happened when</summary><table>${rows.join('')}</table></details></section>`,
  ].join('\n')
}
