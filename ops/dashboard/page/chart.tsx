// The chosen symbol over the last minutes (prices with our quotes and fills, or profit and loss), or its depth now.

import { effect, signal } from '@preact/signals'
import { Canvas } from './canvas.tsx'
import { Choice } from './choice.tsx'
import { drawDepth } from './depth-drawing.ts'
import { moneyValue, NOTHING, price, signedMoney, time } from './format.ts'
import { HeatMap, startHeat } from './heat-map.tsx'
import { Pace } from './paced.ts'
import { Panel } from './panel.tsx'
import { type PlotSource, pricePlot, profitPlot } from './price-plot.ts'
import { PriceSeries, SAMPLE_INTERVAL_MS } from './price-series.ts'
import {
  book,
  fills,
  gatewayNowMs,
  history,
  instrument,
  instruments,
  link,
  positions,
  prices,
  quotes,
  symbol,
} from './store.ts'
import { colours, theme } from './theme.ts'
import { TimePlot } from './time-plot.tsx'

const VIEWS = ['Price', 'Heat', 'Depth', 'P&L'] as const
const WINDOWS_S = [60, 300, 900] as const
const view = signal<(typeof VIEWS)[number]>('Price')
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

/** Fills the series while the page is open, whichever view is shown. */
export function startSampling(): void {
  effect(() => {
    if (history.value === null) series.clear()
    else series.load(history.value)
  })
  setInterval(takeSample, SAMPLE_INTERVAL_MS)
  startHeat()
}

function takeSample(): void {
  const current = prices.peek().get(symbol.peek())
  if (current === undefined || link.peek().state !== 'live') return
  let profit = 0
  let totalProfit = 0
  for (const traded of instruments.peek()) {
    const money = moneyValue(positions.peek().get(traded.symbol)?.profitTickLots ?? 0, traded)
    totalProfit += money
    if (traded.symbol === current.symbol) profit = money
  }
  series.sample(gatewayNowMs(), current, quotes.peek().get(current.symbol), profit, totalProfit)
}

export function Chart() {
  const choices = (
    <div class="choices">
      <Choice
        name="What the chart shows"
        options={VIEWS}
        chosen={view.value}
        label={(one) => one}
        onChoose={chooseView}
      />
      {view.value !== 'Depth' && (
        <Choice
          name="Time shown in the chart"
          options={WINDOWS_S}
          chosen={windowS.value}
          label={(seconds) => `${seconds / 60} min`}
          onChoose={(seconds) => {
            windowS.value = seconds
          }}
        />
      )}
    </div>
  )
  return (
    <Panel id="chart" title="Chart" note={choices}>
      {view.value === 'Price' && <PriceChart />}
      {view.value === 'Heat' && <HeatMap windowS={windowS.value} />}
      {view.value === 'Depth' && <DepthChart />}
      {view.value === 'P&L' && <ProfitChart />}
    </Panel>
  )
}

function chooseView(chosen: (typeof VIEWS)[number]): void {
  pointed.value = null
  view.value = chosen
}

function PriceChart() {
  const at = pointed.value
  const value = (column: readonly (number | null)[]) => source.label((at === null ? 0 : column[at]) ?? 0) || NOTHING
  return (
    <>
      <TimePlot
        name={`Prices of ${symbol.value} over the last ${windowS.value / 60} minutes`}
        windowS={windowS.value}
        options={(width, height) => pricePlot(width, height, source)}
        data={() => [series.timeS, series.bid, series.ask, series.ourBid, series.ourAsk]}
        watch={() => history.value}
      />
      <ul class="legend">
        <li class="key-bid">{at === null ? 'best bid' : value(series.bid)}</li>
        <li class="key-ask">{at === null ? 'best ask' : value(series.ask)}</li>
        <li class="key-ours">{at === null ? 'our quote' : `${value(series.ourBid)} / ${value(series.ourAsk)}`}</li>
        {at === null ? <li class="key-fill">our fill</li> : <PointedTime at={at} />}
      </ul>
    </>
  )
}

function ProfitChart() {
  const at = pointed.value
  const value = (column: readonly (number | null)[]) => signedMoney((at === null ? 0 : column[at]) ?? 0)
  return (
    <>
      <TimePlot
        name={`Profit and loss over the last ${windowS.value / 60} minutes`}
        windowS={windowS.value}
        options={(width, height) => profitPlot(width, height, signedMoney, (point) => source.onPoint(point))}
        data={() => [series.timeS, series.totalProfit, series.profit]}
        watch={() => history.value}
      />
      <ul class="legend">
        <li class="key-total">{at === null ? 'all symbols' : value(series.totalProfit)}</li>
        <li class="key-symbol">{at === null ? symbol.value : value(series.profit)}</li>
        {at !== null && <PointedTime at={at} />}
      </ul>
    </>
  )
}

function PointedTime({ at }: { at: number }) {
  return <li class="legend-time">{time((series.timeS[at] ?? 0) * 1000)}</li>
}

function DepthChart() {
  return (
    <>
      <Canvas
        name={`Depth of the book of ${symbol.value}: lots down to each price`}
        intervalMs={Pace.FAST_MS}
        watch={() => {
          book.value
          quotes.value
          theme.value
        }}
        draw={(context, width, height) => {
          const shown = book.peek()
          const traded = instrument.peek()
          if (shown === null || traded === null) return
          drawDepth(context, width, height, shown, quotes.peek().get(traded.symbol), traded, colours())
        }}
      />
      <ul class="legend">
        <li class="key-bid">bids, summed</li>
        <li class="key-ask">asks, summed</li>
        <li class="key-ours">our quote</li>
      </ul>
    </>
  )
}
