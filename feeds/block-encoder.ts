// Turns a block of events into its stored columns (block-layout.ts), before compression.

import { assert } from '../base/assert.ts'
import {
  COLUMN_ID_MAX,
  ColumnId,
  DIRECTORY_ENTRY_SIZE,
  DIRECTORY_HEADER_SIZE,
  NEW_TIME,
  Reference,
} from './block-layout.ts'
import { packPlanes, WordColumn } from './column-codec.ts'
import type { FeedBlock } from './feed-block.ts'
import { FEED_FLAGS_MAX, FEED_KIND_MAX, FeedFlag, FeedKind, SIDE_FLAGS } from './feed-event.ts'
import { BLOCK_RAW_SIZE_MAX, FEED_TIME_NS_MAX } from './feed-format.ts'

/** Quantities from here on make the whole column wide, so that a reader of a narrow one can add with 32 bits. */
const NARROW_QUANTITY_LOTS = 2 ** 31
const WIDE_QUANTITY_WIDTH = 5

export class BlockEncoder {
  readonly #instrumentCount: number
  /** By column id. */
  readonly #columns: readonly WordColumn[]
  readonly #bases = new Float64Array(COLUMN_ID_MAX + 1)
  /** Position of each word in the block's dictionary. */
  readonly #positions = new Map<number, number>()
  /** Where each order was last named in the block. */
  readonly #namedAt = new Map<number, number>()
  /** Distance to the event that named the same order, 0 for none. */
  readonly #distances: Uint32Array
  /** The last number of each column of order ids. */
  readonly #lastIds = new Float64Array(COLUMN_ID_MAX + 1)
  readonly #lastPrices: Int32Array
  #quantityWidthMin = 0
  readonly #raw = new Uint8Array(BLOCK_RAW_SIZE_MAX)

  constructor(capacity: number, instrumentCount: number) {
    this.#instrumentCount = instrumentCount
    this.#columns = Array.from({ length: COLUMN_ID_MAX + 1 }, () => new WordColumn(capacity))
    this.#distances = new Uint32Array(capacity)
    this.#lastPrices = new Int32Array(4 * instrumentCount)
  }

  /** The stored columns: a view that is valid until the next call. */
  encode(block: FeedBlock): Uint8Array {
    assert(block.count > 0 && block.count <= this.#distances.length, 'a block to encode has events')
    for (const column of this.#columns) column.clear()
    this.#bases.fill(0)
    this.#fillWords(block)
    this.#fillTimes(block)
    this.#fillOrders(block)
    this.#fillPrices(block)
    this.#fillRest(block)
    return this.#pack()
  }

  #column(id: ColumnId): WordColumn {
    return this.#columns[id]!
  }

  #fillWords({ count, kind, flags, instrumentIndex, exchangeNs }: FeedBlock): void {
    const words = this.#column(ColumnId.WORD)
    this.#positions.clear()
    let lastWord = -1
    let position = 0
    for (let i = 0; i < count; i++) {
      assert(instrumentIndex[i]! < this.#instrumentCount, 'an event is of an instrument of the header')
      const isNewTime = i === 0 || exchangeNs[i] !== exchangeNs[i - 1]
      const word = kind[i]! | (flags[i]! << 8) | (isNewTime ? NEW_TIME : 0)
      // The levels of one message are alike.
      if (word !== lastWord) {
        assert(kind[i]! >= 1 && kind[i]! <= FEED_KIND_MAX, 'an event has a kind')
        assert(flags[i]! <= FEED_FLAGS_MAX, 'flags are known ones')
        position = this.#positionOf(word)
      }
      lastWord = word
      words.pushUnsigned(position)
    }
    // The instrument of a feed that has but one goes without saying.
    if (this.#instrumentCount === 1) return
    const instruments = this.#column(ColumnId.INSTRUMENT)
    for (let i = 0; i < count; i++) instruments.pushUnsigned(instrumentIndex[i]!)
  }

  #positionOf(word: number): number {
    const known = this.#positions.get(word)
    if (known !== undefined) return known
    const position = this.#positions.size
    this.#positions.set(word, position)
    this.#column(ColumnId.DICTIONARY).pushUnsigned(word)
    return position
  }

  #fillTimes({ count, exchangeNs, localNs }: FeedBlock): void {
    const times = this.#column(ColumnId.TIME)
    const latencies = this.#column(ColumnId.LATENCY)
    let previousNs = exchangeNs[0]!
    let previousLocalNs = localNs[0]!
    let previousLatencyNs = previousLocalNs - previousNs
    checkTimes(previousNs, previousLatencyNs)
    this.#bases[ColumnId.TIME] = previousNs
    this.#bases[ColumnId.LATENCY] = previousLatencyNs
    times.pushUnsigned(0)
    for (let i = 0; i < count; i++) {
      const timeNs = exchangeNs[i]!
      // Most events have the times of the one before.
      if (timeNs === previousNs && localNs[i] === previousLocalNs) {
        latencies.pushUnsigned(0)
        continue
      }
      const latencyNs = localNs[i]! - timeNs
      checkTimes(timeNs, latencyNs)
      if (timeNs !== previousNs) times.pushSigned(timeNs - previousNs)
      latencies.pushSigned(latencyNs - previousLatencyNs)
      previousNs = timeNs
      previousLocalNs = localNs[i]!
      previousLatencyNs = latencyNs
    }
  }

  #fillOrders({ count, kind, flags, orderId }: FeedBlock): void {
    const references = this.#column(ColumnId.REFERENCE)
    const namedAt = this.#namedAt
    namedAt.clear()
    for (let i = 0; i < count; i++) {
      const id = orderId[i]!
      assert(Number.isSafeInteger(id) && id >= 0, 'an order id is a whole number')
      this.#distances[i] = 0
      if (id === 0) {
        references.pushUnsigned(Reference.NONE)
        continue
      }
      const named = namedAt.get(id)
      namedAt.set(id, i)
      if (named !== undefined) {
        this.#distances[i] = i - named
        references.pushUnsigned(Reference.EARLIER + i - named)
      } else if (kind[i] !== FeedKind.ADD) {
        references.pushUnsigned(Reference.EARLIER)
        this.#pushId(ColumnId.EARLIER_ID, id)
      } else if ((flags[i]! & FeedFlag.SYNTHETIC) !== 0) {
        references.pushUnsigned(Reference.SYNTHETIC)
        this.#pushId(ColumnId.SYNTHETIC_ID, id)
      } else {
        references.pushUnsigned(Reference.NEW)
        this.#pushId(ColumnId.NEW_ID, id)
      }
    }
  }

  #pushId(columnId: ColumnId, id: number): void {
    const column = this.#column(columnId)
    if (column.count === 0) {
      this.#bases[columnId] = id
      this.#lastIds[columnId] = id
    }
    column.pushSigned(id - this.#lastIds[columnId]!)
    this.#lastIds[columnId] = id
  }

  #fillPrices({ count, flags, instrumentIndex, priceTicks, quantityLots }: FeedBlock): void {
    const prices = this.#column(ColumnId.PRICE)
    const quantities = this.#column(ColumnId.QUANTITY)
    this.#quantityWidthMin = 0
    const lastPrices = this.#lastPrices.fill(priceTicks[0]!)
    this.#bases[ColumnId.PRICE] = priceTicks[0]!
    for (let i = 0; i < count; i++) {
      const distance = this.#distances[i]!
      const slot = 4 * instrumentIndex[i]! + (flags[i]! & SIDE_FLAGS)
      const predicted = distance > 0 ? priceTicks[i - distance]! : lastPrices[slot]!
      const quantity = quantityLots[i]!
      assert(Number.isSafeInteger(quantity) && quantity >= 0, 'a quantity is whole lots')
      prices.pushSigned((priceTicks[i]! - predicted) | 0)
      quantities.pushSigned(quantity - (distance > 0 ? quantityLots[i - distance]! : 0))
      if (quantity >= NARROW_QUANTITY_LOTS) this.#quantityWidthMin = WIDE_QUANTITY_WIDTH
      lastPrices[slot] = priceTicks[i]!
    }
  }

  #fillRest({ count, flags, subTicks, sequence }: FeedBlock): void {
    let isNumbered = false
    for (let i = 0; i < count; i++) {
      if ((flags[i]! & FeedFlag.OFF_TICK) !== 0) this.#column(ColumnId.SUB_TICKS).pushSigned(subTicks[i]!)
      if (sequence[i] !== 0) isNumbered = true
    }
    if (!isNumbered) return
    const numbers = this.#column(ColumnId.SEQUENCE)
    let expected = sequence[0]!
    this.#bases[ColumnId.SEQUENCE] = expected
    for (let i = 0; i < count; i++) {
      const number = sequence[i]!
      assert(Number.isSafeInteger(number) && number >= 0, 'a sequence number is a whole number')
      numbers.pushSigned(number - expected)
      expected = number + 1
    }
  }

  #pack(): Uint8Array {
    const ids = Object.values(ColumnId).filter((id) => this.#isStored(id))
    const view = new DataView(this.#raw.buffer)
    view.setUint32(0, ids.length, true)
    view.setUint32(4, 0, true)
    let at = DIRECTORY_HEADER_SIZE + DIRECTORY_ENTRY_SIZE * ids.length
    ids.forEach((id, position) => {
      const column = this.#column(id)
      const width = Math.max(column.width(), id === ColumnId.QUANTITY ? this.#quantityWidthMin : 0)
      const entryAt = DIRECTORY_HEADER_SIZE + DIRECTORY_ENTRY_SIZE * position
      view.setUint32(entryAt, id | (width << 8), true)
      view.setUint32(entryAt + 4, column.count, true)
      view.setFloat64(entryAt + 8, this.#bases[id]!, true)
      at = packPlanes(column, width, this.#raw, at)
    })
    return this.#raw.subarray(0, at)
  }

  /** A column of zeros without a base says nothing. */
  #isStored(id: ColumnId): boolean {
    const column = this.#column(id)
    if (id === ColumnId.SUB_TICKS) return column.count > 0
    return column.count > 0 && (column.width() > 0 || this.#bases[id] !== 0)
  }
}

function checkTimes(timeNs: number, latencyNs: number): void {
  assert(Math.abs(timeNs) <= FEED_TIME_NS_MAX && Math.abs(latencyNs) <= FEED_TIME_NS_MAX, 'times lie near the base')
  assert(Number.isInteger(timeNs) && Number.isInteger(latencyNs), 'times are whole nanoseconds')
}
