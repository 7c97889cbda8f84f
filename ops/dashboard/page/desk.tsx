// The desk: what we hold, what we quote, and how much of the exposure limit it uses.

import { type InstrumentView, type PositionView, type QuoteView, realisedOf } from '../../gateway/dashboard-protocol.ts'
import { count, duration, money, moneyValue, NOTHING, price, signed, signedMoney, time } from './format.ts'
import { Pace, usePaced } from './paced.ts'
import { Empty, Panel } from './panel.tsx'
import { exposure, hello, instruments, nowMs, positions, quotes, symbol } from './store.ts'

type DeskState = {
  positions: ReadonlyMap<string, PositionView>
  quotes: ReadonlyMap<string, QuoteView>
  symbolsOff: readonly string[]
  nowMs: number
}

export function Desk() {
  const shown = usePaced<DeskState>(Pace.READ_MS, () => ({
    positions: positions.value,
    quotes: quotes.value,
    symbolsOff: exposure.value?.symbolsOff ?? [],
    nowMs: nowMs.value,
  }))
  const sum = (read: (position: PositionView) => number) =>
    instruments.value.reduce((total, instrument) => {
      const position = shown.positions.get(instrument.symbol)
      return position === undefined ? total : total + moneyValue(read(position), instrument)
    }, 0)
  const profit = sum((position) => position.profitTickLots)
  const realised = sum(realisedOf)
  const seq = Math.max(0, ...[...shown.positions.values()].map((position) => position.recordSeq))
  return (
    <Panel
      id="desk"
      title="Positions and quotes"
      seq={seq}
      note={
        <>
          <span>
            realised <strong class={tone(realised)}>{signedMoney(realised)}</strong>
          </span>
          <span>
            P&amp;L <strong class={tone(profit)}>{signedMoney(profit)}</strong>
          </span>
        </>
      }
    >
      {instruments.value.length === 0 ? (
        <Empty>Waiting for positions</Empty>
      ) : (
        <table class="grid desk">
          <DeskHead />
          <tbody>
            {instruments.value.map((instrument) => (
              <DeskRow key={instrument.symbol} instrument={instrument} desk={shown} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

function DeskHead() {
  return (
    <thead>
      <tr>
        <th scope="col">Symbol</th>
        <th scope="col" class="number">
          Net
        </th>
        <th scope="col" class="wide">
          <span class="spoken">Inventory against the limit</span>
        </th>
        <th scope="col" class="number wide" title="Position version: grows by one with each fill">
          Version
        </th>
        <th scope="col" class="number wide widest" title="Time of the last fill">
          Filled
        </th>
        <th scope="col" class="number">
          P&amp;L
        </th>
        <th scope="col" class="number">
          Lots
        </th>
        <th scope="col" class="number">
          Our bid
        </th>
        <th scope="col">Our ask</th>
        <th scope="col">Lots</th>
        <th scope="col" class="number wide">
          Expires
        </th>
      </tr>
    </thead>
  )
}

function DeskRow({ instrument, desk }: { instrument: InstrumentView; desk: DeskState }) {
  return (
    <tr class={instrument.symbol === symbol.value ? 'chosen' : ''} data-symbol={instrument.symbol}>
      <th scope="row">{instrument.symbol}</th>
      <PositionCells instrument={instrument} position={desk.positions.get(instrument.symbol)} />
      <QuoteCells instrument={instrument} desk={desk} />
    </tr>
  )
}

function PositionCells({ instrument, position }: { instrument: InstrumentView; position: PositionView | undefined }) {
  const net = position?.netLots ?? 0
  const profit = position?.profitTickLots ?? 0
  return (
    <>
      <td class="number strong" data-field="net">
        {signed(net)}
      </td>
      <td class="gauge-cell wide">
        <Gauge netLots={net} limitLots={hello.value?.exposureLots ?? 1} />
      </td>
      <td class="number muted wide" data-field="version">
        {count(position?.version ?? 0)}
      </td>
      <td class="number faint wide widest">
        {position === undefined || position.timeMs === 0 ? NOTHING : time(position.timeMs)}
      </td>
      <td class={`number ${tone(profit)}`} data-field="profit">
        {money(profit, instrument)}
      </td>
    </>
  )
}

function QuoteCells({ instrument, desk }: { instrument: InstrumentView; desk: DeskState }) {
  const quote = desk.quotes.get(instrument.symbol)
  if (quote === undefined) {
    return (
      <td class="number faint" colSpan={5} data-field="no-quote">
        {desk.symbolsOff.includes(instrument.symbol) ? 'quoting off' : 'no quote'}
      </td>
    )
  }
  return (
    <>
      <td class="number" data-field="bid-lots">
        {count(quote.bidLots)}
      </td>
      <td class="number bid" data-field="bid">
        {quote.bidLots === 0 ? NOTHING : price(quote.bidTicks, instrument)}
      </td>
      <td class="ask" data-field="ask">
        {quote.askLots === 0 ? NOTHING : price(quote.askTicks, instrument)}
      </td>
      <td data-field="ask-lots">{count(quote.askLots)}</td>
      <td class="number muted wide">{duration(quote.expiresAtMs - desk.nowMs)}</td>
    </>
  )
}

/** The position between minus and plus the limit, zero in the middle. */
function Gauge({ netLots, limitLots }: { netLots: number; limitLots: number }) {
  const share = Math.max(-1, Math.min(1, netLots / limitLots))
  const width = Math.abs(share) * 50
  return (
    <svg
      class="gauge"
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      role="img"
      aria-label={`${signed(netLots)} of ${limitLots} lots`}
    >
      <rect class="gauge-rail" x="0" y="3" width="100" height="2" />
      <rect
        class={share >= 0 ? 'gauge-long' : 'gauge-short'}
        x={share >= 0 ? 50 : 50 - width}
        y="1"
        width={width}
        height="6"
      />
      <rect class="gauge-zero" x="49.6" y="0" width="0.8" height="8" />
    </svg>
  )
}

export function Exposure() {
  const state = usePaced(Pace.READ_MS, () => ({ exposure: exposure.value, quotes: [...quotes.value.values()] }))
  const shown = state.exposure
  return (
    <Panel
      id="exposure"
      title="Exposure"
      seq={shown?.recordSeq}
      note={shown === null ? undefined : `limit ${count(shown.limitLots)} lots`}
    >
      {shown === null ? (
        <Empty>Waiting for the desk</Empty>
      ) : (
        <div class="exposure">
          <Usage side="bid" name="Bids" lots={shown.bidLots} limitLots={shown.limitLots} quotes={state.quotes} />
          <Usage side="ask" name="Asks" lots={shown.askLots} limitLots={shown.limitLots} quotes={state.quotes} />
        </div>
      )}
    </Panel>
  )
}

type UsageProps = {
  side: 'bid' | 'ask'
  name: string
  lots: number
  limitLots: number
  quotes: readonly QuoteView[]
}

function Usage(props: UsageProps) {
  return (
    <div class="usage">
      <span class="muted">{props.name}</span>
      <span
        class="usage-rail"
        role="meter"
        aria-label={`${props.name}: exposure used`}
        aria-valuemin={0}
        aria-valuemax={props.limitLots}
        aria-valuenow={props.lots}
      >
        <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
          {reservationsOf(props).map(({ symbol: reserved, from, width, lots }) => (
            <rect key={reserved} class={`usage-${props.side}`} x={from} width={width} height="8">
              <title>{`${reserved} reserves ${lots} lots`}</title>
            </rect>
          ))}
        </svg>
      </span>
      <span class="number" data-field={`${props.side}-exposure`}>
        {count(props.lots)}
      </span>
    </div>
  )
}

type Reservation = { symbol: string; lots: number; from: number; width: number }

/** What each standing quote reserves of the limit, one behind the other, in percent. */
function reservationsOf({ side, limitLots, quotes }: UsageProps): Reservation[] {
  let usedLots = 0
  return quotes.flatMap((quote) => {
    const lots = side === 'bid' ? quote.bidLots : quote.askLots
    if (lots === 0 || limitLots === 0) return []
    const from = (usedLots / limitLots) * 100
    usedLots += lots
    return [{ symbol: quote.symbol, lots, from, width: Math.max(0.4, (lots / limitLots) * 100 - 0.6) }]
  })
}

function tone(value: number): string {
  return value > 0 ? 'gain' : value < 0 ? 'loss' : 'muted'
}
