// Prices of the chosen symbol over the last minutes: the touch, our bid and ask, and our fills where they happened.

import { effect, signal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { FillView } from '../../gateway/dashboard-protocol.ts'
import { price, time } from './format.ts'
import { Panel } from './panel.tsx'
import { PriceSeries, SAMPLE_INTERVAL_MS } from './price-series.ts'
import { fills, history, instrument, link, prices, quotes, symbol } from './store.ts'
import { colours, theme } from './theme.ts'

const WINDOWS_S = [60, 300, 900] as const
const windowS = signal<number>(300)
const series = new PriceSeries()

export function Chart() {
  const last = prices.value.get(symbol.value)?.lastTicks ?? 0
  const traded = instrument.value
  return (
    <Panel id="chart" title="Price" note={<WindowChoice />}>
      <Plot />
      <ul class="legend">
        <li class="key-bid">best bid</li>
        <li class="key-ask">best ask</li>
        <li class="key-ours">our quote</li>
        <li class="key-fill">our fill</li>
        {traded !== null && last > 0 && (
          <li class="legend-last">
            last <strong>{price(last, traded)}</strong>
          </li>
        )}
      </ul>
    </Panel>
  )
}

function WindowChoice() {
  return (
    <div class="choice" role="radiogroup" aria-label="Time shown in the chart">
      {WINDOWS_S.map((seconds) => (
        <button
          key={seconds}
          type="button"
          role="radio"
          aria-checked={windowS.value === seconds}
          onClick={() => {
            windowS.value = seconds
          }}
        >
          {seconds / 60} min
        </button>
      ))}
    </div>
  )
}

function Plot() {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  useEffect(() => {
    const element = box.current!
    // A change of theme makes a new plot: colours are part of its options.
    const endTheme = effect(() => {
      theme.value
      plot.current?.destroy()
      plot.current = new uPlot(optionsFor(element.clientWidth, element.clientHeight), dataOf(), element)
      show(plot.current)
    })
    const observer = new ResizeObserver(() => {
      plot.current?.setSize({ width: element.clientWidth, height: element.clientHeight })
    })
    observer.observe(element)
    const sampling = setInterval(() => {
      takeSample()
      if (!document.hidden && plot.current !== undefined) show(plot.current)
    }, SAMPLE_INTERVAL_MS)
    return () => {
      clearInterval(sampling)
      observer.disconnect()
      endTheme()
      plot.current?.destroy()
    }
  }, [])
  useSignalEffect(() => {
    if (history.value === null) series.clear()
    else series.load(history.value)
    windowS.value
    if (plot.current !== undefined) show(plot.current)
  })
  return (
    <div
      ref={box}
      class="fill"
      role="img"
      aria-label={`Prices of ${symbol.value} over the last ${windowS.value / 60} minutes`}
    />
  )
}

function takeSample(): void {
  const current = prices.peek().get(symbol.peek())
  if (current === undefined || link.peek().state !== 'live') return
  series.sample(Date.now(), current, quotes.peek().get(symbol.peek()))
}

function dataOf(): uPlot.AlignedData {
  return [series.timeS, series.bid, series.ask, series.ourBid, series.ourAsk]
}

function show(plot: uPlot): void {
  const nowS = Date.now() / 1000
  plot.batch(() => {
    plot.setData(dataOf(), false)
    plot.setScale('x', { min: nowS - windowS.peek(), max: nowS })
  })
}

function optionsFor(width: number, height: number): uPlot.Options {
  const palette = colours()
  const line = (stroke: string, lineWidth: number, dash?: number[]): uPlot.Series => ({
    stroke,
    width: lineWidth,
    ...(dash === undefined ? {} : { dash }),
    paths: uPlot.paths.stepped!({ align: 1 }),
    points: { show: false },
  })
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
    scales: { x: { time: true }, y: { range: priceRange } },
    axes: [
      { ...axis, values: (_plot, splits) => splits.map((split) => time(split * 1000)), space: 90, size: 28 },
      {
        ...axis,
        side: 1,
        size: 66,
        space: 36,
        incrs: [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6, 1e7],
        values: (_plot, splits) => splits.map((ticks) => priceLabel(ticks)),
      },
    ],
    bands: [{ series: [2, 1], fill: palette.bidBar }],
    series: [
      {},
      line(palette.bid, 1.25),
      line(palette.ask, 1.25),
      line(palette.ours, 1.25, [4, 3]),
      line(palette.ours, 1.25, [4, 3]),
    ],
    hooks: { draw: [drawFills] },
  }
}

function priceRange(_plot: uPlot, low: number | null, high: number | null): uPlot.Range.MinMax {
  if (low === null || high === null) return [0, 1]
  const margin = Math.max(2, (high - low) * 0.12)
  return [low - margin, high + margin]
}

function priceLabel(ticks: number): string {
  const traded = instrument.peek()
  return traded === null || ticks <= 0 ? '' : price(Math.round(ticks), traded)
}

function drawFills(plot: uPlot): void {
  const palette = colours()
  const [fromS, toS] = [plot.scales.x!.min!, plot.scales.x!.max!]
  for (const fill of fills.peek()) {
    const atS = fill.timeMs / 1000
    if (fill.symbol !== symbol.peek() || atS < fromS || atS > toS) continue
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
}
