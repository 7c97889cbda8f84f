// Rebuilds a feed's books and looks for what cannot be: the findings of `tandem feed verify`. Pure; each finding keeps
// its count and the place of its first.

import { BookOutcome, type DepthBook, isCrossed, isLocked } from './depth-book.ts'
import type { FeedBlock } from './feed-block.ts'
import { FeedFlag, FeedKind } from './feed-event.ts'
import type { FeedHeader } from './feed-header.ts'
import { bookFor } from './feed-statistics.ts'

export type Finding = {
  readonly name: string
  count: number
  /** Where it was first seen; empty while it was not. */
  first: string
}

export class FeedCheck {
  readonly timeOrder: Finding = { name: 'events out of time order', count: 0, first: '' }
  readonly sequenceOrder: Finding = { name: 'sequence numbers going back', count: 0, first: '' }
  readonly gaps: Finding = { name: 'gaps in the source', count: 0, first: '' }
  readonly unknownOrders: Finding = { name: 'events naming unknown orders', count: 0, first: '' }
  readonly duplicateOrders: Finding = { name: 'orders added twice', count: 0, first: '' }
  readonly excess: Finding = { name: 'orders reduced below zero', count: 0, first: '' }
  readonly crossed: Finding = { name: 'crossed books', count: 0, first: '' }
  readonly locked: Finding = { name: 'locked books', count: 0, first: '' }
  eventCount = 0
  /** Messages of the source: states of the book. */
  messageCount = 0
  unmatchedCount = 0
  syntheticCount = 0
  readonly books: readonly DepthBook[]
  #exchangeNs = -Infinity
  #localNs = -Infinity
  readonly #sequences: Float64Array

  constructor(header: FeedHeader) {
    this.books = header.instruments.map(() => bookFor(header))
    this.#sequences = new Float64Array(header.instruments.length)
  }

  get findings(): readonly Finding[] {
    const { timeOrder, sequenceOrder, gaps, unknownOrders, duplicateOrders, excess, crossed, locked } = this
    return [timeOrder, sequenceOrder, gaps, unknownOrders, duplicateOrders, excess, crossed, locked]
  }

  /** Applies event `i` of the block; true when it ended a message, so that the book is whole. */
  apply(block: FeedBlock, i: number): boolean {
    const flags = block.flags[i]!
    const kind = block.kind[i]!
    const eventIndex = block.firstEventIndex + i
    this.eventCount += 1
    this.#checkTimes(block, i, eventIndex)
    this.#checkSequence(block, i, eventIndex)
    // What only the local side sees was counted and applied when the exchange saw it.
    if ((flags & FeedFlag.EXCHANGE) === 0) return false
    if ((flags & FeedFlag.UNMATCHED) !== 0) this.unmatchedCount += 1
    if ((flags & FeedFlag.SYNTHETIC) !== 0) this.syntheticCount += 1
    if (kind === FeedKind.GAP) note(this.gaps, eventIndex)
    const book = this.books[block.instrumentIndex[i]!]!
    const outcome = book.apply(kind, flags, block.orderId[i]!, block.priceTicks[i]!, block.quantityLots[i]!)
    if (outcome === BookOutcome.UNKNOWN_ORDER) note(this.unknownOrders, eventIndex, `order ${block.orderId[i]}`)
    if (outcome === BookOutcome.DUPLICATE_ORDER) note(this.duplicateOrders, eventIndex, `order ${block.orderId[i]}`)
    if (outcome === BookOutcome.EXCESS) note(this.excess, eventIndex, `order ${block.orderId[i]}`)
    if ((flags & FeedFlag.LAST) === 0) return false
    this.messageCount += 1
    if (isCrossed(book)) note(this.crossed, eventIndex, `message ${this.messageCount}`)
    else if (isLocked(book)) note(this.locked, eventIndex, `message ${this.messageCount}`)
    return true
  }

  /** Each side sees its events in the order of its own times. */
  #checkTimes(block: FeedBlock, i: number, eventIndex: number): void {
    const flags = block.flags[i]!
    const exchangeNs = block.exchangeNs[i]!
    const localNs = block.localNs[i]!
    if ((flags & FeedFlag.EXCHANGE) !== 0) {
      if (exchangeNs < this.#exchangeNs) note(this.timeOrder, eventIndex, `${this.#exchangeNs - exchangeNs} ns back`)
      this.#exchangeNs = exchangeNs
    }
    if ((flags & FeedFlag.LOCAL) !== 0) {
      if (localNs < this.#localNs) note(this.timeOrder, eventIndex, `${this.#localNs - localNs} ns back, local`)
      this.#localNs = localNs
    }
  }

  #checkSequence(block: FeedBlock, i: number, eventIndex: number): void {
    const sequence = block.sequence[i]!
    if (sequence === 0 || (block.flags[i]! & FeedFlag.EXCHANGE) === 0) return
    const instrument = block.instrumentIndex[i]!
    if (sequence < this.#sequences[instrument]!) note(this.sequenceOrder, eventIndex, `number ${sequence}`)
    this.#sequences[instrument] = sequence
  }
}

function note(finding: Finding, eventIndex: number, detail = ''): void {
  if (finding.count === 0) finding.first = `event ${eventIndex + 1}${detail === '' ? '' : `, ${detail}`}`
  finding.count += 1
}
