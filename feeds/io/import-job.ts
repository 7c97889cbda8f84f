// What all imports have in common: their options, their summary, and what happens to rows that cannot be used.

import type { FeedHeader } from '../feed-header.ts'
import { isStep } from '../price-scale.ts'
import { InputFileError } from './input-file.ts'
import { LineReader } from './line-reader.ts'

export type ImportOptions = {
  readonly out: string
  /** Rows that may be left out because they cannot be used; the first one above it ends the import. */
  readonly badRowCountMax: number
  /** Told now and then how many bytes of the source have been read. */
  readonly onProgress?: (bytesRead: number, bytesTotal: number) => void
}

export type ImportSummary<Counts> = {
  readonly header: FeedHeader
  readonly counts: Counts
  readonly eventCount: number
  readonly size: number
  /** The rows left out: where, and why. */
  readonly dropped: readonly string[]
  readonly inputBytes: number
  /** What the user should know of the source: clocks that were corrected, and the like. */
  readonly notes: readonly string[]
}

export class BadRows {
  readonly dropped: string[] = []
  readonly #countMax: number

  constructor(options: ImportOptions) {
    this.#countMax = options.badRowCountMax
  }

  /** Leaves a row out, or ends the import when too many were. `fault` goes on from "this row". */
  drop(place: string, fault: string): void {
    const text = `${place}: this row ${fault}`
    if (this.dropped.length >= this.#countMax) throw new InputFileError(`${text}\n  ${this.#remedy()}`)
    this.dropped.push(text)
  }

  #remedy(): string {
    return this.#countMax === 0
      ? 'Correct the row, or leave out such rows with --skip-bad-rows N (N: how many at most).'
      : `${this.#countMax} rows were left out before it, which is as many as --skip-bad-rows allows.`
  }
}

/** A step (tick or lot) that the user gave, or that the prices of the source have, must be possible. */
export function checkSteps(path: string, ...steps: readonly string[]): void {
  for (const step of steps) {
    if (isStep(step)) continue
    throw new InputFileError(
      `${path}: a step of ${step} is not possible: a decimal above 0 is needed, of at most 15 digits\n` +
        '  Give one with --tick (of prices) or --lot (of quantities).',
    )
  }
}

/** Where the first hole in a source's numbers is: what a user looks at. */
export class GapPlace {
  #first = ''

  /** `count` holes were found so far, the latest of them not before the row at hand. */
  look(count: number, lines: LineReader): void {
    if (count > 0 && this.#first === '') this.#first = lines.place()
  }

  notes(what: string): string[] {
    if (this.#first === '') return []
    return [`${what} are missing, the first ones before ${this.#first}; the book may be wrong until the next snapshot.`]
  }
}

/** Rows between two looks at the progress. */
const PROGRESS_ROW_COUNT = 8_192

/** The lines of files, one file after another. */
export class LineFiles {
  readonly #files: readonly LineReader[]

  private constructor(files: readonly LineReader[]) {
    this.#files = files
  }

  static async open(paths: readonly string[]): Promise<LineFiles> {
    const files: LineReader[] = []
    try {
      for (const path of paths) files.push(await LineReader.open(path))
    } catch (error) {
      for (const file of files) file.close()
      throw error
    }
    return new LineFiles(files)
  }

  /** Goes through the first lines, until `onLine` returns false, and back to before the first. To be done before `read`. */
  async lookAhead(onLine: (lines: LineReader) => boolean | undefined): Promise<void> {
    for (const file of this.#files) file.keep()
    await this.read(onLine)
    for (const file of this.#files) await file.rewind()
  }

  /** `onLine` is called for each line; it reads `lines` and returns false to stop early. Gives the bytes of all files. */
  async read(
    onLine: (lines: LineReader) => boolean | undefined,
    onProgress: (bytesRead: number, bytesTotal: number) => void = () => {},
  ): Promise<number> {
    const bytesTotal = this.#files.reduce((sum, file) => sum + file.fileSize, 0)
    let bytesBefore = 0
    for (const lines of this.#files) {
      // A promise for each line would cost more than many a line.
      while (lines.next() || (await nextLine(lines))) {
        if (onLine(lines) === false) return bytesTotal
        if (lines.lineNumber % PROGRESS_ROW_COUNT === 0) onProgress(bytesBefore + lines.fileBytesRead, bytesTotal)
      }
      bytesBefore += lines.fileSize
    }
    onProgress(bytesTotal, bytesTotal)
    return bytesTotal
  }

  close(): void {
    for (const file of this.#files) file.close()
  }
}

/** Goes once through the lines of files, as LineFiles does. */
export async function readLines(paths: readonly string[], ...how: Parameters<LineFiles['read']>): Promise<number> {
  const files = await LineFiles.open(paths)
  try {
    return await files.read(...how)
  } finally {
    files.close()
  }
}

/** Steps to the next line, waiting for the file as long as it takes; false at the end. */
export async function nextLine(lines: LineReader): Promise<boolean> {
  if (lines.next()) return true
  while (await lines.fill()) if (lines.next()) return true
  return false
}
