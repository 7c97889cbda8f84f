// The price ladder: asks above, bids below, the touch in the middle. Bars show the cumulative quantity from the touch
// outwards; rows where our quote rests are marked and say how many lots of it are open.
//
//   ours |   price |   size |  total ▐▐▐▐▐▐
//   -----+---------+--------+--------------   asks, worst at the top
//        |  187.31 |     12 |          47
//      3 |  187.29 |     35 |          35
//        last 187.28 ▲          spread 0.04
//      3 |  187.25 |     20 |          20
//        |  187.24 |      8 |          28

import type { BookView, InstrumentView, LevelView, PriceView, QuoteView } from '../../gateway/dashboard-protocol.ts'
import { count, price, priceDifference } from './format.ts'
import type { Palette } from './theme.ts'

const HEADER_HEIGHT = 24
const ROW_HEIGHT = 21
const MIDDLE_HEIGHT = 40
const PADDING = 12

export type LadderState = {
  instrument: InstrumentView
  book: BookView
  price: PriceView | undefined
  quote: QuoteView | undefined
  /** 1: the last trade was above the one before; -1: below. */
  direction: number
}

type Columns = { ours: number; price: number; size: number; total: number; left: number; right: number }

export function drawLadder(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  state: LadderState,
  palette: Palette,
): void {
  const columns = columnsFor(width)
  const rowCount = Math.max(1, Math.floor((height - HEADER_HEIGHT - MIDDLE_HEIGHT) / 2 / ROW_HEIGHT))
  const middleTop = HEADER_HEIGHT + rowCount * ROW_HEIGHT
  const asks = state.book.asks.slice(0, rowCount)
  const bids = state.book.bids.slice(0, rowCount)
  const deepest = Math.max(1, totalLots(asks), totalLots(bids))

  drawHeader(context, columns, palette)
  let total = 0
  asks.forEach((level, at) => {
    total += level[1]
    const top = middleTop - (at + 1) * ROW_HEIGHT
    drawLevel(
      context,
      columns,
      top,
      level,
      total,
      total / deepest,
      palette.ask,
      palette.askBar,
      oursAt(state, 'ask', level),
      state,
      palette,
    )
  })
  drawMiddle(context, columns, middleTop, state, palette)
  total = 0
  bids.forEach((level, at) => {
    total += level[1]
    const top = middleTop + MIDDLE_HEIGHT + at * ROW_HEIGHT
    drawLevel(
      context,
      columns,
      top,
      level,
      total,
      total / deepest,
      palette.bid,
      palette.bidBar,
      oursAt(state, 'bid', level),
      state,
      palette,
    )
  })
}

function columnsFor(width: number): Columns {
  const inner = width - 2 * PADDING
  return {
    left: PADDING,
    ours: PADDING + inner * 0.14,
    price: PADDING + inner * 0.44,
    size: PADDING + inner * 0.7,
    total: width - PADDING,
    right: width,
  }
}

function totalLots(levels: readonly LevelView[]): number {
  return levels.reduce((sum, level) => sum + level[1], 0)
}

function oursAt(state: LadderState, side: 'bid' | 'ask', level: LevelView): number {
  const { quote } = state
  if (quote === undefined) return 0
  const [ticks, lots] = side === 'bid' ? [quote.bidTicks, quote.bidLots] : [quote.askTicks, quote.askLots]
  return ticks === level[0] ? lots : 0
}

function drawHeader(context: CanvasRenderingContext2D, columns: Columns, palette: Palette): void {
  context.font = `11px ${palette.font}`
  context.fillStyle = palette.muted
  context.textBaseline = 'middle'
  context.textAlign = 'right'
  const y = HEADER_HEIGHT / 2
  context.fillText('Ours', columns.ours, y)
  context.fillText('Price', columns.price, y)
  context.fillText('Size', columns.size, y)
  context.fillText('Total', columns.total, y)
}

function drawLevel(
  context: CanvasRenderingContext2D,
  columns: Columns,
  top: number,
  level: LevelView,
  total: number,
  share: number,
  colour: string,
  barColour: string,
  oursLots: number,
  state: LadderState,
  palette: Palette,
): void {
  const y = top + ROW_HEIGHT / 2 + 0.5
  const barRoom = columns.right - columns.price - 4
  if (oursLots > 0) {
    context.fillStyle = palette.oursRow
    context.fillRect(0, top, columns.right, ROW_HEIGHT - 1)
  }
  context.fillStyle = barColour
  const barWidth = Math.round(barRoom * share)
  context.fillRect(columns.right - barWidth, top, barWidth, ROW_HEIGHT - 1)
  context.textAlign = 'right'
  context.font = `12.5px ${palette.font}`
  context.fillStyle = colour
  context.fillText(price(level[0], state.instrument), columns.price, y)
  context.fillStyle = palette.text
  context.fillText(count(level[1]), columns.size, y)
  context.fillStyle = palette.muted
  context.fillText(count(total), columns.total, y)
  if (oursLots > 0) {
    context.fillStyle = palette.ours
    context.fillRect(0, top, 3, ROW_HEIGHT - 1)
    context.font = `600 12.5px ${palette.font}`
    context.fillText(count(oursLots), columns.ours, y)
  }
}

function drawMiddle(
  context: CanvasRenderingContext2D,
  columns: Columns,
  top: number,
  state: LadderState,
  palette: Palette,
): void {
  const y = top + MIDDLE_HEIGHT / 2
  context.fillStyle = palette.line
  context.fillRect(0, top + 3, columns.right, 1)
  context.fillRect(0, top + MIDDLE_HEIGHT - 5, columns.right, 1)
  const last = state.price?.lastTicks ?? 0
  const colour = state.direction > 0 ? palette.bid : state.direction < 0 ? palette.ask : palette.text
  context.textAlign = 'right'
  context.font = `600 17px ${palette.font}`
  context.fillStyle = last === 0 ? palette.muted : colour
  context.fillText(price(last, state.instrument), columns.price, y)
  if (last !== 0 && state.direction !== 0) drawArrow(context, columns.price + 8, y, state.direction, colour)
  context.font = `12px ${palette.font}`
  context.fillStyle = palette.muted
  context.fillText(spreadText(state), columns.total, y)
}

function drawArrow(context: CanvasRenderingContext2D, x: number, y: number, direction: number, colour: string): void {
  context.fillStyle = colour
  context.beginPath()
  context.moveTo(x, y + 3.5 * direction)
  context.lineTo(x + 8, y + 3.5 * direction)
  context.lineTo(x + 4, y - 3.5 * direction)
  context.closePath()
  context.fill()
}

function spreadText(state: LadderState): string {
  const bid = state.book.bids[0]?.[0]
  const ask = state.book.asks[0]?.[0]
  if (bid === undefined || ask === undefined) return 'one-sided'
  return `spread ${priceDifference(ask - bid, state.instrument)}`
}
