// A table of coloured cells: one figure over two parameters. Where several runs share a cell, their best one shows.

import { escapeHtml, short } from './svg-chart.ts'

export type HeatCell = { readonly x: number; readonly y: number; readonly value: number }

export function heatMap(title: string, xName: string, yName: string, cells: readonly HeatCell[]): string {
  const xs = distinct(cells.map(({ x }) => x))
  const ys = distinct(cells.map(({ y }) => y))
  const best = new Map<string, number>()
  for (const { x, y, value } of cells) {
    const key = `${x} ${y}`
    best.set(key, Math.max(best.get(key) ?? Number.NEGATIVE_INFINITY, value))
  }
  const values = [...best.values()]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const cell = (x: number, y: number) => {
    const value = best.get(`${x} ${y}`)
    if (value === undefined) return '<td></td>'
    const share = high > low ? (value - low) / (high - low) : 0.5
    // From red over yellow to green.
    return `<td style="background:hsl(${Math.round(share * 120)} 60% 45% / 0.55)">${short(value)}</td>`
  }
  const head = `<tr><th>${escapeHtml(yName)} \\ ${escapeHtml(xName)}</th>${xs.map((x) => `<th>${short(x)}</th>`).join('')}</tr>`
  const rows = ys.map((y) => `<tr><th>${short(y)}</th>${xs.map((x) => cell(x, y)).join('')}</tr>`)
  return `<h3>${escapeHtml(title)}</h3><table>${head}${rows.join('\n')}</table>`
}

function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].toSorted((a, b) => a - b)
}
