// The chosen symbol's liquidity over time. Its past begins when the page begins to show the symbol.

import { effect, signal } from '@preact/signals'
import { BookHistory, COLUMN_MS } from './book-history.ts'
import { Canvas } from './canvas.tsx'
import { drawHeat } from './heat-drawing.ts'
import { book, gatewayNowMs, instrument, link, quotes, symbol, tape } from './store.ts'
import { colours, theme } from './theme.ts'

const history = new BookHistory()
/** Columns ever added: the map is drawn with each. */
const columnCount = signal(0)

/** Fills the map while the page is open, whichever view is shown. */
export function startHeat(): void {
  effect(() => history.addTrades(tape.value))
  setInterval(() => {
    const shown = book.peek()
    if (shown === null || link.peek().state !== 'live') return
    history.add(gatewayNowMs(), shown, quotes.peek().get(shown.symbol))
    history.addTrades(tape.peek())
    columnCount.value++
  }, COLUMN_MS)
}

export function HeatMap({ windowS }: { windowS: number }) {
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
          drawHeat(context, width, height, history, windowS * 1_000, gatewayNowMs(), traded, colours())
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
