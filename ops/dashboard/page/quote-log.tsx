// What became of the latest quotes, newest first: accepted, reduced, refused, withdrawn, expired, and why.

import { signal } from '@preact/signals'
import type { QuoteEventView } from '../../gateway/dashboard-protocol.ts'
import { count, NOTHING, price, time } from './format.ts'
import { Pace, usePaced } from './paced.ts'
import { Empty } from './panel.tsx'
import { Rows } from './rows.tsx'
import { instruments, quoteEvents } from './store.ts'

const ROWS = 40
const onlyTroubled = signal(false)

export function QuoteLog() {
  const rows = usePaced(Pace.READ_MS, () => quoteEvents.value)
    .filter(({ outcome }) => !onlyTroubled.value || outcome !== 'accepted')
    .slice(-ROWS)
    .reverse()
  const known = new Map(instruments.value.map((instrument) => [instrument.symbol, instrument]))
  const priceText = (ticks: number, lots: number, symbol: string) =>
    lots === 0 || ticks === 0 ? NOTHING : price(ticks, known.get(symbol))
  return (
    <>
      <label class="filter">
        <input
          type="checkbox"
          checked={onlyTroubled.value}
          onChange={(event) => {
            onlyTroubled.value = event.currentTarget.checked
          }}
        />
        only those reduced, refused or ended
      </label>
      {rows.length === 0 ? (
        <Empty>None yet</Empty>
      ) : (
        <table class="grid">
          <Rows
            items={rows}
            columnCount={4}
            row={(event) => (
              <tr>
                <td class="muted">{time(event.timeMs)}</td>
                <td>{event.symbol}</td>
                <td class={`outcome ${toneOf(event.outcome)}`} title={event.reason}>
                  {event.outcome}
                  {event.reason !== '' && event.outcome !== 'reduced' && <span class="faint"> {event.reason}</span>}
                </td>
                <td class="number">
                  <span class="bid">
                    {count(event.bidLots)} @ {priceText(event.bidTicks, event.bidLots, event.symbol)}
                  </span>
                  <br />
                  <span class="ask">
                    {count(event.askLots)} @ {priceText(event.askTicks, event.askLots, event.symbol)}
                  </span>
                </td>
              </tr>
            )}
          />
        </table>
      )}
    </>
  )
}

function toneOf(outcome: QuoteEventView['outcome']): string {
  if (outcome === 'refused' || outcome === 'expired') return 'loss'
  return outcome === 'accepted' ? 'muted' : 'warn'
}
