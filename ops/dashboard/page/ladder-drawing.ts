// The price ladder: asks above, bids below, the touch in the middle. Bars show the cumulative quantity from the touch
// outwards; rows where our quote rests are marked and say how many lots of it are open and how many trade before it.
//
//   ours  ahead |   price |   size |  total ▐▐▐▐▐▐
//   ------------+---------+--------+--------------   asks, worst at the top
//               |  187.31 |     12 |          47
//      3     20 |  187.29 |     35 |          35
//               last 187.28 ▲          spread 0.04
//      3      4 |  187.25 |     20 |          20
//               |  187.24 |      8 |          28

import type { BookView, InstrumentView, LevelView, PriceView, QuoteView } from '../../gateway/dashboard-protocol.ts'
import { count, price, priceDifference } from './format.ts'
import type { Palette } from './theme.ts'

const HEADER_HEIGHT = 24
const ROW_HEIGHT_MIN = 20
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

/** What every part of the drawing needs. Rows share the height evenly, so that the panel is filled whatever its size. */
type Sheet = {
  context: CanvasRenderingContext2D
  palette: Palette
  instrument: InstrumentView
  rowCount: number
  rowHeight: number
  middleTop: number
  /** Right edges of the columns. */
  columns: { ours: number; ahead: number; price: number; size: number; total: number }
  width: number
}

type SideStyle = {
  colour: string
  barColour: string
  oursTicks: number
  oursLots: number
  /** Queue position; undefined: not known. */
  aheadLots: number | undefined
}

export function drawLadder(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  state: LadderState,
  palette: Palette,
): void {
  const sheet = sheetFor(context, width, height, state.instrument, palette)
  const asks = state.book.asks.slice(0, sheet.rowCount)
  const bids = state.book.bids.slice(0, sheet.rowCount)
  const deepest = Math.max(1, totalLots(asks), totalLots(bids))
  const { quote } = state
  drawHeader(sheet)
  drawSide(sheet, asks, deepest, (at) => sheet.middleTop - (at + 1) * sheet.rowHeight, {
    colour: palette.ask,
    barColour: palette.askBar,
    oursTicks: quote?.askTicks ?? 0,
    oursLots: quote?.askLots ?? 0,
    aheadLots: quote?.askAheadLots,
  })
  drawMiddle(sheet, state)
  drawSide(sheet, bids, deepest, (at) => sheet.middleTop + MIDDLE_HEIGHT + at * sheet.rowHeight, {
    colour: palette.bid,
    barColour: palette.bidBar,
    oursTicks: quote?.bidTicks ?? 0,
    oursLots: quote?.bidLots ?? 0,
    aheadLots: quote?.bidAheadLots,
  })
}

function sheetFor(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  instrument: InstrumentView,
  palette: Palette,
): Sheet {
  const room = (height - HEADER_HEIGHT - MIDDLE_HEIGHT) / 2
  const rowCount = Math.max(1, Math.floor(room / ROW_HEIGHT_MIN))
  const rowHeight = Math.max(ROW_HEIGHT_MIN, room / rowCount)
  const inner = width - 2 * PADDING
  return {
    context,
    palette,
    instrument,
    rowCount,
    rowHeight,
    middleTop: HEADER_HEIGHT + rowCount * rowHeight,
    columns: {
      ours: PADDING + inner * 0.11,
      ahead: PADDING + inner * 0.26,
      price: PADDING + inner * 0.49,
      size: PADDING + inner * 0.7,
      total: width - PADDING,
    },
    width,
  }
}

function totalLots(levels: readonly LevelView[]): number {
  return levels.reduce((sum, level) => sum + level[1], 0)
}

function drawHeader({ context, columns, palette }: Sheet): void {
  context.font = `11px ${palette.font}`
  context.fillStyle = palette.muted
  context.textBaseline = 'middle'
  context.textAlign = 'right'
  const y = HEADER_HEIGHT / 2
  context.fillText('Ours', columns.ours, y)
  context.fillText('Ahead', columns.ahead, y)
  context.fillText('Price', columns.price, y)
  context.fillText('Size', columns.size, y)
  context.fillText('Total', columns.total, y)
}

function drawSide(
  sheet: Sheet,
  levels: readonly LevelView[],
  deepest: number,
  topOf: (at: number) => number,
  style: SideStyle,
): void {
  let total = 0
  levels.forEach((level, at) => {
    total += level[1]
    const top = Math.round(topOf(at))
    const bottom = Math.round(topOf(at) + sheet.rowHeight) - 1
    drawLevel(sheet, top, bottom - top, level, total, total / deepest, style)
  })
}

function drawLevel(
  { context, columns, palette, instrument, width }: Sheet,
  top: number,
  height: number,
  [ticks, lots]: LevelView,
  total: number,
  share: number,
  style: SideStyle,
): void {
  const y = top + height / 2 + 1
  const oursLots = ticks === style.oursTicks ? style.oursLots : 0
  if (oursLots > 0) {
    context.fillStyle = palette.oursRow
    context.fillRect(0, top, width, height)
  }
  const barWidth = Math.round((width - columns.price - 4) * share)
  context.fillStyle = style.barColour
  context.fillRect(width - barWidth, top, barWidth, height)
  context.font = `12.5px ${palette.font}`
  context.fillStyle = style.colour
  context.fillText(price(ticks, instrument), columns.price, y)
  context.fillStyle = palette.text
  context.fillText(count(lots), columns.size, y)
  context.fillStyle = palette.muted
  context.fillText(count(total), columns.total, y)
  if (oursLots > 0) {
    context.fillStyle = palette.ours
    context.fillRect(0, top, 3, height)
    context.font = `600 12.5px ${palette.font}`
    context.fillText(count(oursLots), columns.ours, y)
    context.font = `12.5px ${palette.font}`
    if (style.aheadLots !== undefined) context.fillText(count(style.aheadLots), columns.ahead, y)
  }
}

function drawMiddle(sheet: Sheet, state: LadderState): void {
  const { context, columns, palette, middleTop, width } = sheet
  const y = middleTop + MIDDLE_HEIGHT / 2
  context.fillStyle = palette.line
  context.fillRect(0, Math.round(middleTop) + 3, width, 1)
  context.fillRect(0, Math.round(middleTop) + MIDDLE_HEIGHT - 5, width, 1)
  const last = state.price?.lastTicks ?? 0
  const colour = state.direction > 0 ? palette.bid : state.direction < 0 ? palette.ask : palette.text
  context.font = `600 17px ${palette.font}`
  context.fillStyle = last === 0 ? palette.muted : colour
  context.fillText(price(last, state.instrument), columns.price, y)
  if (last !== 0 && state.direction !== 0) drawArrow(context, columns.price + 8, y - 1, state.direction, colour)
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
  if (bid === undefined && ask === undefined) return 'no orders'
  if (bid === undefined || ask === undefined) return 'one-sided'
  return `spread ${priceDifference(ask - bid, state.instrument)}`
}
