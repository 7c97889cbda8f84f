// Market-maker protection. Rules: docs/exchange-rules.md.

import { EventField, type EventLog } from '../../protocol/event.ts'
import { EventFlag, EventKind, Reason } from '../../protocol/kinds.ts'
import { type NaiveBook, NO_FILLS } from './naive-book.ts'
import { cancelQuote } from './naive-quotes.ts'
import type { NaiveState } from './naive-state.ts'

/** After the events of a command from index `from` on. */
export function protectQuotes(state: NaiveState, from: number, nowNs: number, events: EventLog): void {
  for (const book of state.books) {
    const limits = book.instrument.quoteProtection
    if (limits === undefined) continue
    const accepted = eventsOf(events, from, book, EventKind.QUOTE_ACCEPTED).at(-1)
    if (accepted !== undefined) book.quotedLots = accepted.quantityLots + accepted.leavesLots
    const fills = eventsOf(events, from, book, EventKind.TRADE).filter(
      ({ flags }) => (flags & (EventFlag.QUOTE | EventFlag.CONTRA_QUOTE)) !== 0,
    )
    if (fills.length === 0) continue
    const isOpen = book.fills.lots.length > 0 && nowNs < book.fills.sinceNs + limits.windowNs
    const { sinceNs, lots } = isOpen ? book.fills : { sinceNs: nowNs, lots: [] }
    book.fills = { sinceNs, lots: [...lots, ...fills.map(({ quantityLots }) => quantityLots)] }
    const filledLots = book.fills.lots.reduce((sum, one) => sum + one, 0)
    const isQuantityReached = limits.quantityLots > 0 && filledLots >= limits.quantityLots
    const isCountReached = limits.fillCount > 0 && book.fills.lots.length >= limits.fillCount
    const isPercentReached = limits.percent > 0 && filledLots * 100 >= limits.percent * book.quotedLots
    if (!isQuantityReached && !isCountReached && !isPercentReached) continue
    book.fills = NO_FILLS
    cancelQuote(state, book.symbolId, Reason.PROTECTION, 0, events)
  }
}

type FoundEvent = { readonly flags: number; readonly quantityLots: number; readonly leavesLots: number }

function eventsOf(events: EventLog, from: number, book: NaiveBook, kind: EventKind): readonly FoundEvent[] {
  const found: FoundEvent[] = []
  for (let index = from; index < events.count; index++) {
    const at = index * EventField.LENGTH
    if (events.bytes[at + EventField.KIND] !== kind) continue
    if (events.int32[(at + EventField.SYMBOL_ID) >> 2] !== book.symbolId) continue
    found.push({
      flags: events.bytes[at + EventField.FLAGS]!,
      quantityLots: events.int32[(at + EventField.QUANTITY_LOTS) >> 2]!,
      leavesLots: events.int32[(at + EventField.LEAVES_LOTS) >> 2]!,
    })
  }
  return found
}
