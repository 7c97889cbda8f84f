// Every fuzz target for a few thousand inputs, and what fuzzing has found so far.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { AlignedBuffer } from '../../../base/aligned-buffer.ts'
import { checksum } from '../../../base/checksum.ts'
import { decodePeerFrame, PeerEncoder, PeerFrameError } from '../../../engine/replication/peer-codec.ts'
import { PeerFrameKind } from '../../../engine/replication/peer-frame.ts'
import { FeedFlag, FeedKind } from '../../../feeds/feed-event.ts'
import { FEED_TIME_NS_MAX } from '../../../feeds/feed-format.ts'
import { InputFileError } from '../../../feeds/io/input-file.ts'
import { TwoTimeFileWriter } from '../../../feeds/io/two-time-file.ts'
import { ItchConverter, type ItchCounts } from '../../../feeds/itch.ts'
import { parseConfig } from '../../../ops/config/load.ts'
import { stamped } from '../../../ops/fuzz/command-inputs.ts'
import { FuzzEngine, openMessage } from '../../../ops/fuzz/fuzz-engine.ts'
import { type FuzzSubject, Outcomes, runFuzz } from '../../../ops/fuzz/fuzz-target.ts'
import { joined } from '../../../ops/fuzz/mutate.ts'
import { FUZZ_TARGETS } from '../../../ops/fuzz/targets.ts'
import { QuoteField } from '../../../protocol/command.ts'
import { writeQuote } from '../../../protocol/command-writer.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-fuzz-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Real processes take longer to start than the others to run. */
const COUNTS: Readonly<Record<string, number>> = { http: 200, websocket: 200, feeds: 1_500, config: 800 }

test.each(FUZZ_TARGETS)(
  '$name: $summary',
  async (target) => {
    const executionCount = COUNTS[target.name] ?? 3_000
    const outcome = await runFuzz(target, { seed: 1, seconds: 20, executionCount, onProgress: () => {} })
    expect(outcome.finding).toBeUndefined()
    expect(outcome.executed).toBeGreaterThan(0)
    expect(outcome.outcomes.counts.size).toBeGreaterThan(0)
  },
  90_000,
)

test('an input that throws, or is taken wrongly, is told with its number and seed, and ends the run', async () => {
  let count = 0
  const subject = (wrong: () => string | undefined): FuzzSubject => ({
    outcomes: new Outcomes(),
    execute: () => (++count % 5 === 0 ? wrong() : undefined),
    close: () => {},
  })
  const run = (wrong: () => string | undefined) =>
    runFuzz(
      { name: 'x', summary: 'x', covers: [], open: () => subject(wrong) },
      { seed: 9, seconds: 5, executionCount: 100, onProgress: () => {} },
    )
  expect(await run(() => 'it was believed')).toMatchObject({
    finding: 'input 5 of seed 9: it was believed',
    executed: 5,
  })
  const thrown = await run(() => {
    throw new TypeError('not a function')
  })
  expect(thrown.finding).toContain('TypeError: not a function')
})

describe('what it has found', () => {
  test('a refused quote with a negative position version is told in a frame that clients can read', () => {
    const fuzzed = new FuzzEngine()
    fuzzed.send(101, openMessage(101, 1))
    const command = new AlignedBuffer(1_024)
    const prices = { bidTicks: 990, bidLots: 1, askTicks: 1_010, askLots: 1 }
    writeQuote(command, 0, { symbolId: 7, quoteId: 1, ...prices, positionVersion: 0, fencingToken: 0, ttlNs: 0 })
    command.float64[QuoteField.POSITION_VERSION >> 3] = -5
    expect(fuzzed.send(101, stamped(command, 101, 1, 1))).toMatchObject([{ kind: 'QUOTE_REFUSED' }])
  })

  test('a peer frame whose history is no history is refused as what it is', () => {
    const records = new Uint8Array(24)
    const append = {
      kind: PeerFrameKind.APPEND,
      epoch: 1,
      toIncarnation: 1,
      previousSeq: 1,
      lastSeq: 2,
      commitPosition: 1,
    }
    const { header, body } = new PeerEncoder().encode({ ...append, records })
    const bytes = joined(header, body)
    // SYNC, whose body has a checksum: the same header, with the body's mixed in.
    bytes[6] = PeerFrameKind.SYNC
    const view = new DataView(bytes.buffer)
    view.setUint32(8, (view.getUint32(8, true) ^ checksum(body, 0, body.length)) >>> 0, true)
    expect(() => decodePeerFrame(bytes)).toThrow(PeerFrameError)
    expect(() => decodePeerFrame(bytes)).toThrow('a history of 24 bytes')
  })

  test('a step that is no decimal is named, whatever the prices are', () => {
    const text = 'instruments:\n  - {symbol: AAA, tickSize: "0*01", openingPrice: "1"}\n'
    expect(() => parseConfig(text, 'a.yaml')).toThrow(/a\.yaml:2: instruments\[0\]\.tickSize/)
  })

  test('an alias that names nothing is refused with the name of the file', () => {
    expect(() => parseConfig('seed: *nothing\n', 'a.yaml')).toThrow(/^a\.yaml: /)
  })

  test.each([FEED_TIME_NS_MAX, Number.NaN])('a time of %d, which no feed can hold, is refused in words', (timeNs) => {
    const header = {
      ...{ source: 'test', detail: 'L3' as const, timeBaseUnixS: 0, metadata: {} },
      instruments: [{ symbol: 'AAA', tickSize: '0.01', lotSize: '1' }],
    }
    const writer = new TwoTimeFileWriter(join(folder, 'far.feed'), header)
    writer.push(FeedKind.ADD, FeedFlag.EXCHANGE, 0, timeNs, 0, 1, 1, 1)
    expect(() => writer.finish()).toThrow(InputFileError)
    writer.abandon()
  })

  test('an ITCH order number beyond 2^53 is a bad row, not a fault of ours', () => {
    const pushed: unknown[] = []
    const sink = { push: (...event: unknown[]) => pushed.push(event), markLast: () => {} }
    const options = { locates: new Map([[1, 0]]), pricePerTick: 100, tickSize: '0.01', feedLatencyNs: 0 }
    const converter = new ItchConverter(sink, options)
    const message = Buffer.alloc(36)
    message.write('A', 0, 'latin1')
    message.writeUInt16BE(1, 1)
    message.writeBigUInt64BE(2n ** 60n, 11)
    const view = new DataView(message.buffer, message.byteOffset, message.length)
    expect(converter.add(view, 0, message.length)).toContain('beyond 2^53')
    const counts: ItchCounts = converter.counts
    expect(pushed).toEqual([])
    expect(counts.adds).toBe(0)
  })
})
