// The report of drills as one page without a script: verdicts, figures, and a picture of what clients saw and when.

import { chart, escapeHtml } from '../../backtest/report/svg-chart.ts'
import { isOk, type Report, type Result } from '../cli/output.ts'
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

/** A picture of more than this shows nothing: of longer runs it shows the beginning. */
const PICTURE_MS_MAX = 30_000

/** What the figures are, for people. */
const METRICS: Readonly<Record<string, string>> = {
  sent: 'commands sent',
  acknowledged: 'commands answered',
  sentAgain: 'sent again, because no answer had come',
  quotesWithoutAuthorityRefused: 'quotes without authority, refused',
  reportsNoLongerKept: 'reports that the engine no longer kept',
  unavailability: 'unavailable: without answers because of the harm',
  longestSilence: 'longest time between two answers',
  wholeAgain: 'from the harm until the cluster was whole again',
}

export function drillReport(title: string, runs: readonly DrillRun[]): string {
  const held = runs.filter(({ report }) => isOk(report)).length
  const verdict = `${held} of ${runs.length} held.`
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style></head><body><h1>${escapeHtml(title)}</h1><p>${verdict}</p>`,
    overview(runs),
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

function picture(title: string, { answerCounts, moments }: Pick<Timeline, 'answerCounts' | 'moments'>): string {
  const seconds = answerCounts.map((_, bucket) => (bucket * BUCKET_MS) / 1_000)
  const rates = answerCounts.map((count) => (count * 1_000) / BUCKET_MS)
  const marks = moments.map(({ ms }) => ms / 1_000)
  return chart(
    [
      { name: 'answers a second', color: '#3b7dd8', x: seconds, y: rates, shape: 'step' },
      { name: 'something happened', color: '#d8573b', x: marks, y: marks.map(() => 0), shape: 'up' },
    ],
    { title, xLabel: 'seconds', yLabel: 'answers a second' },
  )
}

/** A line for each scenario. */
function overview(runs: readonly DrillRun[]): string {
  const rows = runs.map(({ name, report }) => {
    const text = (metric: string) => {
      const result = report.results.find((one) => one.metric === metric)
      return `<td>${result === undefined ? '' : escapeHtml(figure(result))}</td>`
    }
    const figures = ['rounds', 'unavailability', 'wholeAgain', 'sentAgain'].map(text).join('')
    return `<tr><td>${verdictOf(isOk(report))}</td><td><a href="#${escapeHtml(name)}">${escapeHtml(name)}</a></td>${figures}</tr>`
  })
  const head = ['', 'scenario', '', 'unavailable', 'whole again', 'sent again'].map((word) => `<th>${word}</th>`)
  return `<table><tr>${head.join('')}</tr>${rows.join('')}</table>`
}

function verdictOf(ok: boolean): string {
  return ok ? 'ok' : '<span class="failed">FAILED</span>'
}

function figure({ value, unit, p50, p99, max }: Result): string {
  const count = unit === 'rounds' && value === 1 ? '1 round' : `${value} ${unit}`
  return p50 === undefined ? count : `p50 ${p50}, p99 ${p99}, max ${max} ${unit}`
}

/** What a picture can show of it. */
function beginningOf({ answerCounts, moments }: Timeline): Pick<Timeline, 'answerCounts' | 'moments'> {
  return {
    answerCounts: answerCounts.slice(0, PICTURE_MS_MAX / BUCKET_MS),
    moments: moments.filter(({ ms }) => ms < PICTURE_MS_MAX),
  }
}

function section({ name, summary, report, timeline }: DrillRun): string {
  const shown = beginningOf(timeline)
  const totalMs = timeline.answerCounts.length * BUCKET_MS
  const part =
    totalMs > PICTURE_MS_MAX ? `, the first ${PICTURE_MS_MAX / 1_000} of ${Math.round(totalMs / 1_000)} s` : ''
  const figures = report.results.map(
    (result) =>
      `<tr><td>${escapeHtml(METRICS[result.metric] ?? result.metric)}</td><td>${escapeHtml(figure(result))}</td></tr>`,
  )
  const checks = report.checks.map(({ name: check, ok, value, limit }) => {
    const bound = limit === null ? '' : `limit ${limit}`
    const cells = [check.replace(`${name}: `, ''), String(value), bound].map((text) => `<td>${escapeHtml(text)}</td>`)
    return `<tr><td>${verdictOf(ok)}</td>${cells.join('')}</tr>`
  })
  const rows = shown.moments.map(
    ({ ms, text }) => `<tr><td>${(ms / 1_000).toFixed(3)} s</td><td>${escapeHtml(text)}</td></tr>`,
  )
  return [
    `<section id="${escapeHtml(name)}"><h2>${escapeHtml(name)}</h2><p>${escapeHtml(summary)}.</p>`,
    picture(`What clients saw: ${name}${part}`, shown),
    `<table>${figures.join('')}</table><table>${checks.join('')}</table>`,
    `<details><summary>What happened when</summary><table>${rows.join('')}</table></details></section>`,
  ].join('\n')
}
