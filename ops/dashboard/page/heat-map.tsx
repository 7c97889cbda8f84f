// The chosen symbol's liquidity over time. Its past begins when the page begins to show the symbol.

import { effect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { BookHistory, COLUMN_MS } from './book-history.ts'
import { Painter } from './canvas.ts'
import { drawHeat } from './heat-drawing.ts'
import { book, gatewayNowMs, instrument, link, quotes, symbol, tape } from './store.ts'
import { colours } from './theme.ts'

const history = new BookHistory()

/** Fills the map while the page is open, whichever view is shown. */
export function startHeat(): void {
  effect(() => history.addTrades(tape.value))
  setInterval(() => {
    const shown = book.peek()
    if (shown === null || link.peek().state !== 'live') return
    history.add(gatewayNowMs(), shown, quotes.peek().get(shown.symbol))
    history.addTrades(tape.peek())
  }, COLUMN_MS)
}

export function HeatMap({ windowS }: { windowS: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const windowMs = useRef(0)
  windowMs.current = windowS * 1_000
  useEffect(() => {
    const painter = new Painter(canvas.current!, (context, width, height) => {
      const traded = instrument.peek()
      if (traded === null) return
      drawHeat(context, width, height, history, windowMs.current, gatewayNowMs(), traded, colours())
    })
    const timer = setInterval(() => painter.paint(), COLUMN_MS)
    return () => {
      clearInterval(timer)
      painter.stop()
    }
  }, [])
  return (
    <>
      <canvas
        ref={canvas}
        class="fill"
        role="img"
        aria-label={`Liquidity of ${symbol.value} by price over the last ${windowS / 60} minutes, with trades`}
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
