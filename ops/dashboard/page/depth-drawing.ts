// The depth of the book: how many lots one could sell (left) or buy (right) down to each price, as two staircases.

import type { BookView, InstrumentView, LevelView, QuoteView } from '../../gateway/dashboard-protocol.ts'
import { count, price } from './format.ts'
import type { Palette } from './theme.ts'

const MARGIN = { top: 14, right: 68, bottom: 28, left: 14 }
const GRID_LINES = 4

export function drawDepth(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  book: BookView,
  quote: QuoteView | undefined,
  instrument: InstrumentView,
  palette: Palette,
): void {
  const bid = book.bids[0]?.[0] ?? book.asks[0]?.[0]
  const ask = book.asks[0]?.[0] ?? bid
  if (bid === undefined || ask === undefined) return
  const mid = (bid + ask) / 2
  const reach = Math.max(2, ...[...book.bids, ...book.asks].map(([ticks]) => Math.abs(ticks - mid)))
  const deepest = Math.max(1, total(book.bids), total(book.asks))
  const plotWidth = width - MARGIN.left - MARGIN.right
  const plotHeight = height - MARGIN.top - MARGIN.bottom
  const x = (ticks: number) => MARGIN.left + ((ticks - mid + reach) / (2 * reach)) * plotWidth
  const y = (lots: number) => MARGIN.top + (1 - lots / deepest) * plotHeight

  drawGrid(context, width, height, deepest, y, palette)
  drawPrices(context, height, [mid - reach / 2, mid, mid + reach / 2], x, instrument, palette)
  drawStairs(context, book.bids, x, y, MARGIN.left, palette.bid, palette.bidBar)
  drawStairs(context, book.asks, x, y, width - MARGIN.right, palette.ask, palette.askBar)
  if (quote !== undefined && quote.bidLots > 0) drawMark(context, x(quote.bidTicks), height, palette.ours)
  if (quote !== undefined && quote.askLots > 0) drawMark(context, x(quote.askTicks), height, palette.ours)
}

function total(levels: readonly LevelView[]): number {
  return levels.reduce((sum, level) => sum + level[1], 0)
}

function drawGrid(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  deepest: number,
  y: (lots: number) => number,
  palette: Palette,
): void {
  context.font = `11px ${palette.font}`
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  for (let line = 0; line <= GRID_LINES; line++) {
    const lots = Math.round((deepest * line) / GRID_LINES)
    const at = Math.min(Math.round(y(lots)), height - MARGIN.bottom)
    context.fillStyle = palette.line
    context.fillRect(MARGIN.left, at, width - MARGIN.left - MARGIN.right, 1)
    context.fillStyle = palette.muted
    context.fillText(count(lots), width - MARGIN.right + 10, at)
  }
}

function drawPrices(
  context: CanvasRenderingContext2D,
  height: number,
  ticks: readonly number[],
  x: (ticks: number) => number,
  instrument: InstrumentView,
  palette: Palette,
): void {
  context.fillStyle = palette.muted
  context.textAlign = 'center'
  for (const at of ticks) {
    const whole = Math.round(at)
    if (whole > 0) context.fillText(price(whole, instrument), x(whole), height - MARGIN.bottom / 2)
  }
}

/** From the touch outwards to the edge of the plot. */
function drawStairs(
  context: CanvasRenderingContext2D,
  levels: readonly LevelView[],
  x: (ticks: number) => number,
  y: (lots: number) => number,
  edge: number,
  colour: string,
  fill: string,
): void {
  const [touch] = levels
  if (touch === undefined) return
  const line = new Path2D()
  let lots = 0
  line.moveTo(x(touch[0]), y(0))
  for (const [ticks, quantity] of levels) {
    line.lineTo(x(ticks), y(lots))
    lots += quantity
    line.lineTo(x(ticks), y(lots))
  }
  line.lineTo(edge, y(lots))
  context.strokeStyle = colour
  context.lineWidth = 1.5
  context.stroke(line)
  const area = new Path2D(line)
  area.lineTo(edge, y(0))
  area.closePath()
  context.fillStyle = fill
  context.fill(area)
}

function drawMark(context: CanvasRenderingContext2D, x: number, height: number, colour: string): void {
  context.save()
  context.strokeStyle = colour
  context.lineWidth = 1.25
  context.setLineDash([4, 3])
  context.beginPath()
  context.moveTo(x, MARGIN.top)
  context.lineTo(x, height - MARGIN.bottom)
  context.stroke()
  context.restore()
}
