// The trade tape of the chosen symbol, newest first, and our own fills over all symbols.

import { signal } from '@preact/signals'
import { type FillView, MARKOUT_MS } from '../../gateway/dashboard-protocol.ts'
import { Choice } from './choice.tsx'
import { count, NOTHING, price, signed, time, timeExact } from './format.ts'
import { Pace, usePaced } from './paced.ts'
import { Empty, Panel } from './panel.tsx'
import { QuoteLog } from './quote-log.tsx'
import { Rows } from './rows.tsx'
import { fills, instrument, instruments, markouts, prices, symbol, tape } from './store.ts'

const ROWS = 40

export function Tape() {
  const traded = instrument.value
  const { trades, tradeCount } = usePaced(Pace.READ_MS, () => ({
    trades: tape.value,
    tradeCount: prices.value.get(symbol.value)?.tradeCount ?? 0,
  }))
  const rows = trades.slice(-ROWS).reverse()
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
          <Rows
            items={rows}
            columnCount={3}
            row={(trade) => (
              <tr>
                <td class="muted">{timeExact(trade.timeMs)}</td>
                <td class={`number ${trade.aggressor === 'buy' ? 'bid' : 'ask'}`}>
                  {price(trade.priceTicks, traded)}
                  <span class="spoken"> {trade.aggressor === 'buy' ? 'bought' : 'sold'}</span>
                </td>
                <td class="number">{count(trade.quantityLots)}</td>
              </tr>
            )}
          />
        </table>
      )}
    </Panel>
  )
}

const VIEWS = ['Fills', 'Quotes'] as const
const view = signal<(typeof VIEWS)[number]>('Fills')

export function Fills() {
  const shown = usePaced(Pace.READ_MS, () => ({ fills: fills.value, markouts: markouts.value }))
  const choice = (
    <Choice
      name="What is shown of our trading"
      options={VIEWS}
      chosen={view.value}
      label={(one) => one}
      onChoose={(chosen) => {
        view.value = chosen
      }}
    />
  )
  return (
    <Panel id="fills" title="Ours" note={choice} seq={shown.fills.at(-1)?.recordSeq}>
      {view.value === 'Quotes' ? <QuoteLog /> : <FillTable {...shown} />}
    </Panel>
  )
}

type FillTableProps = { fills: readonly FillView[]; markouts: ReadonlyMap<number, number> }

function FillTable({ fills, markouts }: FillTableProps) {
  const known = new Map(instruments.value.map((instrument) => [instrument.symbol, instrument]))
  const rows = fills.slice(-ROWS).reverse()
  if (rows.length === 0) return <Empty>None yet</Empty>
  return (
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
          <th
            scope="col"
            class="number"
            title={`Markout: how far the mid was from our price ${MARKOUT_MS / 1_000} s later, in ticks, in our favour`}
          >
            Mark
          </th>
        </tr>
      </thead>
      <Rows
        items={rows}
        columnCount={6}
        row={(fill) => (
          <tr data-trade-id={fill.tradeId}>
            <td class="muted">{time(fill.timeMs)}</td>
            <td>{fill.symbol}</td>
            <td class={`number ${fill.side === 'buy' ? 'bid' : 'ask'}`}>
              {signed(fill.side === 'buy' ? fill.quantityLots : -fill.quantityLots)}
            </td>
            <td class="number">{price(fill.priceTicks, known.get(fill.symbol))}</td>
            <td class="number">{signed(fill.netLots)}</td>
            <Markout ticks={markouts.get(fill.tradeId)} />
          </tr>
        )}
      />
    </table>
  )
}

function Markout({ ticks }: { ticks: number | undefined }) {
  if (ticks === undefined) return <td class="number faint">{NOTHING}</td>
  return <td class={`number ${ticks > 0 ? 'gain' : ticks < 0 ? 'loss' : 'muted'}`}>{signed(ticks)}</td>
}
