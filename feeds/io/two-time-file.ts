// The second half of an import whose events carry two times: the events wait, in the order of the source, until their
// disorder and the fault of the local clock are known; then they are put into their order. The first ones wait in memory,
// the rest of a long source in a file beside the target.

import { rmSync } from 'node:fs'
import { FeedBlock } from '../feed-block.ts'
import { FeedFlag, FeedKind } from '../feed-event.ts'
import { FEED_TIME_NS_MAX } from '../feed-format.ts'
import type { FeedHeader } from '../feed-header.ts'
import type { LevelColumns, LevelSink } from '../feed-sink.ts'
import { TwoTimeOrder, TwoTimeSurvey } from '../two-time-order.ts'
import { FeedFileWriter, openFeed } from './feed-file.ts'
import { InputFileError } from './input-file.ts'
import { zstdCompression } from './zstd.ts'

/** The waiting file lives for seconds: fast matters, size does not. */
const WAITING_LEVEL = 1
/** Blocks that wait in memory: 1.9 MB each. */
const MEMORY_BLOCK_COUNT_MAX = 24

export type TwoTimeOutcome = {
  readonly eventCount: number
  readonly size: number
  /** Added to every local time: without it events would have been known before they happened. */
  readonly clockOffsetNs: number
  readonly exchangeDisorderNs: number
  readonly localDisorderNs: number
  readonly counts: Readonly<Record<'both' | 'exchangeOnly' | 'localOnly', number>>
}

/** Takes events in the source's order. */
export class TwoTimeFileWriter implements LevelSink {
  readonly #path: string
  readonly #header: FeedHeader
  readonly #blocks: FeedBlock[] = []
  #block = new FeedBlock()
  #spill: FeedFileWriter | null = null
  #isSpillOpen = false
  readonly #survey = new TwoTimeSurvey()
  eventCount = 0
  /** Events with a time that no feed can hold. */
  farCount = 0

  constructor(path: string, header: FeedHeader) {
    this.#path = path
    this.#header = header
  }

  push(
    kind: FeedKind,
    flags: number,
    instrumentIndex: number,
    exchangeNs: number,
    localNs: number,
    priceTicks: number,
    quantityLots: number,
    orderId: number,
    subTicks = 0,
    sequence = 0,
  ): void {
    this.#lookAt(exchangeNs, localNs, 1)
    // A full block waits for the next event: its last one may still be marked.
    if (this.#block.count === this.#block.capacity) this.#nextBlock()
    const block = this.#block
    const at = block.count
    block.kind[at] = kind
    block.flags[at] = flags
    block.exchangeNs[at] = exchangeNs
    block.localNs[at] = localNs
    block.priceTicks[at] = priceTicks
    block.quantityLots[at] = quantityLots
    // A new block is all zeros: what is left so takes no memory either.
    if (instrumentIndex !== 0) block.instrumentIndex[at] = instrumentIndex
    if (orderId !== 0) block.orderId[at] = orderId
    if (subTicks !== 0) block.subTicks[at] = subTicks
    if (sequence !== 0) block.sequence[at] = sequence
    block.count = at + 1
  }

  pushLevels(flags: number, exchangeNs: number, localNs: number, levels: LevelColumns, from: number, to: number): void {
    if (from === to) return
    this.#lookAt(exchangeNs, localNs, to - from)
    for (let at = from; at < to; ) {
      if (this.#block.count === this.#block.capacity) this.#nextBlock()
      const end = Math.min(to, at + this.#block.capacity - this.#block.count)
      addLevels(this.#block, flags, exchangeNs, localNs, levels, at, end)
      at = end
    }
  }

  #lookAt(exchangeNs: number, localNs: number, count: number): void {
    if (!isNear(exchangeNs) || !isNear(localNs)) this.farCount += count
    this.#survey.add(exchangeNs, localNs)
    this.eventCount += count
  }

  markLast(): void {
    const { count, flags } = this.#block
    flags[count - 1] = flags[count - 1]! | FeedFlag.LAST
  }

  #nextBlock(): void {
    if (this.#blocks.length < MEMORY_BLOCK_COUNT_MAX) {
      this.#blocks.push(this.#block)
      this.#block = new FeedBlock()
      return
    }
    const block = this.#block
    if (this.#spill === null) {
      this.#spill = new FeedFileWriter(`${this.#path}.waiting`, this.#header, zstdCompression(WAITING_LEVEL))
      this.#isSpillOpen = true
    }
    this.#spill.encoder.pushRun(block, 0, block.count, 0, 0)
    for (const column of [block.instrumentIndex, block.orderId, block.subTicks, block.sequence]) column.fill(0)
    block.count = 0
  }

  /** Hands all events that wait to the order, as the source has them. */
  #takeAll(order: TwoTimeOrder): void {
    for (const block of this.#blocks) order.push(block)
    if (this.#spill !== null) {
      this.#spill.finish()
      this.#isSpillOpen = false
      const source = openFeed(`${this.#path}.waiting`)
      try {
        for (let block = order.takeSpare(); source.reader.next(block); block = order.takeSpare()) order.push(block)
      } finally {
        source.close()
      }
    }
    order.push(this.#block)
  }

  /** Throws when an event pushed so far has a time that no feed can hold. `place`: where the latest one came from. */
  checkTimes(place: string): void {
    if (this.farCount === 0) return
    const day = new Date((this.#header.timeBaseUnixS ?? 0) * 1_000).toISOString().slice(0, 10)
    throw new InputFileError(
      `${place}: a time is none, or more than 26 days from ${day}, the day that the feed starts with\n` +
        '  Is a time in the source damaged, or in another unit?',
    )
  }

  /** Orders the events and writes the feed. Throws InputFileError where a time cannot be. */
  finish(): TwoTimeOutcome {
    this.checkTimes(this.#path)
    const { disorder, latencyMinNs } = this.#survey
    const clockOffsetNs = latencyMinNs < 0 ? -latencyMinNs : 0
    const header = { ...this.#header, metadata: { ...this.#header.metadata, clockOffsetNs: `${clockOffsetNs}` } }
    const writer = new FeedFileWriter(this.#path, header)
    try {
      const order = new TwoTimeOrder(writer.encoder, disorder, clockOffsetNs)
      this.#takeAll(order)
      order.finish()
      writer.finish()
      const { eventCount, size } = writer.encoder
      const { exchangeNs, localNs } = disorder
      return {
        eventCount,
        size,
        clockOffsetNs,
        exchangeDisorderNs: exchangeNs,
        localDisorderNs: localNs,
        counts: order.counts,
      }
    } catch (error) {
      writer.abandon()
      throw error
    } finally {
      rmSync(`${this.#path}.waiting`, { force: true })
    }
  }

  abandon(): void {
    if (this.#isSpillOpen) this.#spill?.abandon()
    rmSync(`${this.#path}.waiting`, { force: true })
  }
}

/** What the user should know of the source's clocks. */
export function timeNotes({ clockOffsetNs, exchangeDisorderNs, localDisorderNs }: TwoTimeOutcome): string[] {
  const notes: string[] = []
  const ms = (ns: number) => (ns / 1e6).toFixed(3)
  if (clockOffsetNs > 0) {
    notes.push(`The local clock was behind: ${ms(clockOffsetNs)} ms were added to every local time.`)
  }
  if (exchangeDisorderNs > 0)
    notes.push(`Exchange times went back by up to ${ms(exchangeDisorderNs)} ms; put in order.`)
  if (localDisorderNs > 0) notes.push(`Local times went back by up to ${ms(localDisorderNs)} ms; put in order.`)
  return notes
}

/** The block has room for the levels. */
function addLevels(
  block: FeedBlock,
  flags: number,
  exchangeNs: number,
  localNs: number,
  { ticks, lots }: LevelColumns,
  from: number,
  to: number,
): void {
  const start = block.count
  const end = start + to - from
  block.kind.fill(FeedKind.LEVEL, start, end)
  block.flags.fill(flags, start, end)
  block.exchangeNs.fill(exchangeNs, start, end)
  block.localNs.fill(localNs, start, end)
  for (let i = from, at = start; i < to; i++, at++) {
    block.priceTicks[at] = ticks[i]!
    block.quantityLots[at] = lots[i]!
  }
  block.count = end
}

/** Half of what a feed holds, so that latencies and corrected times fit too. A time that is none never comes to its turn. */
function isNear(timeNs: number): boolean {
  return Math.abs(timeNs) <= FEED_TIME_NS_MAX / 2
}
