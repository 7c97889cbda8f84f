// All symbols with their prices and our position: the symbol switcher.

import { useEffect, useRef } from 'preact/hooks'
import type { InstrumentView, PriceView } from '../../gateway/dashboard-protocol.ts'
import { price, signed } from './format.ts'
import { Pace, usePaced } from './paced.ts'
import { Empty, Panel } from './panel.tsx'
import { chooseSymbol, instruments, positions, prices, symbol } from './store.ts'

export function Watchlist() {
  const shown = usePaced(Pace.READ_MS, () => ({ prices: prices.value, positions: positions.value }))
  const seq = Math.max(0, ...[...shown.prices.values()].map(({ recordSeq }) => recordSeq))
  return (
    <Panel id="watchlist" title="Symbols" seq={seq}>
      {instruments.value.length === 0 ? (
        <Empty>Waiting for the list of symbols</Empty>
      ) : (
        <div class="watchlist" role="radiogroup" aria-label="Symbol shown">
          {instruments.value.map((instrument) => (
            <WatchRow
              key={instrument.symbol}
              instrument={instrument}
              shown={shown.prices.get(instrument.symbol)}
              net={shown.positions.get(instrument.symbol)?.netLots ?? 0}
            />
          ))}
        </div>
      )}
    </Panel>
  )
}

type WatchRowProps = { instrument: InstrumentView; shown: PriceView | undefined; net: number }

function WatchRow({ instrument, shown, net }: WatchRowProps) {
  const last = shown === undefined ? 0 : shown.lastTicks || shown.referenceTicks
  const change = last === 0 ? 0 : ((last - instrument.openingTicks) / instrument.openingTicks) * 100
  const chosen = symbol.value === instrument.symbol
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (chosen) button.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [chosen])
  return (
    <button
      ref={button}
      type="button"
      class="watch"
      role="radio"
      aria-checked={chosen}
      tabIndex={chosen ? 0 : -1}
      data-symbol={instrument.symbol}
      onClick={() => chooseSymbol(instrument.symbol)}
    >
      <span class="watch-symbol">
        {instrument.symbol}
        {shown !== undefined && shown.phase !== 'CONTINUOUS' && (
          <span class="badge watch-phase">{phaseMark(shown.phase)}</span>
        )}
      </span>
      <span class="watch-last" data-field="last">
        {price(last, instrument)}
      </span>
      <span class="watch-touch">
        <span class="bid">{price(shown?.bidTicks ?? 0, instrument)}</span>
        <span class="faint"> / </span>
        <span class="ask">{price(shown?.askTicks ?? 0, instrument)}</span>
      </span>
      <span class="watch-change">{changeText(change)}</span>
      <span class={`watch-net ${net === 0 ? 'faint' : 'ours'}`}>
        <span class="spoken">position </span>
        {signed(net)}
      </span>
    </button>
  )
}

/** Short enough to stand beside the symbol: the order book says which auction. */
function phaseMark(phase: string): string {
  return phase.endsWith('AUCTION') ? 'auction' : phase.toLowerCase().replaceAll('_', ' ')
}

function changeText(percent: number): string {
  if (Math.abs(percent) < 0.005) return '0.00%'
  return `${percent > 0 ? '+' : '−'}${Math.abs(percent).toFixed(2)}%`
}
