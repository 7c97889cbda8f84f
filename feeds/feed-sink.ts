// What importers write events to: the feed encoder, or a test.

import type { FeedKind } from './feed-event.ts'

export type FeedSink = {
  push(
    kind: FeedKind,
    flags: number,
    instrumentIndex: number,
    exchangeNs: number,
    localNs: number,
    priceTicks: number,
    quantityLots: number,
    orderId: number,
    subTicks?: number,
    sequence?: number,
  ): void
  /** The event pushed last ends a message of the source. */
  markLast(): void
}

/** Why a row of a source cannot be used, or null. */
export type RowFault = string | null
