// The ladder panel: a canvas for the eyes, and the same levels as a table for screen readers and tests.

import type { BookView, InstrumentView, PriceView, QuoteView } from '../../gateway/dashboard-protocol.ts'
import { Canvas } from './canvas.tsx'
import { count, price, priceDifference } from './format.ts'
import { drawLadder } from './ladder-drawing.ts'
import { Pace, usePaced } from './paced.ts'
import { Empty, Panel } from './panel.tsx'
import { book, instrument, prices, quotes, symbol, tape } from './store.ts'
import { colours, theme } from './theme.ts'

const SPOKEN_LEVELS = 10

export function Ladder() {
  const { shown, traded, priced, quote } = usePaced(Pace.READ_MS, () => ({
    shown: book.value,
    traded: instrument.value,
    priced: prices.value.get(symbol.value),
    quote: quotes.value.get(symbol.value),
  }))
  return (
    <Panel
      id="ladder"
      title="Order book"
      seq={shown?.recordSeq}
      note={
        <>
          {traded !== null && <PhaseBadge priced={priced} traded={traded} />}
          {shown !== null && !shown.live ? <span class="warn">repairing a gap</span> : symbol.value}
        </>
      }
    >
      <LadderCanvas />
      {shown === null || traded === null ? (
        <Empty>Waiting for the book of {symbol.value || 'the first symbol'}</Empty>
      ) : (
        <LadderTable shown={shown} traded={traded} quote={quote} />
      )}
    </Panel>
  )
}

/** Anything but continuous trading, and where an auction would trade now. */
function PhaseBadge({ priced, traded }: { priced: PriceView | undefined; traded: InstrumentView }) {
  if (priced === undefined || priced.phase === 'CONTINUOUS') return null
  const indication =
    priced.indicativeTicks === 0 ? '' : ` · ${count(priced.indicativeLots)} at ${price(priced.indicativeTicks, traded)}`
  return <span class="badge">{priced.phase.toLowerCase().replaceAll('_', ' ') + indication}</span>
}

function LadderCanvas() {
  return (
    <Canvas
      name={`Order book of ${symbol.value}, best prices in the middle`}
      intervalMs={Pace.FAST_MS}
      watch={() => {
        book.value
        quotes.value
        prices.value
        theme.value
      }}
      draw={drawBook}
    />
  )
}

function drawBook(context: CanvasRenderingContext2D, width: number, height: number): void {
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
}

type LadderTableProps = { shown: BookView; traded: InstrumentView; quote: QuoteView | undefined }

/** The same content as the canvas, out of sight. */
function LadderTable({ shown, traded, quote }: LadderTableProps) {
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
