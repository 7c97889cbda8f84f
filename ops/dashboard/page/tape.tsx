// The trade tape of the chosen symbol, newest first, and our own fills over all symbols.

import { count, price, signed, time, timeExact } from './format.ts'
import { Empty, Panel } from './panel.tsx'
import { fills, instrument, instruments, prices, symbol, tape } from './store.ts'

const ROWS = 40

export function Tape() {
  const traded = instrument.value
  const rows = tape.value.slice(-ROWS).reverse()
  const tradeCount = prices.value.get(symbol.value)?.tradeCount ?? 0
  return (
    <Panel id="tape" title="Trades" note={tradeCount > 0 ? count(tradeCount) : undefined}>
      {traded === null || rows.length === 0 ? (
        <Empty>No trade yet</Empty>
      ) : (
        <table class="grid">
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col" class="number">
                Price
              </th>
              <th scope="col" class="number">
                Lots
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((trade) => (
              <tr key={trade.tradeId}>
                <td class="muted">{timeExact(trade.timeMs)}</td>
                <td class={`number ${trade.aggressor === 'buy' ? 'bid' : 'ask'}`}>
                  {price(trade.priceTicks, traded)}
                  <span class="spoken"> {trade.aggressor === 'buy' ? 'bought' : 'sold'}</span>
                </td>
                <td class="number">{count(trade.quantityLots)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

export function Fills() {
  const known = new Map(instruments.value.map((instrument) => [instrument.symbol, instrument]))
  const rows = fills.value.slice(-ROWS).reverse()
  return (
    <Panel id="fills" title="Our fills" seq={rows[0]?.recordSeq}>
      {rows.length === 0 ? (
        <Empty>None yet</Empty>
      ) : (
        <table class="grid">
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Symbol</th>
              <th scope="col" class="number">
                Lots
              </th>
              <th scope="col" class="number">
                Price
              </th>
              <th scope="col" class="number">
                Net
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((fill) => (
              <tr key={fill.tradeId} data-trade-id={fill.tradeId}>
                <td class="muted">{time(fill.timeMs)}</td>
                <td>{fill.symbol}</td>
                <td class={`number ${fill.side === 'buy' ? 'bid' : 'ask'}`}>
                  {signed(fill.side === 'buy' ? fill.quantityLots : -fill.quantityLots)}
                </td>
                <td class="number">{price(fill.priceTicks, known.get(fill.symbol)!)}</td>
                <td class="number">{signed(fill.netLots)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
