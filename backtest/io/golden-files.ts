// Files of expected results, and comparing with them.

import { createReadStream, existsSync } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { InputFileError } from '../../feeds/io/input-file.ts'

/** Lines of a text file, which may end in .gz; null when there is none. */
export async function readLinesOf(path: string): Promise<string[] | null> {
  const packed = `${path}.gz`
  const found = existsSync(path) ? path : existsSync(packed) ? packed : null
  if (found === null) return null
  const file = createReadStream(found)
  const chunks: Buffer[] = []
  try {
    for await (const chunk of found.endsWith('.gz') ? file.pipe(createGunzip()) : file) chunks.push(chunk as Buffer)
  } catch (error) {
    throw new InputFileError(`${found}: the file is damaged or cut off (${String(error)})\n  Copy it again.`)
  }
  const lines = Buffer.concat(chunks).toString('utf8').split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

const TOLERANCE = 1e-6
const DECIMAL = /^-?\d+\.\d+$/

/** Where two lists of lines differ first, in words; null when they are equal. Totals may differ by 1e-6. */
export function firstDifference(what: string, expected: readonly string[], got: readonly string[]): string | null {
  const count = Math.max(expected.length, got.length)
  for (let line = 0; line < count; line++) {
    const [wanted, is] = [expected[line], got[line]]
    if (wanted === is || (wanted !== undefined && is !== undefined && isNear(wanted, is))) continue
    return `${what}, line ${line + 1}: expected ${wanted ?? 'the end'}, got ${is ?? 'the end'}`
  }
  return null
}

function isNear(wanted: string, is: string): boolean {
  const fields = wanted.split(/[,= ]/)
  const others = is.split(/[,= ]/)
  return (
    fields.length === others.length &&
    fields.every((field, at) => {
      const other = others[at]!
      if (field === other) return true
      return DECIMAL.test(field) && DECIMAL.test(other) && Math.abs(Number(field) - Number(other)) <= TOLERANCE
    })
  )
}
