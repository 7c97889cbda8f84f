// The second half of an import whose events carry two times: the events wait in a file beside the target, in the order of
// the source, until their disorder and the fault of the local clock are known; then they are put into their order.

import { rmSync } from 'node:fs'
import { FeedBlock } from '../feed-block.ts'
import type { FeedKind } from '../feed-event.ts'
import type { FeedHeader } from '../feed-header.ts'
import type { FeedSink } from '../feed-sink.ts'
import { TwoTimeOrder, TwoTimeSurvey } from '../two-time-order.ts'
import { FeedFileWriter, openFeed } from './feed-file.ts'
import { zstdCompression } from './zstd.ts'

/** The waiting file lives for seconds: fast matters, size does not. */
const WAITING_LEVEL = 1

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
export class TwoTimeFileWriter implements FeedSink {
  readonly #path: string
  readonly #header: FeedHeader
  readonly #waiting: FeedFileWriter
  readonly #survey = new TwoTimeSurvey()
  #isWaitingOpen = true

  constructor(path: string, header: FeedHeader) {
    this.#path = path
    this.#header = header
    this.#waiting = new FeedFileWriter(`${path}.waiting`, header, zstdCompression(WAITING_LEVEL))
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
    this.#survey.add(exchangeNs, localNs)
    const { encoder } = this.#waiting
    const [times, rest] = [[exchangeNs, localNs] as const, [quantityLots, orderId, subTicks, sequence] as const]
    encoder.push(kind, flags, instrumentIndex, ...times, priceTicks, ...rest)
  }

  markLast(): void {
    this.#waiting.encoder.markLast()
  }

  get eventCount(): number {
    return this.#waiting.encoder.eventCount
  }

  /** Orders the events and writes the feed. */
  finish(): TwoTimeOutcome {
    this.#waiting.finish()
    this.#isWaitingOpen = false
    const { disorder, latencyMinNs } = this.#survey
    const clockOffsetNs = latencyMinNs < 0 ? -latencyMinNs : 0
    const source = openFeed(`${this.#path}.waiting`)
    const header = { ...this.#header, metadata: { ...this.#header.metadata, clockOffsetNs: `${clockOffsetNs}` } }
    const writer = new FeedFileWriter(this.#path, header)
    try {
      const order = new TwoTimeOrder(writer.encoder, disorder, clockOffsetNs)
      const block = new FeedBlock()
      while (source.reader.next(block)) for (let i = 0; i < block.count; i++) order.push(block, i)
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
      source.close()
      rmSync(`${this.#path}.waiting`, { force: true })
    }
  }

  abandon(): void {
    if (this.#isWaitingOpen) this.#waiting.abandon()
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
