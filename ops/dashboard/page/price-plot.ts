// How the charts over time are drawn: uPlot's options, and what it has no words for: our fills and the last price.

import uPlot from 'uplot'
import type { FillView } from '../../gateway/dashboard-protocol.ts'
import { time } from './format.ts'
import { colours } from './theme.ts'

export type PlotSource = {
  /** Ticks as a price, for the axis. */
  label(ticks: number): string
  lastTicks(): number
  fills(): readonly FillView[]
  /** The column under the pointer; null: none. */
  onPoint(at: number | null): void
}

export function pricePlot(width: number, height: number, source: PlotSource): uPlot.Options {
  const palette = colours()
  return {
    ...plotFrame(width, height, (ticks) => source.label(ticks)),
    scales: { x: { time: true }, y: { range: priceRange } },
    bands: [{ series: [2, 1], fill: palette.bidBar }],
    series: [{}, stairs(palette.bid), stairs(palette.ask), stairs(palette.ours, [4, 3]), stairs(palette.ours, [4, 3])],
    hooks: {
      draw: [(plot) => drawFills(plot, source.fills()), (plot) => drawLast(plot, source)],
      setCursor: [(plot) => source.onPoint(pointedColumn(plot))],
    },
  }
}

/** Profit and loss: all symbols together, and the chosen one. */
export function profitPlot(
  width: number,
  height: number,
  label: (money: number) => string,
  onPoint: PlotSource['onPoint'],
): uPlot.Options {
  const palette = colours()
  return {
    ...plotFrame(width, height, label),
    scales: { x: { time: true }, y: { range: moneyRange } },
    series: [{}, stairs(palette.text), stairs(palette.ours)],
    hooks: { setCursor: [(plot) => onPoint(pointedColumn(plot))] },
  }
}

/** What both plots share: axes, the pointer, no legend of uPlot's own. */
function plotFrame(
  width: number,
  height: number,
  label: (value: number) => string,
): Pick<uPlot.Options, 'width' | 'height' | 'legend' | 'cursor' | 'axes'> {
  const palette = colours()
  const axis = {
    stroke: palette.muted,
    font: `11px ${palette.font}`,
    grid: { stroke: palette.line, width: 1 },
    ticks: { show: false },
  }
  return {
    width,
    height,
    legend: { show: false },
    cursor: { points: { show: false }, drag: { x: false, y: false } },
    axes: [
      { ...axis, values: (_plot, splits) => splits.map((split) => time(split * 1000)), space: 90, size: 28 },
      {
        ...axis,
        side: 1,
        size: 68,
        space: 36,
        incrs: [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6, 1e7],
        values: (_plot, splits) => splits.map((value) => label(value)),
      },
    ],
  }
}

function stairs(stroke: string, dash?: number[]): uPlot.Series {
  return {
    stroke,
    width: 1.25,
    ...(dash === undefined ? {} : { dash }),
    paths: uPlot.paths.stepped!({ align: 1 }),
    points: { show: false },
  }
}

function pointedColumn(plot: uPlot): number | null {
  return (plot.cursor.left ?? -1) < 0 ? null : (plot.cursor.idx ?? null)
}

function moneyRange(_plot: uPlot, low: number | null, high: number | null): uPlot.Range.MinMax {
  if (low === null || high === null) return [-1, 1]
  const margin = Math.max(1, (high - low) * 0.12)
  return [low - margin, high + margin]
}

function priceRange(_plot: uPlot, low: number | null, high: number | null): uPlot.Range.MinMax {
  if (low === null || high === null) return [0, 1]
  const margin = Math.max(2, (high - low) * 0.12)
  return [low - margin, high + margin]
}

function drawFills(plot: uPlot, fills: readonly FillView[]): void {
  const palette = colours()
  const { min, max } = plot.scales['x']!
  for (const fill of fills) {
    const atS = fill.timeMs / 1000
    if (atS < min! || atS > max!) continue
    drawMarker(plot, fill, fill.side === 'buy' ? palette.bid : palette.ask, palette.panel)
  }
}

/** A triangle that points up where we bought and down where we sold. */
function drawMarker(plot: uPlot, fill: FillView, colour: string, edge: string): void {
  const ratio = window.devicePixelRatio
  const x = plot.valToPos(fill.timeMs / 1000, 'x', true)
  const y = plot.valToPos(fill.priceTicks, 'y', true)
  const size = 4.5 * ratio * (fill.side === 'buy' ? 1 : -1)
  const { ctx } = plot
  ctx.save()
  ctx.beginPath()
  ctx.moveTo(x, y - size)
  ctx.lineTo(x + size, y + size)
  ctx.lineTo(x - size, y + size)
  ctx.closePath()
  ctx.fillStyle = colour
  ctx.strokeStyle = edge
  ctx.lineWidth = ratio
  ctx.fill()
  ctx.stroke()
  ctx.restore()
}

/** The last price as a tag on the axis. */
function drawLast(plot: uPlot, source: PlotSource): void {
  const ticks = source.lastTicks()
  const { min, max } = plot.scales['y']!
  if (ticks === 0 || ticks < min! || ticks > max!) return
  const palette = colours()
  const ratio = window.devicePixelRatio
  const { ctx, bbox } = plot
  const y = Math.round(plot.valToPos(ticks, 'y', true))
  const left = bbox.left + bbox.width
  const height = 17 * ratio
  ctx.save()
  ctx.fillStyle = palette.text
  ctx.fillRect(left, y, 5 * ratio, ratio)
  ctx.fillRect(left + 5 * ratio, y - height / 2, 58 * ratio, height)
  ctx.fillStyle = palette.panel
  ctx.font = `600 ${11 * ratio}px ${palette.font}`
  ctx.textAlign = 'left'
  ctx.textBaseline = 'middle'
  ctx.fillText(source.label(ticks), left + 10 * ratio, y + ratio)
  ctx.restore()
}
