// Every fuzz target for a few thousand inputs, and what fuzzing has found so far.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { AlignedBuffer } from '../../../base/aligned-buffer.ts'
import { ByteWriter } from '../../../base/byte-writer.ts'
import { checksum } from '../../../base/checksum.ts'
import { stateOf } from '../../../engine/recovery.ts'
import { decodePeerFrame, PeerEncoder, PeerFrameError } from '../../../engine/replication/peer-codec.ts'
import { PeerFrameKind } from '../../../engine/replication/peer-frame.ts'
import { BitstampConverter } from '../../../feeds/bitstamp.ts'
import { readDbnMetadata } from '../../../feeds/dbn.ts'
import { FeedFlag, FeedKind } from '../../../feeds/feed-event.ts'
import { FEED_TIME_NS_MAX } from '../../../feeds/feed-format.ts'
import { InputFileError } from '../../../feeds/io/input-file.ts'
import { importNpz } from '../../../feeds/io/npz-import.ts'
import { TwoTimeFileWriter } from '../../../feeds/io/two-time-file.ts'
import { ItchConverter, type ItchCounts } from '../../../feeds/itch.ts'
import { scaleOf } from '../../../feeds/price-scale.ts'
import { parseConfig } from '../../../ops/config/load.ts'
import { stamped } from '../../../ops/fuzz/command-inputs.ts'
import { CommandsSubject } from '../../../ops/fuzz/commands-target.ts'
import { FuzzEngine, openMessage, type Reply } from '../../../ops/fuzz/fuzz-engine.ts'
import { type FuzzSubject, Outcomes, runFuzz } from '../../../ops/fuzz/fuzz-target.ts'
import { joined } from '../../../ops/fuzz/mutate.ts'
import { npyArray, packedNpz } from '../../../ops/fuzz/npz-samples.ts'
import { FUZZ_TARGETS } from '../../../ops/fuzz/targets.ts'
import { QuoteField } from '../../../protocol/command.ts'
import { writeQuote } from '../../../protocol/command-writer.ts'
import { EventLog } from '../../../protocol/event.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-fuzz-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Real processes take longer to start than the others to run. */
const COUNTS: Readonly<Record<string, number>> = {
  http: 200,
  trading: 200,
  websocket: 200,
  feeds: 1_500,
  imports: 200,
  config: 800,
}

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

describe('an engine with a fault is found out', () => {
  /** Does something wrong beside what it should. */
  class FaultyEngine extends FuzzEngine {
    readonly #spoil: (engine: FuzzEngine, replies: readonly Reply[], isJournalled: boolean) => void

    constructor(spoil: (engine: FuzzEngine, replies: readonly Reply[], isJournalled: boolean) => void) {
      super()
      this.#spoil = spoil
    }

    override send(clientId: number, message: Uint8Array): readonly Reply[] {
      const before = this.journal.appendPosition
      const replies = super.send(clientId, message)
      this.#spoil(this, replies, this.journal.appendPosition !== before)
      return replies
    }
  }

  const run = (spoil: ConstructorParameters<typeof FaultyEngine>[0]) =>
    runFuzz(
      { name: 'x', summary: 'x', covers: [], open: () => new CommandsSubject(() => new FaultyEngine(spoil)) },
      { seed: 5, seconds: 60, executionCount: 3_000, onProgress: () => {} },
    )

  test('that counts what it refuses, with the message that it was', async () => {
    const { finding } = await run((engine, replies, isJournalled) => {
      const isGap = !isJournalled && replies.some(({ reason }) => reason === 'SEQUENCE_GAP')
      if (isGap) engine.core.commandCount += 1
    })
    expect(finding).toMatch(/what was refused changed the state: message \d+ of the episode, of client \d+: [0-9a-f]+/)
  })

  test('that cancels the orders of whoever is rejected', async () => {
    const { finding } = await run((engine, replies, isJournalled) => {
      if (!isJournalled || !replies.every(({ kind }) => kind === 'ORDER_REJECTED')) return
      for (const clientId of [1, 3, 10, 101]) engine.core.exchange.cancelAllOfClient(clientId, 1, new EventLog())
    })
    expect(finding).toContain('what was refused changed the market: ORDER_REJECTED')
  })
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

  test('a snapshot that says what cannot be is refused: a quote without a deadline, and others', () => {
    const fuzzed = new FuzzEngine()
    const snapshot = fuzzed.engine.snapshot()
    const writer = new ByteWriter()
    fuzzed.core.exchange.snapshot(writer)
    const start = Buffer.from(snapshot.body).indexOf(writer.written)
    expect(stateOf(snapshot)?.hash()).toBe(snapshot.stateHash)
    // A state takes long to make. Byte 101 of the books says that the first symbol has a quote.
    for (let at = start + 2; at < start + writer.written.length; at += 9) {
      const body = snapshot.body.slice()
      body[at]! ^= 1
      expect(stateOf({ ...snapshot, body })).toBeNull()
    }
  })

  describe('an array of hftbacktest', () => {
    const path = join(folder, 'in.npz')
    const read = () =>
      importNpz({ file: path, out: join(folder, 'npz.feed'), symbol: 'AAA', tickSize: '0.01', badRowCountMax: 9 })
    const write = (change: (array: Uint8Array) => void) => {
      const array = npyArray()
      change(array)
      writeFileSync(path, packedNpz(array, true))
    }
    const RECORD = 256 + 3 * 64

    test.each<[string, (view: DataView) => void, RegExp]>([
      [
        'a time of centuries from now',
        (view) => view.setBigInt64(RECORD + 8, 2n ** 62n, true),
        /a time that is more than/,
      ],
      ['times far from each other', (view) => view.setBigInt64(RECORD + 16, 0n, true), /a time that is more than/],
      ['an order id beyond 2^53', (view) => view.setBigUint64(RECORD + 40, 2n ** 60n, true), /order id beyond/],
      ['a price that a feed cannot hold', (view) => view.setFloat64(RECORD + 24, 2 ** 40, true), /more ticks/],
    ])('with %s has a bad row', async (_name, change, fault) => {
      write((array) => change(new DataView(array.buffer)))
      const { dropped, eventCount } = await read()
      expect(dropped).toEqual([expect.stringMatching(fault)])
      expect(eventCount).toBe(8)
    })

    test('with prices finer than any step is refused in words', async () => {
      write((array) => new DataView(array.buffer).setFloat64(RECORD + 32, 0.12345678901234568, true))
      await expect(read()).rejects.toThrow(InputFileError)
    })

    test('whose header would fill the memory is refused before it is read', async () => {
      const array = npyArray()
      // Version 2 has a length of four bytes.
      array[6] = 2
      new DataView(array.buffer).setUint32(8, 0x7fff_ffff, true)
      writeFileSync(path, packedNpz(array, true))
      await expect(read()).rejects.toThrow(/header has 2147483659 bytes/)
    })

    test('in an archive whose entry begins behind its end is refused', async () => {
      const archive = packedNpz(npyArray(), false)
      // The place of the entry, in the directory before the archive's last 22 bytes and the name.
      new DataView(archive.buffer).setUint32(archive.length - 22 - 8 - 4, archive.length - 10, true)
      writeFileSync(path, archive)
      await expect(read()).rejects.toThrow(InputFileError)
    })
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
    // SYNC with the same fields, and a checksum that is right.
    bytes[6] = PeerFrameKind.SYNC
    const ofHeader = checksum(bytes, 12, header.length, checksum(bytes, 0, 8))
    new DataView(bytes.buffer).setUint32(8, (ofHeader ^ checksum(body, 0, body.length)) >>> 0, true)
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

  test('DBN metadata with symbols of no size, of which there might be any number, is refused', () => {
    const bytes = new Uint8Array(120)
    new DataView(bytes.buffer).setUint32(104, 0xffff_ffff, true)
    expect(() => readDbnMetadata(2, bytes)).toThrow(new RangeError('symbols of 0 bytes'))
  })

  test.each([1.5, 1e300, 'x', -3])('a Bitstamp trade whose id is %s is a bad row, not a fault of ours', (id) => {
    const pushed: unknown[] = []
    const sink = { push: (...event: unknown[]) => pushed.push(event), markLast: () => {} }
    const converter = new BitstampConverter(sink, scaleOf('0.01'), scaleOf('0.01'))
    expect(converter.add(0, 'trade', { id, price: 10, amount: 1 })).toContain('a trade id that is none')
    expect(pushed).toEqual([])
    expect(converter.add(0, 'trade', { id: 7, price: 10, amount: 1 })).toBeNull()
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
