// Parquet files, written row group by row group with bounded memory: columns of plain types, compressed with zstd, which
// pandas, polars, DuckDB and Arrow read without options. The library does the format; here are the types that we use.

import { renameSync, rmSync } from 'node:fs'
import { zstdCompressSync } from 'node:zlib'
import { fileWriter, ParquetWriter, type SchemaElement, type Writer } from 'hyparquet-writer'
import { assert } from '../../base/assert.ts'

/**
 * What a column holds: `double`: doubles, where NaN stands for no value; `int32` and `int64`: whole numbers; `time`:
 * nanoseconds since 1970 UTC as a BigInt64Array; `text`: strings, of which few differ.
 */
export type ParquetKind = 'double' | 'int32' | 'int64' | 'time' | 'text'

export type ParquetColumn = { readonly name: string; readonly kind: ParquetKind }

export type ParquetValues = Float64Array | Int32Array | BigInt64Array | readonly string[]

/** Rows of a group at most: what a reader takes into memory at once. */
export const PARQUET_GROUP_ROWS = 1 << 17

/** Writes to `<path>.part`, which becomes `path` when the file is whole. */
export class ParquetFile {
  readonly #path: string
  readonly #columns: readonly ParquetColumn[]
  readonly #bytes: Writer
  readonly #writer: ParquetWriter
  rowCount = 0

  /** `metadata`: texts by name for the file's footer. */
  constructor(path: string, columns: readonly ParquetColumn[], metadata: Readonly<Record<string, string>> = {}) {
    this.#path = path
    this.#columns = columns
    this.#bytes = fileWriter(`${path}.part`)
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: [{ name: 'root', num_children: columns.length }, ...columns.map(schemaOf)],
      codec: 'ZSTD',
      compressors: { ZSTD: (input) => zstdCompressSync(input) },
      kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      createdBy: 'tandem',
    })
  }

  /** One row group: for each column its values, all equally many. */
  writeGroup(values: readonly ParquetValues[]): void {
    assert(values.length === this.#columns.length, 'every column has values')
    const rowCount = values[0]?.length ?? 0
    assert(
      values.every(({ length }) => length === rowCount),
      'all columns have as many rows',
    )
    if (rowCount === 0) return
    const columnData = this.#columns.map(({ name, kind }, at) => ({ name, data: stored(kind, values[at]!) }))
    // The file is written at once: nothing is promised.
    void this.#writer.write({ columnData, rowGroupSize: rowCount })
    this.rowCount += rowCount
  }

  finish(): void {
    void this.#writer.finish()
    renameSync(`${this.#path}.part`, this.#path)
  }

  /** Leaves nothing behind. */
  abandon(): void {
    rmSync(`${this.#path}.part`, { force: true })
  }
}

function schemaOf({ name, kind }: ParquetColumn): SchemaElement {
  switch (kind) {
    case 'double':
      return { name, type: 'DOUBLE', repetition_type: 'OPTIONAL' }
    case 'int32':
      return { name, type: 'INT32', repetition_type: 'REQUIRED' }
    case 'int64':
      return { name, type: 'INT64', repetition_type: 'REQUIRED' }
    case 'time': {
      const logical_type = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' } as const
      return { name, type: 'INT64', repetition_type: 'REQUIRED', logical_type }
    }
    case 'text':
      return { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' }
  }
}

function stored(kind: ParquetKind, values: ParquetValues) {
  if (kind === 'int64' && values instanceof Float64Array) return BigInt64Array.from(values, (value) => BigInt(value))
  if (kind === 'double' && values instanceof Float64Array && values.some((value) => Number.isNaN(value))) {
    return Array.from(values, (value) => (Number.isNaN(value) ? null : value))
  }
  return values as Float64Array | Int32Array | BigInt64Array | string[]
}

/** Nanoseconds since 1970 of times that count from a whole second. */
export function unixTimes(times: Float64Array, baseUnixS: number): BigInt64Array {
  const baseNs = BigInt(baseUnixS) * 1_000_000_000n
  return BigInt64Array.from(times, (ns) => baseNs + BigInt(ns))
}
