// Turns stored columns (block-layout.ts) back into a block of events. Nothing in the bytes is trusted: what cannot be
// is a FeedFormatError, and no read leaves the bytes or the block.
//
// Whether an event continues an order or begins one is as good as random, so the loops below choose between two places
// by a mask instead of a branch. Checks gather what is wrong and look at it once, after the loop.

import { assert } from '../base/assert.ts'
import {
  ColumnId,
  DIRECTORY_COUNT_MAX,
  DIRECTORY_ENTRY_SIZE,
  DIRECTORY_HEADER_SIZE,
  NEW_TIME,
  OPTIONAL_COLUMN_ID_MIN,
  Reference,
} from './block-layout.ts'
import { planesSize, unfold, unpackPlanes, WIDTH_MAX } from './column-codec.ts'
import { BLOCK_EVENT_COUNT_MAX, type FeedBlock } from './feed-block.ts'
import { FEED_FLAGS_MAX, FEED_KIND_MAX, FeedFlag, SIDE_FLAGS } from './feed-event.ts'
import { FeedFormatError } from './feed-format.ts'

type Entry = {
  readonly id: number
  readonly width: number
  readonly count: number
  readonly base: number
  readonly at: number
}
type Entries = readonly (Entry | undefined)[]

/** Behind the events' own places in a scratch column: a place that holds 0, then places to choose from. */
const ZERO_AT = BLOCK_EVENT_COUNT_MAX
const CHOICES_AT = BLOCK_EVENT_COUNT_MAX + 1

export class BlockDecoder {
  readonly #instrumentCount: number
  readonly #low = new Uint32Array(BLOCK_EVENT_COUNT_MAX)
  readonly #high = new Uint32Array(BLOCK_EVENT_COUNT_MAX)
  /** The event that each event refers to; ~reference for one that refers to none. */
  readonly #origins = new Int32Array(BLOCK_EVENT_COUNT_MAX)
  readonly #times = new Float64Array(BLOCK_EVENT_COUNT_MAX)
  /** Ids by event, 0, then the numbers of the three columns of ids. */
  readonly #ids = new Float64Array(2 * BLOCK_EVENT_COUNT_MAX + 1)
  /** Quantities by event, 0. */
  readonly #quantities = new Int32Array(CHOICES_AT)
  /** Prices by event, unused, the last price of each instrument and side. */
  readonly #prices: Int32Array
  readonly #dictionary = new Uint32Array(BLOCK_EVENT_COUNT_MAX)
  /** All flags of the block's dictionary. */
  #flagsUsed = 0
  /** Where the block starts in the file, for messages. */
  #blockAt = 0

  constructor(instrumentCount: number) {
    this.#instrumentCount = instrumentCount
    this.#prices = new Int32Array(CHOICES_AT + 4 * instrumentCount)
  }

  /** Fills `block` with the `count` events of `raw`. */
  decode(raw: Uint8Array, count: number, block: FeedBlock, blockAt: number): void {
    assert(count >= 1 && count <= block.capacity, 'the block has room for the events')
    assert(raw.byteOffset % 8 === 0, 'the columns are aligned')
    this.#blockAt = blockAt
    const entries = this.#readDirectory(raw, count)
    block.count = count
    this.#decodeWords(raw, entries, block)
    this.#decodeInstruments(raw, entries[ColumnId.INSTRUMENT], block)
    this.#decodeLatencies(raw, entries[ColumnId.LATENCY], block)
    this.#decodeReferences(raw, entries[ColumnId.REFERENCE], count)
    this.#decodeOrderIds(raw, entries, block)
    this.#decodePrices(raw, entries[ColumnId.PRICE], block)
    this.#decodeQuantities(raw, entries[ColumnId.QUANTITY], block)
    this.#decodeSubTicks(raw, entries[ColumnId.SUB_TICKS], block)
    this.#decodeSequence(raw, entries[ColumnId.SEQUENCE], block)
  }

  #fail(message: string): never {
    throw new FeedFormatError(`the block is damaged: ${message}`, this.#blockAt)
  }

  /** The entries by column id. */
  #readDirectory(raw: Uint8Array, eventCount: number): Entries {
    if (raw.length < DIRECTORY_HEADER_SIZE) this.#fail('it has no directory')
    const view = new DataView(raw.buffer, raw.byteOffset, raw.length)
    const entryCount = view.getUint32(0, true)
    let at = DIRECTORY_HEADER_SIZE + DIRECTORY_ENTRY_SIZE * entryCount
    if (entryCount > DIRECTORY_COUNT_MAX || at > raw.length) this.#fail(`a directory of ${entryCount} columns`)
    const entries: (Entry | undefined)[] = []
    for (let position = 0; position < entryCount; position++) {
      const entryAt = DIRECTORY_HEADER_SIZE + DIRECTORY_ENTRY_SIZE * position
      const id = raw[entryAt]!
      const width = raw[entryAt + 1]!
      const count = view.getUint32(entryAt + 4, true)
      const base = view.getFloat64(entryAt + 8, true)
      if (width > WIDTH_MAX || count > eventCount || !Number.isSafeInteger(base)) {
        this.#fail(`column ${id} has width ${width}, ${count} numbers and base ${base}`)
      }
      if (at + planesSize(count, width) > raw.length) this.#fail(`column ${id} passes the end`)
      if (entries[id] !== undefined) this.#fail(`column ${id} is there twice`)
      if (id > ColumnId.SEQUENCE && id < OPTIONAL_COLUMN_ID_MIN) this.#fail(`column ${id} is unknown`)
      entries[id] = { id, width, count, base, at }
      at += planesSize(count, width)
    }
    return entries
  }

  /** Unpacks a column of `count` numbers of at most `widthMax` bytes; false when it is not there. */
  #unpack(raw: Uint8Array, entry: Entry | undefined, count: number, widthMax: number): entry is Entry {
    if (entry === undefined) return false
    if (entry.count !== count) this.#fail(`column ${entry.id} has ${entry.count} numbers instead of ${count}`)
    if (entry.width > widthMax) this.#fail(`column ${entry.id} has width ${entry.width}`)
    unpackPlanes(raw, entry.at, count, entry.width, this.#low, this.#high)
    return true
  }

  /** Kinds, flags and exchange times. */
  #decodeWords(raw: Uint8Array, entries: Entries, { count, kind, flags, exchangeNs }: FeedBlock): void {
    const dictionarySize = this.#decodeDictionary(raw, entries[ColumnId.DICTIONARY])
    const timeCount = this.#decodeTimes(raw, entries[ColumnId.TIME])
    const words = this.#low
    if (!this.#unpack(raw, entries[ColumnId.WORD], count, 2)) words.fill(0, 0, count)
    const dictionary = this.#dictionary
    const times = this.#times
    if (dictionary[words[0]!]! < NEW_TIME) this.#fail('its first event has no time')
    let highest = 0
    let newest = -1
    for (let i = 0; i < count; i++) {
      const position = words[i]!
      if (position > highest) highest = position
      const word = dictionary[position]!
      kind[i] = word
      flags[i] = word >>> 8
      newest += word >>> 24
      exchangeNs[i] = times[newest]!
    }
    if (highest >= dictionarySize) this.#fail('an event is not in its dictionary')
    if (newest !== timeCount - 1) this.#fail(`it has ${timeCount} times for ${newest + 1} events with a new time`)
  }

  #decodeDictionary(raw: Uint8Array, entry: Entry | undefined): number {
    if (entry === undefined) this.#fail('it has no dictionary')
    this.#unpack(raw, entry, entry.count, 4)
    this.#flagsUsed = 0
    for (let position = 0; position < entry.count; position++) {
      const word = this.#low[position]!
      const kind = word & 0xff
      const flags = (word >>> 8) & 0xffff
      if (kind < 1 || kind > FEED_KIND_MAX || flags > FEED_FLAGS_MAX || word >= 2 * NEW_TIME) {
        this.#fail(`its dictionary has the word ${word}`)
      }
      this.#dictionary[position] = word
      this.#flagsUsed |= flags
    }
    return entry.count
  }

  /** A block at the time base alone has no column of times. */
  #decodeTimes(raw: Uint8Array, entry: Entry | undefined): number {
    if (entry === undefined) {
      this.#times[0] = 0
      return 1
    }
    this.#unpack(raw, entry, entry.count, WIDTH_MAX)
    sumUp(this.#low, this.#high, entry, this.#times, 0)
    return entry.count
  }

  #decodeInstruments(raw: Uint8Array, entry: Entry | undefined, { count, instrumentIndex }: FeedBlock): void {
    if (!this.#unpack(raw, entry, count, 2)) {
      instrumentIndex.fill(0, 0, count)
      return
    }
    let highest = 0
    for (let i = 0; i < count; i++) {
      instrumentIndex[i] = this.#low[i]!
      if (this.#low[i]! > highest) highest = this.#low[i]!
    }
    if (highest >= this.#instrumentCount) this.#fail(`an event is of instrument ${highest}`)
  }

  #decodeLatencies(raw: Uint8Array, entry: Entry | undefined, { count, exchangeNs, localNs }: FeedBlock): void {
    if (entry === undefined || entry.width === 0) {
      const latencyNs = entry?.base ?? 0
      if (latencyNs === 0) localNs.set(exchangeNs.subarray(0, count))
      else for (let i = 0; i < count; i++) localNs[i] = exchangeNs[i]! + latencyNs
      return
    }
    this.#unpack(raw, entry, count, WIDTH_MAX)
    sumUp(this.#low, this.#high, entry, localNs, 0)
    for (let i = 0; i < count; i++) localNs[i] = localNs[i]! + exchangeNs[i]!
  }

  #decodeReferences(raw: Uint8Array, entry: Entry | undefined, count: number): void {
    const origins = this.#origins
    const references = this.#low
    if (!this.#unpack(raw, entry, count, 2)) {
      origins.fill(~Reference.NONE, 0, count)
      return
    }
    let outside = 0
    for (let i = 0; i < count; i++) {
      const reference = references[i]!
      const origin = i - reference + Reference.EARLIER
      const refers = (Reference.EARLIER - reference) >> 31
      outside |= origin
      origins[i] = (origin & refers) | (~reference & ~refers)
    }
    // A sign bit remains when a distance led before the first event.
    if (outside < 0) this.#fail('a reference leaves the block')
  }

  #decodeOrderIds(raw: Uint8Array, entries: Entries, { count, orderId }: FeedBlock): void {
    if (entries[ColumnId.REFERENCE] === undefined) {
      orderId.fill(0, 0, count)
      return
    }
    const syntheticAt = this.#decodeIds(raw, entries[ColumnId.NEW_ID], CHOICES_AT)
    const earlierAt = this.#decodeIds(raw, entries[ColumnId.SYNTHETIC_ID], syntheticAt)
    const endAt = this.#decodeIds(raw, entries[ColumnId.EARLIER_ID], earlierAt)
    const ids = this.#ids
    const origins = this.#origins
    // The next number of each column, by reference; the last place is for events that refer to an event.
    const next = new Int32Array([ZERO_AT, CHOICES_AT, syntheticAt, earlierAt, 0])
    const step = new Int32Array([0, 1, 1, 1, 0])
    for (let i = 0; i < count; i++) {
      const origin = origins[i]!
      const isNew = origin >> 31
      const reference = (~origin & isNew) | (4 & ~isNew)
      const choice = next[reference]!
      next[reference] = choice + step[reference]!
      ids[i] = ids[(choice & isNew) | (origin & ~isNew)]!
    }
    if (next[1] !== syntheticAt || next[2] !== earlierAt || next[3] !== endAt) {
      this.#fail('its order ids do not match its references')
    }
    orderId.set(ids.subarray(0, count))
  }

  /** Sums a column of ids up at `at`; returns where it ends. */
  #decodeIds(raw: Uint8Array, entry: Entry | undefined, at: number): number {
    if (entry === undefined) return at
    if (at + entry.count > this.#ids.length) this.#fail('it has more order ids than events')
    this.#unpack(raw, entry, entry.count, WIDTH_MAX)
    const lowest = sumUp(this.#low, this.#high, entry, this.#ids, at)
    if (lowest < 0) this.#fail('an order id is negative')
    return at + entry.count
  }

  #decodePrices(raw: Uint8Array, entry: Entry | undefined, block: FeedBlock): void {
    const { count, flags, instrumentIndex, priceTicks } = block
    if (!this.#unpack(raw, entry, count, 4)) {
      priceTicks.fill(0, 0, count)
      return
    }
    const low = this.#low
    const origins = this.#origins
    const prices = this.#prices.fill(entry.base, CHOICES_AT)
    for (let i = 0; i < count; i++) {
      const word = low[i]!
      const origin = origins[i]!
      const isNew = origin >> 31
      const lastAt = CHOICES_AT + 4 * instrumentIndex[i]! + (flags[i]! & SIDE_FLAGS)
      const predicted = prices[(lastAt & isNew) | (origin & ~isNew)]!
      const price = (predicted + ((word >>> 1) ^ -(word & 1))) | 0
      prices[i] = price
      prices[lastAt] = price
    }
    priceTicks.set(prices.subarray(0, count))
  }

  #decodeQuantities(raw: Uint8Array, entry: Entry | undefined, { count, quantityLots }: FeedBlock): void {
    if (!this.#unpack(raw, entry, count, WIDTH_MAX)) {
      quantityLots.fill(0, 0, count)
      return
    }
    const isNegative =
      entry.width > 4
        ? addWideQuantities(this.#low, this.#high, this.#origins, quantityLots, count)
        : addQuantities(this.#low, this.#origins, this.#quantities, count)
    if (isNegative) this.#fail('a quantity is negative')
    if (entry.width <= 4) quantityLots.set(this.#quantities.subarray(0, count))
  }

  #decodeSubTicks(raw: Uint8Array, entry: Entry | undefined, { count, flags, subTicks }: FeedBlock): void {
    if (entry === undefined) {
      if ((this.#flagsUsed & FeedFlag.OFF_TICK) !== 0) this.#fail('its fractions of ticks are missing')
      return
    }
    this.#unpack(raw, entry, entry.count, 4)
    let next = 0
    for (let i = 0; i < count && next < entry.count; i++) {
      if ((flags[i]! & FeedFlag.OFF_TICK) === 0) continue
      const word = this.#low[next]!
      subTicks[i] = (word >>> 1) ^ -(word & 1)
      next += 1
    }
    if (next !== entry.count) this.#fail('its fractions of ticks do not match its events')
  }

  #decodeSequence(raw: Uint8Array, entry: Entry | undefined, { count, sequence }: FeedBlock): void {
    if (!this.#unpack(raw, entry, count, WIDTH_MAX)) {
      sequence.fill(0, 0, count)
      return
    }
    let expected = entry.base
    for (let i = 0; i < count; i++) {
      const number = expected + unfold(this.#low[i]!, entry.width > 4 ? this.#high[i]! : 0)
      sequence[i] = number
      expected = number + 1
    }
  }
}

/** Quantities below 2^31 from their differences to the referenced event's, or to 0; true when one is negative. */
function addQuantities(low: Uint32Array, origins: Int32Array, quantities: Int32Array, count: number): boolean {
  let signs = 0
  for (let i = 0; i < count; i++) {
    const word = low[i]!
    const origin = origins[i]!
    const isNew = origin >> 31
    const quantity = (quantities[(ZERO_AT & isNew) | (origin & ~isNew)]! + ((word >>> 1) ^ -(word & 1))) | 0
    quantities[i] = quantity
    signs |= quantity
  }
  return signs < 0
}

/** The same for any quantities. */
function addWideQuantities(
  low: Uint32Array,
  high: Uint32Array,
  origins: Int32Array,
  quantities: Float64Array,
  count: number,
): boolean {
  let isNegative = false
  for (let i = 0; i < count; i++) {
    const origin = origins[i]!
    const quantity = unfold(low[i]!, high[i]!) + (origin < 0 ? 0 : quantities[origin]!)
    quantities[i] = quantity
    if (quantity < 0) isNegative = true
  }
  return isNegative
}

/** Running sums of a column of folded differences, from its base, at `target[at]` on; returns the lowest. */
function sumUp(low: Uint32Array, high: Uint32Array, entry: Entry, target: Float64Array, at: number): number {
  const { count, width } = entry
  let sum = entry.base
  let lowest = sum
  if (width > 4) {
    for (let i = 0; i < count; i++) {
      const word = low[i]!
      // Long gaps are rare, even in a column that is wide because of them.
      sum += high[i] === 0 ? (word >>> 1) ^ -(word & 1) : unfold(word, high[i]!)
      if (sum < lowest) lowest = sum
      target[at + i] = sum
    }
    return lowest
  }
  for (let i = 0; i < count; i++) {
    const word = low[i]!
    sum += (word >>> 1) ^ -(word & 1)
    if (sum < lowest) lowest = sum
    target[at + i] = sum
  }
  return lowest
}
