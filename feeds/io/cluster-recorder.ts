// Records a running cluster to a feed: subscribes to the order-by-order market data of its symbols, asks for snapshots,
// and writes what comes with the record's time and the time it came.

import type { Subscription, Transport } from '../../protocol/io/transport.ts'
import { Subjects } from '../../protocol/subjects.ts'
import type { FeedHeader } from '../feed-header.ts'
import type { FeedSink } from '../feed-sink.ts'
import { FrameRecorder, type FrameRecorderCounts } from '../frame-recorder.ts'
import { openingPriceKey } from '../opening-price.ts'
import { InputFileError } from './input-file.ts'
import { TwoTimeFileWriter, timeNotes } from './two-time-file.ts'

export type RecordSummary = {
  readonly counts: FrameRecorderCounts
  readonly eventCount: number
  readonly size: number
  readonly notes: readonly string[]
}

type InstrumentAnswer = {
  readonly timeBaseUnixMs: number
  readonly instruments: readonly {
    readonly symbol: string
    readonly tickSize: string
    readonly lotSize: string
    readonly openingPriceTicks: number
  }[]
}

const QUERY_TIMEOUT_MS = 2_000
const SNAPSHOT_RETRY_MS = 200

export class ClusterRecorder {
  readonly #transport: Transport
  readonly #subjects: Subjects
  readonly #writer: TwoTimeFileWriter
  readonly #recorders: { readonly symbol: string; readonly recorder: FrameRecorder }[] = []
  readonly #subscriptions: Subscription[] = []
  /** Added to times of records, and taken off the wall clock: the feed's time 0 is a whole second. */
  readonly #baseNs: number
  readonly #timeBaseUnixMs: number
  readonly #wallStartMs = Date.now()
  readonly #monotonicStartMs = performance.now()
  #timer: NodeJS.Timeout | undefined
  #isAsking = false

  private constructor(
    transport: Transport,
    subjects: Subjects,
    out: string,
    answer: InstrumentAnswer,
    wanted: readonly string[],
  ) {
    this.#transport = transport
    this.#subjects = subjects
    const baseS = Math.floor(answer.timeBaseUnixMs / 1_000)
    this.#timeBaseUnixMs = answer.timeBaseUnixMs
    this.#baseNs = (answer.timeBaseUnixMs - baseS * 1_000) * 1e6
    const symbols = answer.instruments.filter(({ symbol }) => wanted.length === 0 || wanted.includes(symbol))
    if (symbols.length === 0) {
      const known = answer.instruments.map(({ symbol }) => symbol).join(', ')
      throw new InputFileError(`the cluster has no ${wanted.join(', ')}\n  It has ${known}.`)
    }
    const header: FeedHeader = {
      ...{ source: 'tandem', detail: 'L3', timeBaseUnixS: baseS },
      metadata: Object.fromEntries(
        symbols.map(({ symbol, openingPriceTicks }) => [openingPriceKey(symbol), String(openingPriceTicks)]),
      ),
      instruments: symbols.map(({ symbol, tickSize, lotSize }) => ({ symbol, tickSize, lotSize })),
    }
    this.#writer = new TwoTimeFileWriter(out, header)
    const shifted = shiftedSink(this.#writer, this.#baseNs)
    for (const [index, { symbol }] of symbols.entries()) {
      const symbolId = answer.instruments.findIndex((instrument) => instrument.symbol === symbol)
      this.#recorders.push({ symbol, recorder: new FrameRecorder(shifted, index, symbolId) })
    }
  }

  /** `symbols` empty: all. */
  static async start(
    transport: Transport,
    clusterId: string,
    out: string,
    symbols: readonly string[],
  ): Promise<ClusterRecorder> {
    const subjects = new Subjects(clusterId)
    const answer = await transport.request(subjects.query('instruments'), new Uint8Array(0), QUERY_TIMEOUT_MS)
    const parsed = JSON.parse(new TextDecoder().decode(answer)) as InstrumentAnswer
    const recorder = new ClusterRecorder(transport, subjects, out, parsed, symbols)
    await recorder.#subscribe()
    return recorder
  }

  get eventCount(): number {
    return this.#writer.eventCount
  }

  /** Ends the recording and puts the feed in order. */
  finish(): RecordSummary {
    clearInterval(this.#timer)
    for (const subscription of this.#subscriptions) subscription.unsubscribe()
    const counts = { frames: 0, entries: 0, snapshots: 0, gaps: 0, badFrames: 0 }
    for (const { recorder } of this.#recorders) {
      for (const name of Object.keys(counts) as (keyof FrameRecorderCounts)[]) counts[name] += recorder.counts[name]
    }
    if (this.#writer.eventCount === 0) {
      this.#writer.abandon()
      throw new InputFileError('nothing was recorded: no market data came\n  Is the market running? ./tandem status')
    }
    const outcome = this.#writer.finish()
    return { counts, eventCount: outcome.eventCount, size: outcome.size, notes: timeNotes(outcome) }
  }

  async #subscribe(): Promise<void> {
    for (const { symbol, recorder } of this.#recorders) {
      const onFrame = ({ data }: { readonly data: Uint8Array }) => recorder.receive(data, this.#localNs())
      this.#subscriptions.push(this.#transport.subscribe(this.#subjects.marketData(symbol, 'l3'), onFrame))
    }
    await this.#transport.flush()
    this.#timer = setInterval(() => void this.#askSnapshots(), SNAPSHOT_RETRY_MS)
    await this.#askSnapshots()
  }

  async #askSnapshots(): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    for (const { symbol, recorder } of this.#recorders) {
      if (!recorder.needsSnapshot) continue
      const question = new TextEncoder().encode(JSON.stringify({ symbol, channel: 'l3' }))
      const answer = await this.#transport
        .request(this.#subjects.query('snapshot'), question, QUERY_TIMEOUT_MS)
        // No engine answers just now: the timer asks again.
        .catch(() => null)
      if (answer !== null) recorder.takeSnapshot(answer, this.#localNs())
    }
    this.#isAsking = false
  }

  /** Wall clock at the start, and how long it has been since: it never goes back. In the time of the records. */
  #localNs(): number {
    const nowMs = this.#wallStartMs + (performance.now() - this.#monotonicStartMs)
    return Math.round((nowMs - this.#timeBaseUnixMs) * 1e6)
  }
}

function shiftedSink(writer: TwoTimeFileWriter, byNs: number): FeedSink {
  return {
    push: (kind, flags, index, exchangeNs, localNs, ...rest) =>
      writer.push(kind, flags, index, exchangeNs + byNs, localNs + byNs, ...rest),
    markLast: () => writer.markLast(),
  }
}
