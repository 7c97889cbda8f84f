// Prices of the chosen symbol over the last minutes: the touch, our bid and ask, and our fills where they happened.

import { effect, signal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { NOTHING, price, time } from './format.ts'
import { Panel } from './panel.tsx'
import { type PlotSource, plotOptions } from './price-plot.ts'
import { PriceSeries, SAMPLE_INTERVAL_MS } from './price-series.ts'
import { fills, gatewayNowMs, history, instrument, link, prices, quotes, symbol } from './store.ts'
import { theme } from './theme.ts'

const WINDOWS_S = [60, 300, 900] as const
const windowS = signal<number>(300)
/** The sample under the pointer. */
const pointed = signal<number | null>(null)
const series = new PriceSeries()

const source: PlotSource = {
  label: (ticks) => {
    const traded = instrument.peek()
    return traded === null || ticks <= 0 ? '' : price(Math.round(ticks), traded)
  },
  lastTicks: () => prices.peek().get(symbol.peek())?.lastTicks ?? 0,
  fills: () => fills.peek().filter((fill) => fill.symbol === symbol.peek()),
  onPoint: (at) => {
    pointed.value = at
  },
}

export function Chart() {
  return (
    <Panel id="chart" title="Price" note={<WindowChoice />}>
      <Plot />
      {pointed.value === null ? <Legend /> : <Readout at={pointed.value} />}
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

function Legend() {
  return (
    <ul class="legend">
      <li class="key-bid">best bid</li>
      <li class="key-ask">best ask</li>
      <li class="key-ours">our quote</li>
      <li class="key-fill">our fill</li>
    </ul>
  )
}

/** The values under the pointer, where the legend was. */
function Readout({ at }: { at: number }) {
  const traded = instrument.value
  const timeS = series.timeS[at]
  if (traded === null || timeS === undefined) return <Legend />
  const value = (column: readonly (number | null)[]) => {
    const ticks = column[at] ?? 0
    return ticks === 0 ? NOTHING : price(ticks, traded)
  }
  return (
    <ul class="legend">
      <li class="key-bid">{value(series.bid)}</li>
      <li class="key-ask">{value(series.ask)}</li>
      <li class="key-ours">
        {value(series.ourBid)} / {value(series.ourAsk)}
      </li>
      <li class="legend-time">{time(timeS * 1000)}</li>
    </ul>
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
      plot.current = new uPlot(plotOptions(element.clientWidth, element.clientHeight, source), dataOf(), element)
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
    if (plot.current !== undefined) show(plot.current)
  })
  useSignalEffect(() => {
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
  series.sample(gatewayNowMs(), current, quotes.peek().get(symbol.peek()))
}

function dataOf(): uPlot.AlignedData {
  return [series.timeS, series.bid, series.ask, series.ourBid, series.ourAsk]
}

function show(plot: uPlot): void {
  const nowS = gatewayNowMs() / 1000
  plot.batch(() => {
    plot.setData(dataOf(), false)
    plot.setScale('x', { min: nowS - windowS.peek(), max: nowS })
  })
}
