// Liquidity over time: how much rests at each price, bright where it is much; trades as bubbles, our quotes as lines.
//
// The map itself is one pixel per column and tick, made by hand and then stretched: filling a rectangle per level would
// take longer than a frame. There are no more columns than pixels across, and a bubble stands for all that one side took
// within BUBBLE_SPACE, at its mean price.

import type { InstrumentView } from '../../gateway/dashboard-protocol.ts'
import { type BookColumn, COLUMN_MS, type Taken } from './book-history.ts'
import { price, time } from './format.ts'
import type { Palette } from './theme.ts'

const MARGIN = { top: 8, right: 68, bottom: 28, left: 12 }
const ROW_COUNT_MIN = 16
const ROW_COUNT_MAX = 160
const LABEL_SPACE = 34
const BUBBLE_MAX = 10
const BUBBLE_SPACE = 12

type Frame = {
  readonly context: CanvasRenderingContext2D
  readonly palette: Palette
  readonly instrument: InstrumentView
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly fromMs: number
  readonly spanMs: number
  readonly lowTicks: number
  readonly rowCount: number
}

const scratch = document.createElement('canvas')

export function drawHeat(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  past: readonly BookColumn[],
  windowMs: number,
  nowMs: number,
  instrument: InstrumentView,
  palette: Palette,
): void {
  const inWindow = past.filter(({ timeMs }) => timeMs >= nowMs - windowMs)
  const first = inWindow[0]
  if (first === undefined) return
  const spanMs = Math.min(windowMs, Math.max(10_000, nowMs - first.timeMs))
  const plotWidth = width - MARGIN.left - MARGIN.right
  const columns = thinned(inWindow, Math.max(COLUMN_MS, spanMs / plotWidth))
  const { lowTicks, rowCount } = priceRows(columns)
  const frame: Frame = {
    ...{ context, palette, instrument, left: MARGIN.left, top: MARGIN.top, lowTicks, rowCount },
    width: plotWidth,
    height: height - MARGIN.top - MARGIN.bottom,
    fromMs: nowMs - spanMs,
    spanMs,
  }
  drawMap(frame, columns)
  context.save()
  context.beginPath()
  context.rect(frame.left, frame.top, frame.width, frame.height)
  context.clip()
  drawLine(frame, columns, ({ bidTicks }) => bidTicks, palette.bid, [])
  drawLine(frame, columns, ({ askTicks }) => askTicks, palette.ask, [])
  drawLine(frame, columns, ({ ourBidTicks }) => ourBidTicks, palette.ours, [4, 3])
  drawLine(frame, columns, ({ ourAskTicks }) => ourAskTicks, palette.ours, [4, 3])
  drawBubbles(frame, inWindow)
  context.restore()
  drawAxes(frame)
}

/** The first column of each span; which ones those are does not change as time goes on. */
function thinned(columns: readonly BookColumn[], spanMs: number): BookColumn[] {
  let span = Number.NEGATIVE_INFINITY
  return columns.filter(({ timeMs }) => {
    const before = span
    span = Math.floor(timeMs / spanMs)
    return span > before
  })
}

/** The prices that the touch went through, with room on both sides. */
function priceRows(columns: readonly BookColumn[]): { lowTicks: number; rowCount: number } {
  let low = Number.POSITIVE_INFINITY
  let high = 0
  for (const { bidTicks, askTicks } of columns) {
    if (bidTicks > 0) low = Math.min(low, bidTicks)
    if (askTicks > 0) high = Math.max(high, askTicks)
  }
  if (low > high) return { lowTicks: Math.max(1, (high || low || 1) - ROW_COUNT_MIN / 2), rowCount: ROW_COUNT_MIN }
  const margin = Math.max(6, Math.round((high - low) * 0.25))
  const rowCount = Math.min(ROW_COUNT_MAX, Math.max(ROW_COUNT_MIN, high - low + 2 * margin))
  return { lowTicks: Math.round((low + high) / 2 - rowCount / 2), rowCount }
}

function drawMap(frame: Frame, columns: readonly BookColumn[]): void {
  const { context, rowCount, lowTicks, fromMs, spanMs } = frame
  const columnCount = Math.ceil(spanMs / COLUMN_MS)
  const image = new ImageData(columnCount, rowCount)
  const pixels = new Uint32Array(image.data.buffer)
  const scale = brightest(columns)
  const shades = shadesOf(frame.palette)
  let painted = 0
  columns.forEach((column, index) => {
    const from = Math.max(painted, Math.floor((column.timeMs - fromMs) / COLUMN_MS))
    // A column stands until the next one; a pause of the page leaves no hole.
    const nextMs = columns[index + 1]?.timeMs ?? fromMs + spanMs
    const to = Math.min(columnCount, Math.max(from + 1, Math.floor((nextMs - fromMs) / COLUMN_MS)))
    painted = to
    const { levels } = column
    for (let at = 0; at < levels.length; at += 2) {
      const row = rowCount - 1 - (levels[at]! - lowTicks)
      if (row < 0 || row >= rowCount) continue
      const shade = shades[Math.min(255, Math.round(Math.sqrt(levels[at + 1]! / scale) * 255))]!
      pixels.fill(shade, row * columnCount + Math.max(0, from), row * columnCount + to)
    }
  })
  scratch.width = columnCount
  scratch.height = rowCount
  scratch.getContext('2d')?.putImageData(image, 0, 0)
  context.imageSmoothingEnabled = false
  context.drawImage(scratch, frame.left, frame.top, frame.width, frame.height)
}

/** The quantity that is drawn brightest: what few levels exceed. */
function brightest(columns: readonly BookColumn[]): number {
  const sizes: number[] = []
  for (let index = 0; index < columns.length; index += Math.max(1, columns.length >> 4)) {
    const { levels } = columns[index]!
    for (let at = 1; at < levels.length; at += 2) sizes.push(levels[at]!)
  }
  sizes.sort((one, other) => one - other)
  return Math.max(1, sizes[Math.floor(sizes.length * 0.97)] ?? 1)
}

let shadesFor: Palette | undefined
let shadesMade = new Uint32Array(256)

/** From nothing to the heat's colour, as words of RGBA in memory order. */
function shadesOf(palette: Palette): Uint32Array {
  if (shadesFor === palette) return shadesMade
  const [red, green, blue] = /(\d+) (\d+) (\d+)/.exec(palette.heat)?.slice(1).map(Number) ?? [120, 150, 200]
  shadesMade = Uint32Array.from({ length: 256 }, (_, step) => {
    const alpha = Math.round(step * 0.92)
    return ((alpha << 24) | (blue! << 16) | (green! << 8) | red!) >>> 0
  })
  shadesFor = palette
  return shadesMade
}

function drawLine(
  frame: Frame,
  columns: readonly BookColumn[],
  ticksOf: (column: BookColumn) => number,
  colour: string,
  dash: number[],
): void {
  const { context } = frame
  context.strokeStyle = colour
  context.lineWidth = 1.25
  context.setLineDash(dash)
  context.beginPath()
  let y: number | null = null
  for (const column of columns) {
    const ticks = ticksOf(column)
    const x = xOf(frame, column.timeMs)
    if (ticks === 0) {
      y = null
      continue
    }
    const next = yOf(frame, ticks)
    if (y === null) context.moveTo(x, next)
    else {
      context.lineTo(x, y)
      context.lineTo(x, next)
    }
    y = next
  }
  if (y !== null) context.lineTo(frame.left + frame.width, y)
  context.stroke()
  context.setLineDash([])
}

type Bubble = { readonly colour: string; readonly x: number; readonly y: number; readonly lots: number }

function drawBubbles(frame: Frame, columns: readonly BookColumn[]): void {
  const { context, palette } = frame
  const bubbles = [
    ...bubblesOf(frame, columns, ({ bought }) => bought, palette.bid),
    ...bubblesOf(frame, columns, ({ sold }) => sold, palette.ask),
  ]
  const most = bubbles.reduce((lots, bubble) => Math.max(lots, bubble.lots), 1)
  context.strokeStyle = palette.panel
  context.lineWidth = 0.75
  for (const { colour, x, y, lots } of bubbles) {
    // A few lots stay small where nothing greater traded; where much trades, the greatest fills its space.
    const radius = Math.min(1.6 + Math.sqrt(lots) * 0.9, BUBBLE_MAX * Math.sqrt(lots / most))
    context.beginPath()
    context.arc(x, y, radius, 0, 2 * Math.PI)
    context.globalAlpha = 0.55
    context.fillStyle = colour
    context.fill()
    context.globalAlpha = 1
    context.stroke()
  }
}

/** What one side took, summed over spans that stay where they are as time goes on. */
function bubblesOf(
  frame: Frame,
  columns: readonly BookColumn[],
  takenOf: (column: BookColumn) => Taken,
  colour: string,
): Bubble[] {
  const sumMs = Math.max(COLUMN_MS, (frame.spanMs / frame.width) * BUBBLE_SPACE)
  const sums = new Map<number, Taken>()
  for (const column of columns) {
    const { lots, tickLots } = takenOf(column)
    const span = Math.floor(column.timeMs / sumMs)
    const sum = sums.get(span) ?? { lots: 0, tickLots: 0 }
    sums.set(span, { lots: sum.lots + lots, tickLots: sum.tickLots + tickLots })
  }
  return [...sums]
    .filter(([, { lots }]) => lots > 0)
    .map(([span, { lots, tickLots }]) => {
      return { colour, x: xOf(frame, (span + 0.5) * sumMs), y: yOf(frame, tickLots / lots), lots }
    })
}

function drawAxes(frame: Frame): void {
  const { context, palette, instrument, left, top, width, height, lowTicks, rowCount, fromMs, spanMs } = frame
  context.font = `11px ${palette.font}`
  context.fillStyle = palette.muted
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  const step = niceStep((rowCount * LABEL_SPACE) / height)
  for (let ticks = Math.ceil(lowTicks / step) * step; ticks < lowTicks + rowCount; ticks += step) {
    context.fillText(price(ticks, instrument), left + width + 10, yOf(frame, ticks))
  }
  context.textAlign = 'center'
  const labels = Math.max(2, Math.floor(width / 130))
  for (let label = 0; label <= labels; label++) {
    const atMs = fromMs + (spanMs * label) / labels
    const x = Math.min(Math.max(left + (width * label) / labels, left + 24), left + width - 24)
    context.fillText(time(atMs), x, top + height + MARGIN.bottom / 2)
  }
}

function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? power * 10
}

function xOf({ left, width, fromMs, spanMs }: Frame, timeMs: number): number {
  return left + ((timeMs - fromMs) / spanMs) * width
}

/** The middle of the price's row. */
function yOf({ top, height, lowTicks, rowCount }: Frame, ticks: number): number {
  return top + height - ((ticks - lowTicks + 0.5) / rowCount) * height
}
