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

/** Prices and quantities in steps. */
export type LevelColumns = { readonly ticks: Int32Array; readonly lots: Float64Array }

/** What importers of levels write to: thousands of them come with the same times. */
export type LevelSink = FeedSink & {
  /** Pushes levels `from .. to`, each as an event of the kind LEVEL of the first instrument. */
  pushLevels(flags: number, exchangeNs: number, localNs: number, levels: LevelColumns, from: number, to: number): void
}

/** Why a row of a source cannot be used, or null. */
export type RowFault = string | null
