// Damaged files of every importer: read, or refused with an error of the importer's own that says where.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Prng } from '../../base/prng.ts'
import { FeedFormatError } from '../../feeds/feed-format.ts'
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
import { feedSamples, type SampleKind } from './feed-samples.ts'
import { type FuzzSubject, type FuzzTarget, Outcomes } from './fuzz-target.ts'
import { mutate, pick } from './mutate.ts'
import { damagedNpz } from './npz-samples.ts'

/** Archives are damaged in what they hold, more often than as a whole. */
const INSIDE_CHANCE = 0.8

export const importsTarget: FuzzTarget = {
  name: 'imports',
  summary: 'the files of every importer: read, or refused with the place',
  covers: [
    'feeds/itch.ts',
    'feeds/dbn.ts',
    'feeds/io/lobster-import.ts',
    'feeds/io/table-import.ts',
    'feeds/io/binance-import.ts',
    'feeds/io/bitstamp-import.ts',
    'feeds/io/coinbase-import.ts',
    'feeds/io/npz-import.ts',
    'feeds/io/npy-file.ts',
  ],
  open: () => new ImportsSubject(),
}

class ImportsSubject implements FuzzSubject {
  readonly outcomes = new Outcomes()
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-fuzz-'))
  readonly #samples = feedSamples()

  async execute(random: Prng): Promise<undefined> {
    const [kind, sample] = pick(random, this.#samples)
    const path = join(this.#folder, `in.${kind}`)
    const isInside = kind === 'npz' && random.nextChance(INSIDE_CHANCE)
    writeFileSync(path, isInside ? damagedNpz(random) : mutate(random, sample))
    try {
      await importers[kind](path, join(this.#folder, 'out.feed'))
      this.outcomes.add(`${kind}: read`)
    } catch (error) {
      if (!(error instanceof InputFileError || error instanceof FeedFileError || error instanceof FeedFormatError)) {
        throw error
      }
      this.outcomes.add(`${kind}: refused`)
    }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true })
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
  // Without a grid it is taken from the numbers.
  npz: async (file, out) => {
    await importNpz({ file, out, ...GRID, ...LENIENT })
    return importNpz({ file, out, symbol: GRID.symbol, ...LENIENT })
  },
}
