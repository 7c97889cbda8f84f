// Charts as SVG text: lines, steps, points and bars, without a script, so that a page with them opens anywhere.

export type ChartSeries = {
  readonly name: string
  readonly color: string
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  /** Points instead of a line; 'up' and 'down' are triangles. */
  readonly shape?: 'line' | 'step' | 'up' | 'down' | 'bar' | 'dot'
}

export type ChartOptions = {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly xText?: (x: number) => string
}

const WIDTH = 960
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
  const [xLow, xHigh] = widened(Math.min(...xs), Math.max(...xs), 0)
  const [yLow, yHigh] = widened(Math.min(...ys), Math.max(...ys), 0.05)
  const px = (x: number) => LEFT + ((x - xLow) / (xHigh - xLow)) * (WIDTH - LEFT - RIGHT)
  const py = (y: number) => HEIGHT - BOTTOM - ((y - yLow) / (yHigh - yLow)) * (HEIGHT - TOP - BOTTOM)
  const parts = [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(options.title)}">`,
    ...axisLines(options, [xLow, xHigh], [yLow, yHigh], px, py),
    ...series.map((one) => seriesPath(one, px, py)),
    ...legend(series),
    '</svg>',
  ]
  return `<figure><figcaption>${escapeHtml(options.title)}</figcaption>${parts.join('')}</figure>`
}

function axisLines(
  { xLabel, yLabel, xText }: ChartOptions,
  [xLow, xHigh]: readonly [number, number],
  [yLow, yHigh]: readonly [number, number],
  px: (x: number) => number,
  py: (y: number) => number,
): string[] {
  const parts: string[] = []
  for (const y of marks(yLow, yHigh, 5)) {
    parts.push(`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${fixed(py(y))}" y2="${fixed(py(y))}"/>`)
    parts.push(`<text class="mark" x="${LEFT - 6}" y="${fixed(py(y) + 4)}" text-anchor="end">${short(y)}</text>`)
  }
  for (const x of marks(xLow, xHigh, 8)) {
    const text = xText === undefined ? short(x) : xText(x)
    parts.push(`<text class="mark" x="${fixed(px(x))}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${text}</text>`)
  }
  parts.push(`<text class="label" x="${LEFT}" y="${TOP - 20}">${escapeHtml(yLabel)}</text>`)
  parts.push(
    `<text class="label" x="${WIDTH - RIGHT}" y="${HEIGHT - 6}" text-anchor="end">${escapeHtml(xLabel)}</text>`,
  )
  return parts
}

function legend(series: readonly ChartSeries[]): string[] {
  return series.map(({ name, color }, at) => {
    const x = WIDTH - RIGHT - (series.length - at) * 130
    return `<text class="label" x="${x}" y="14" fill="${color}" style="fill:${color}">&#9632; ${escapeHtml(name)}</text>`
  })
}

function seriesPath(
  { x, y, shape = 'line', color }: ChartSeries,
  px: (x: number) => number,
  py: (y: number) => number,
) {
  if (shape === 'line' || shape === 'step') return linePath(x, y, shape, color, px, py)
  const parts: string[] = []
  const zero = py(0)
  const half = Math.max(1, Math.min(14, (WIDTH - LEFT - RIGHT) / Math.max(1, x.length) / 2.4))
  for (let at = 0; at < x.length; at++) {
    if (Number.isNaN(y[at]!)) continue
    const [cx, cy] = [px(x[at]!), py(y[at]!)]
    if (shape === 'up') parts.push(`M${fixed(cx)} ${fixed(cy)}l-4 7h8z`)
    else if (shape === 'down') parts.push(`M${fixed(cx)} ${fixed(cy)}l-4 -7h8z`)
    else if (shape === 'dot') parts.push(`M${fixed(cx - 3)} ${fixed(cy)}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0`)
    else parts.push(`M${fixed(cx - half)} ${fixed(zero)}V${fixed(cy)}H${fixed(cx + half)}V${fixed(zero)}z`)
  }
  return `<path d="${parts.join('')}" fill="${color}" fill-opacity="0.75"/>`
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
