// Verifies a feed file: rebuilds its books and compares them with a reference order book file on every row.

import { FeedBlock } from '../feed-block.ts'
import { FeedCheck } from '../feed-check.ts'
import type { FeedHeader } from '../feed-header.ts'
import type { FeedEnding } from '../feed-reader.ts'
import { lobsterPricePerTick } from '../lobster-importer.ts'
import { lobsterDifference } from '../lobster-reference.ts'
import { LobsterBookRow, levelCountOf, readLobsterBookRow } from '../lobster-rows.ts'
import { describeFeedError, type FeedFile, openFeed } from './feed-file.ts'
import { InputFileError } from './input-file.ts'
import { LineReader } from './line-reader.ts'

export type Verification = {
  readonly header: FeedHeader
  readonly check: FeedCheck
  readonly ending: FeedEnding
  /** The reference file's rows, and how many of them the rebuilt book equals; null when there is no reference. */
  readonly reference: ReferenceOutcome | null
}

export type ReferenceOutcome = { rowCount: number; equalCount: number; firstDifference: string }

export async function verifyFeed(path: string, orderbook: string | undefined): Promise<Verification> {
  const file = openFeed(path)
  let reference: ReferenceBook | null = null
  try {
    if (orderbook !== undefined) reference = await ReferenceBook.open(orderbook, file)
    const check = new FeedCheck(file.reader.header)
    const block = new FeedBlock()
    while (file.reader.next(block)) {
      for (let i = 0; i < block.count; i++) {
        if (!check.apply(block, i) || reference === null) continue
        if (!reference.lines.next()) await reference.advance()
        reference.compare(check, block.instrumentIndex[i]!)
      }
    }
    await reference?.countRest()
    return { header: file.reader.header, check, ending: file.reader.ending, reference: reference?.outcome ?? null }
  } catch (error) {
    throw describeFeedError(path, error)
  } finally {
    reference?.lines.close()
    file.close()
  }
}

/** A LOBSTER order book file, read along with the feed. */
class ReferenceBook {
  readonly lines: LineReader
  readonly outcome: ReferenceOutcome = { rowCount: 0, equalCount: 0, firstDifference: '' }
  readonly #row: LobsterBookRow
  readonly #pricePerTick: number
  #ended = false

  private constructor(lines: LineReader, row: LobsterBookRow, pricePerTick: number) {
    this.lines = lines
    this.#row = row
    this.#pricePerTick = pricePerTick
  }

  static async open(path: string, file: FeedFile): Promise<ReferenceBook> {
    const { header } = file.reader
    const pricePerTick = lobsterPricePerTick(header.instruments[0]!.tickSize)
    if (header.instruments.length !== 1 || pricePerTick === null) {
      throw new InputFileError(
        `${file.path}: a reference order book can be compared for one instrument in dollars only`,
      )
    }
    const lines = await LineReader.open(path)
    await lines.fill()
    const end = lines.bytes.indexOf(0x0a)
    const levelCount = levelCountOf(lines.bytes, 0, end === -1 ? lines.bytes.length : end)
    if (lines.bytes.length > 0 && levelCount > 0) {
      return new ReferenceBook(lines, new LobsterBookRow(levelCount), pricePerTick)
    }
    lines.close()
    throw new InputFileError(`${path}:1: this is no LOBSTER order book row: it needs four columns for each level`)
  }

  /** Waits for the next line, or notes that there is none. */
  async advance(): Promise<void> {
    while (await this.lines.fill()) if (this.lines.next()) return
    this.#ended = true
  }

  compare(check: FeedCheck, instrument: number): void {
    if (this.#ended) {
      this.#note(`the file ends after row ${this.outcome.rowCount}, but the feed goes on`)
      return
    }
    const { bytes, from, to } = this.lines
    const fault = readLobsterBookRow(bytes, from, to, this.#row)
    if (fault !== null) throw new InputFileError(`${this.lines.place()}: this row ${fault}`)
    this.outcome.rowCount += 1
    const difference = lobsterDifference(check.books[instrument]!, this.#row, this.#pricePerTick)
    if (difference === null) this.outcome.equalCount += 1
    else this.#note(`${this.lines.place()}: ${difference}`)
  }

  /** Rows that the feed has no message for count as different. */
  async countRest(): Promise<void> {
    let rest = 0
    for (;;) {
      if (this.lines.next()) rest += 1
      else if (!(await this.lines.fill())) break
    }
    if (rest > 0) this.#note(`the feed ends, but the file has ${rest} more rows`)
    this.outcome.rowCount += rest
  }

  #note(difference: string): void {
    if (this.outcome.firstDifference === '') this.outcome.firstDifference = difference
  }
}
