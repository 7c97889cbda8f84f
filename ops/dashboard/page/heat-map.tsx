// The chosen symbol's liquidity over time. Its past begins when the page begins to show the symbol.

import { computed, effect, signal } from '@preact/signals'
import { BookHistory, COLUMN_MS } from './book-history.ts'
import { Canvas } from './canvas.tsx'
import { drawHeat } from './heat-drawing.ts'
import { Empty } from './panel.tsx'
import { book, gatewayNowMs, instrument, link, quotes, symbol, tape } from './store.ts'
import { colours, theme } from './theme.ts'

const history = new BookHistory()
/** Columns ever added: the map is drawn with each. */
const columnCount = signal(0)
const isReplay = computed(() => link.value.state === 'replay')

/** Fills the map while the page is open, whichever view is shown. */
export function startHeat(): void {
  effect(() => {
    symbol.value
    history.clear()
  })
  effect(() => {
    if (!isReplay.value) history.addTrades(tape.value)
  })
  setInterval(() => {
    const shown = book.peek()
    if (shown === null || link.peek().state !== 'live') return
    history.add(gatewayNowMs(), shown, quotes.peek().get(shown.symbol))
    columnCount.value++
  }, COLUMN_MS)
}

export function HeatMap({ windowS }: { windowS: number }) {
  if (isReplay.value) return <Empty>The map follows the running market only</Empty>
  return (
    <>
      <Canvas
        name={`Liquidity of ${symbol.value} by price over the last ${windowS / 60} minutes, with trades`}
        intervalMs={COLUMN_MS}
        watch={() => {
          columnCount.value
          theme.value
        }}
        draw={(context, width, height) => {
          const traded = instrument.peek()
          if (traded === null) return
          drawHeat(context, width, height, history.columns, windowS * 1_000, gatewayNowMs(), traded, colours())
        }}
      />
      <ul class="legend">
        <li class="key-heat">resting lots</li>
        <li class="key-bought">bought</li>
        <li class="key-sold">sold</li>
        <li class="key-ours">our quote</li>
      </ul>
    </>
  )
}
