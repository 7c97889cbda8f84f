// Charts as SVG text: lines, steps, points and bars, without a script, so that a page with them opens anywhere.

export type ChartSeries = {
  readonly name: string
  readonly color: string
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  /** Points instead of a line; 'up' and 'down' are triangles. */
  readonly shape?: 'line' | 'step' | 'up' | 'down' | 'bar' | 'dot'
  /** Of the points, or the first of them: what a pointer over them shows. */
  readonly titles?: readonly string[]
}

export type ChartOptions = {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly xText?: (x: number) => string
  /** Where the marks of the horizontal axis are; without it, at round numbers. */
  readonly xMarks?: readonly number[]
  /** For two beside each other. */
  readonly isNarrow?: boolean
  /** The line of zero is drawn, and in sight. */
  readonly hasZero?: boolean
}

type Frame = {
  readonly width: number
  readonly x: readonly [number, number]
  readonly y: readonly [number, number]
  readonly px: (x: number) => number
  readonly py: (y: number) => number
}

const WIDTH = 1_000
const NARROW_WIDTH = 500
const HEIGHT = 280
const LEFT = 78
const RIGHT = 16
const TOP = 34
const BOTTOM = 42
/** More points than pixels change nothing. */
const POINT_COUNT_MAX = 1_800

export function chart(series: readonly ChartSeries[], options: ChartOptions): string {
  const xs = series.flatMap(({ x }) => bounds(x))
  const ys = series.flatMap(({ y, shape }) => (shape === 'bar' ? [0, ...bounds(y)] : bounds(y)))
  if (xs.length === 0) return `<figure><figcaption>${escapeHtml(options.title)}: nothing to show</figcaption></figure>`
  if (options.hasZero === true) ys.push(0)
  const width = options.isNarrow === true ? NARROW_WIDTH : WIDTH
  const isBars = series.some(({ shape }) => shape === 'bar')
  const x = widened(Math.min(...xs), Math.max(...xs), isBars ? 0.02 : 0)
  const y = widened(Math.min(...ys), Math.max(...ys), 0.05)
  const frame: Frame = {
    ...{ width, x, y },
    px: (value) => LEFT + ((value - x[0]) / (x[1] - x[0])) * (width - LEFT - RIGHT),
    py: (value) => HEIGHT - BOTTOM - ((value - y[0]) / (y[1] - y[0])) * (HEIGHT - TOP - BOTTOM),
  }
  const parts = [
    `<svg viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${escapeHtml(options.title)}">`,
    ...axisLines(options, frame),
    ...series.map((one) => seriesPath(one, frame)),
    ...legend(series, width),
    '</svg>',
  ]
  return `<figure><figcaption>${escapeHtml(options.title)}</figcaption>${parts.join('')}</figure>`
}

function axisLines({ xLabel, yLabel, xText, xMarks, hasZero }: ChartOptions, { width, x, y, px, py }: Frame): string[] {
  const parts: string[] = []
  for (const at of marks(y[0], y[1], 5)) {
    const style = hasZero === true && at === 0 ? 'zero' : 'grid'
    parts.push(
      `<line class="${style}" x1="${LEFT}" x2="${width - RIGHT}" y1="${fixed(py(at))}" y2="${fixed(py(at))}"/>`,
    )
    parts.push(`<text class="mark" x="${LEFT - 6}" y="${fixed(py(at) + 4)}" text-anchor="end">${short(at)}</text>`)
  }
  for (const at of xMarks ?? marks(x[0], x[1], width / 120)) {
    const text = xText === undefined ? short(at) : xText(at)
    // The last ones would reach out of the picture.
    const anchor = px(at) > width - RIGHT - 20 ? 'end' : 'middle'
    const place = `x="${fixed(px(at))}" y="${HEIGHT - BOTTOM + 16}" text-anchor="${anchor}"`
    parts.push(`<text class="mark" ${place}>${text}</text>`)
  }
  parts.push(`<text class="label" x="${LEFT}" y="${TOP - 20}">${escapeHtml(yLabel)}</text>`)
  parts.push(
    `<text class="label" x="${width - RIGHT}" y="${HEIGHT - 6}" text-anchor="end">${escapeHtml(xLabel)}</text>`,
  )
  return parts
}

function legend(series: readonly ChartSeries[], width: number): string[] {
  const named = series.filter(({ name }) => name !== '')
  return named.map(({ name, color }, at) => {
    const x = width - RIGHT - (named.length - at) * 130
    return `<text class="label" x="${x}" y="14" style="fill:${color}">&#9632; ${escapeHtml(name)}</text>`
  })
}

function seriesPath({ x, y, shape = 'line', color, titles = [] }: ChartSeries, { width, px, py }: Frame): string {
  if (shape === 'line' || shape === 'step') return linePath(x, y, shape, color, px, py)
  const parts: string[] = []
  const titled: string[] = []
  const zero = py(0)
  const half = Math.max(1, Math.min(14, (width - LEFT - RIGHT) / Math.max(1, x.length) / 2.4))
  for (let at = 0; at < x.length; at++) {
    if (Number.isNaN(y[at]!)) continue
    const path = pointPath(shape, px(x[at]!), py(y[at]!), zero, half)
    const title = titles[at]
    if (title === undefined) parts.push(path)
    else titled.push(`<path d="${path}"><title>${escapeHtml(title)}</title></path>`)
  }
  return `<g fill="${color}" fill-opacity="${shape === 'bar' || shape === 'dot' ? 0.75 : 0.55}"><path d="${parts.join('')}"/>${titled.join('')}</g>`
}

function pointPath(shape: 'up' | 'down' | 'bar' | 'dot', cx: number, cy: number, zero: number, half: number): string {
  const [x, y] = [fixed(cx), fixed(cy)]
  if (shape === 'up') return `M${x} ${y}l-3 6h6z`
  if (shape === 'down') return `M${x} ${y}l-3 -6h6z`
  if (shape === 'dot') return `M${fixed(cx - 3)} ${y}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0`
  return `M${fixed(cx - half)} ${fixed(zero)}V${y}H${fixed(cx + half)}V${fixed(zero)}z`
}

function linePath(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  shape: 'line' | 'step',
  color: string,
  px: (x: number) => number,
  py: (y: number) => number,
): string {
  const stride = Math.max(1, Math.ceil(x.length / POINT_COUNT_MAX))
  let path = ''
  for (let at = 0; at < x.length; at += at + stride < x.length || at === x.length - 1 ? stride : x.length - 1 - at) {
    if (Number.isNaN(y[at]!)) continue
    const [cx, cy] = [fixed(px(x[at]!)), fixed(py(y[at]!))]
    path += path === '' ? `M${cx} ${cy}` : shape === 'step' ? `H${cx}V${cy}` : `L${cx} ${cy}`
  }
  return `<path d="${path}" fill="none" stroke="${color}" stroke-width="1.4"/>`
}

function bounds(values: ArrayLike<number>): number[] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!
    if (value < low) low = value
    if (value > high) high = value
  }
  return low > high ? [] : [low, high]
}

function widened(low: number, high: number, share: number): readonly [number, number] {
  const margin = high > low ? (high - low) * share : Math.max(1, Math.abs(low) * 0.01)
  return [low - margin, high + margin]
}

/** Round numbers in a range. */
function marks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough
  const found: number[] = []
  for (let at = Math.ceil(low / step); at * step <= high; at++) found.push(at * step)
  return found
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10)
}

export function short(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e9) return `${Number((value / 1e9).toPrecision(4))}G`
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))}M`
  return String(Number(value.toPrecision(6)))
}

export function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
}
