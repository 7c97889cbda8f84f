// What became of the latest quotes, newest first: accepted, reduced, refused, withdrawn, expired, and why.

import { computed, signal } from '@preact/signals'
import type { QuoteEventView } from '../../gateway/dashboard-protocol.ts'
import { count, NOTHING, price, time } from './format.ts'
import { Empty } from './panel.tsx'
import { instruments, quoteEvents } from './store.ts'

const ROWS = 40
const onlyTroubled = signal(false)
const rows = computed(() =>
  quoteEvents.value
    .filter(({ outcome }) => !onlyTroubled.value || outcome !== 'accepted')
    .slice(-ROWS)
    .reverse(),
)

export function QuoteLog() {
  const known = new Map(instruments.value.map((instrument) => [instrument.symbol, instrument]))
  const priceText = (ticks: number, lots: number, symbol: string) =>
    lots === 0 || ticks === 0 ? NOTHING : price(ticks, known.get(symbol)!)
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
      {rows.value.length === 0 ? (
        <Empty>None yet</Empty>
      ) : (
        <table class="grid">
          <tbody>
            {rows.value.map((event, at) => (
              <tr key={`${event.recordSeq} ${event.symbol} ${event.outcome} ${at}`}>
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
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}

function toneOf(outcome: QuoteEventView['outcome']): string {
  if (outcome === 'refused' || outcome === 'expired') return 'loss'
  return outcome === 'accepted' ? 'muted' : 'warn'
}
