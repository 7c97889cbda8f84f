// Damaged market data: recorded feeds in memory, and the files that importers read. Each is read, or refused with an error
// of the reader's own that says where.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Prng } from '../../base/prng.ts'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { FeedCheck } from '../../feeds/feed-check.ts'
import { FeedEncoder } from '../../feeds/feed-encoder.ts'
import { FeedFlag, FeedKind } from '../../feeds/feed-event.ts'
import { FeedFormatError } from '../../feeds/feed-format.ts'
import { FeedReader } from '../../feeds/feed-reader.ts'
import { importBinance } from '../../feeds/io/binance-import.ts'
import { importBitstamp } from '../../feeds/io/bitstamp-import.ts'
import { importCoinbase } from '../../feeds/io/coinbase-import.ts'
import { importDbn } from '../../feeds/io/dbn-import.ts'
import { FeedFileError } from '../../feeds/io/feed-file.ts'
import { InputFileError } from '../../feeds/io/input-file.ts'
import { importItch } from '../../feeds/io/itch-import.ts'
import { importLobster } from '../../feeds/io/lobster-import.ts'
import { importNpz } from '../../feeds/io/npz-import.ts'
import { importTables } from '../../feeds/io/table-import.ts'
import { zstdCompression } from '../../feeds/io/zstd.ts'
import { feedSamples, type SampleKind } from './feed-samples.ts'
import { type FuzzSubject, type FuzzTarget, Outcomes } from './fuzz-target.ts'
import { mutate, pick } from './mutate.ts'

/** Importers read files, which takes long. */
const IMPORT_CHANCE = 0.02
const EVENT_COUNT = 300

export const feedsTarget: FuzzTarget = {
  name: 'feeds',
  summary: 'recorded feeds and the files of every importer: read, or refused with the place',
  covers: ['feeds/feed-reader.ts', 'feeds/block-decoder.ts', 'feeds/feed-header.ts', 'feeds/itch.ts', 'feeds/dbn.ts'],
  open: () => new FeedsSubject(),
}

class FeedsSubject implements FuzzSubject {
  readonly outcomes = new Outcomes()
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-fuzz-'))
  readonly #zstd = zstdCompression()
  readonly #block = new FeedBlock()
  readonly #samples = feedSamples()
  readonly #feed = sampleFeed()

  execute(random: Prng): string | undefined | Promise<string | undefined> {
    return random.nextChance(IMPORT_CHANCE) ? this.#import(random) : this.#read(mutate(random, this.#feed))
  }

  close(): void {
    rmSync(this.#folder, { recursive: true })
  }

  #read(bytes: Uint8Array): undefined {
    try {
      const source = { size: bytes.length, read: (at: number, size: number) => bytes.subarray(at, at + size) }
      const reader = new FeedReader(source, this.#zstd)
      const check = new FeedCheck(reader.header)
      while (reader.next(this.#block)) {
        for (let index = 0; index < this.#block.count; index++) check.apply(this.#block, index)
      }
      this.outcomes.add(`feed: ${reader.ending}`)
    } catch (error) {
      if (!(error instanceof FeedFormatError)) throw error
      this.outcomes.add('feed: refused')
    }
  }

  async #import(random: Prng): Promise<string | undefined> {
    const [kind, sample] = pick(random, this.#samples)
    const path = join(this.#folder, `in.${kind}`)
    writeFileSync(path, mutate(random, sample))
    try {
      await importers[kind](path, join(this.#folder, 'out.feed'))
      this.outcomes.add(`${kind}: read`)
    } catch (error) {
      if (!(error instanceof InputFileError || error instanceof FeedFileError || error instanceof FeedFormatError)) {
        throw error
      }
      this.outcomes.add(`${kind}: refused`)
    }
    return undefined
  }
}

const LENIENT = { badRowCountMax: 1_000 }
const GRID = { symbol: 'AAA', tickSize: '0.01', lotSize: '1' }

const importers: Readonly<Record<SampleKind, (path: string, out: string) => Promise<unknown>>> = {
  lobster: (messages, out) =>
    importLobster({ messages, out, symbol: 'AAA', date: '2020-01-02', tickSize: '0.01', feedLatencyNs: 0, ...LENIENT }),
  tardis: (path, out) => importTables({ files: [path], out, source: 'tardis', ...LENIENT }),
  itch: (file, out) => importItch({ file, out, date: '2020-01-02', tickSize: '0.01', feedLatencyNs: 0, ...LENIENT }),
  dbn: (file, out) => importDbn({ file, out, ...LENIENT }),
  binance: (path, out) => importBinance({ captures: [path], out, withTouch: true, ...GRID, ...LENIENT }),
  bitstamp: (path, out) => importBitstamp({ captures: [path], out, ...GRID, ...LENIENT }),
  coinbase: (path, out) => importCoinbase({ captures: [path], out, ...LENIENT }),
  npz: (path, out) => importNpz({ file: path, out, ...GRID, ...LENIENT }),
}

/** A small day of orders, in several blocks. */
function sampleFeed(): Uint8Array {
  const parts: Uint8Array[] = []
  const header = {
    ...{ source: 'fuzz', detail: 'L3' as const, timeBaseUnixS: 1_600_000_000, metadata: { note: 'for fuzzing' } },
    instruments: [{ symbol: 'AAA', tickSize: '0.01', lotSize: '1' }],
  }
  const encoder = new FeedEncoder(header, {
    compression: zstdCompression(),
    blockEventCount: 100,
    write: (bytes) => parts.push(bytes.slice()),
  })
  for (let index = 0; index < EVENT_COUNT; index++) {
    const kind = [FeedKind.ADD, FeedKind.REDUCE, FeedKind.DELETE][index % 3]!
    const flags = FeedFlag.EXCHANGE | FeedFlag.LOCAL | FeedFlag.BUY
    const orderId = 1 + Math.floor(index / 3)
    encoder.push(kind, flags, 0, index * 1_000, index * 1_000 + 5, 1_000 + (index % 5), 40, orderId, 0, 0)
  }
  encoder.finish()
  return Uint8Array.from(Buffer.concat(parts))
}
