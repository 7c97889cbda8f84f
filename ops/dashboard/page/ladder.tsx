// The ladder panel: a canvas for the eyes, and the same levels as a table for screen readers and tests.

import { useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Painter } from './canvas.ts'
import { count, price, priceDifference } from './format.ts'
import { drawLadder } from './ladder-drawing.ts'
import { Empty, Panel } from './panel.tsx'
import { book, instrument, prices, quotes, symbol, tape } from './store.ts'
import { colours, theme } from './theme.ts'

const SPOKEN_LEVELS = 10

export function Ladder() {
  const shown = book.value
  const traded = instrument.value
  return (
    <Panel
      id="ladder"
      title="Order book"
      seq={shown?.recordSeq}
      note={
        <>
          <PhaseBadge />
          {shown !== null && !shown.live ? <span class="warn">repairing a gap</span> : symbol.value}
        </>
      }
    >
      <LadderCanvas />
      {shown === null || traded === null ? (
        <Empty>Waiting for the book of {symbol.value || 'the first symbol'}</Empty>
      ) : (
        <LadderTable />
      )}
    </Panel>
  )
}

/** Anything but continuous trading, and where an auction would trade now. */
function PhaseBadge() {
  const shown = prices.value.get(symbol.value)
  const traded = instrument.value
  if (shown === undefined || traded === null || shown.phase === 'CONTINUOUS') return null
  const indication =
    shown.indicativeTicks === 0 ? '' : ` · ${count(shown.indicativeLots)} at ${price(shown.indicativeTicks, traded)}`
  return <span class="badge">{shown.phase.toLowerCase().replaceAll('_', ' ') + indication}</span>
}

function LadderCanvas() {
  const canvas = useRef<HTMLCanvasElement>(null)
  const painter = useRef<Painter>(undefined)
  useEffect(() => {
    painter.current = new Painter(canvas.current!, (context, width, height) => {
      const shown = book.peek()
      const traded = instrument.peek()
      if (shown === null || traded === null) return
      const state = {
        instrument: traded,
        book: shown,
        price: prices.peek().get(traded.symbol),
        quote: quotes.peek().get(traded.symbol),
        direction: lastDirection(),
      }
      drawLadder(context, width, height, state, colours())
    })
    return () => painter.current?.stop()
  }, [])
  useSignalEffect(() => {
    book.value
    quotes.value
    prices.value
    theme.value
    painter.current?.paint()
  })
  return (
    <canvas
      ref={canvas}
      class="fill"
      role="img"
      aria-label={`Order book of ${symbol.value}, best prices in the middle`}
    />
  )
}

/** The same content as the canvas, out of sight. */
function LadderTable() {
  const shown = book.value!
  const traded = instrument.value!
  const quote = quotes.value.get(traded.symbol)
  const spread =
    shown.bids.length > 0 && shown.asks.length > 0
      ? priceDifference(shown.asks[0]![0] - shown.bids[0]![0], traded)
      : 'none'
  const rows = (side: 'bid' | 'ask') =>
    (side === 'bid' ? shown.bids : shown.asks).slice(0, SPOKEN_LEVELS).map(([ticks, lots]) => {
      const ours =
        side === 'bid' ? quote?.bidTicks === ticks && quote.bidLots : quote?.askTicks === ticks && quote.askLots
      return (
        <tr key={`${side}${ticks}`} data-side={side}>
          <th scope="row">{side}</th>
          <td>{price(ticks, traded)}</td>
          <td>{count(lots)}</td>
          <td>{ours ? count(ours) : ''}</td>
        </tr>
      )
    })
  return (
    <table class="spoken" data-seq={shown.seq}>
      <caption>
        {traded.symbol}, spread {spread}
      </caption>
      <thead>
        <tr>
          <th scope="col">Side</th>
          <th scope="col">Price</th>
          <th scope="col">Lots</th>
          <th scope="col">Ours</th>
        </tr>
      </thead>
      <tbody>
        {rows('ask')}
        {rows('bid')}
      </tbody>
    </table>
  )
}

/** Whether the last trade was above or below the last one at another price. */
function lastDirection(): number {
  const trades = tape.peek()
  const last = trades.at(-1)
  if (last === undefined) return 0
  for (let at = trades.length - 2; at >= 0; at--) {
    const difference = last.priceTicks - trades[at]!.priceTicks
    if (difference !== 0) return Math.sign(difference)
  }
  return 0
}
