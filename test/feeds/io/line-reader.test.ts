// Lines are the same wherever the chunks end that a file is read in.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { Prng } from '../../../base/prng.ts'
import { LineFiles, readLines } from '../../../feeds/io/import-job.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-line-reader-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A chunk holds 1 MiB: some lines lie in two, some go over several, and one ends with its chunk. */
const CHUNK_SIZE = 1 << 20
const random = new Prng(1)
const short = Array.from({ length: 20_000 }, (_, index) => `${index} ${'x'.repeat(random.nextBetween(0, 200))}`)
const LISTS: Readonly<Record<string, readonly string[]>> = {
  short,
  'over several chunks': ['a', 'b'.repeat(3 * CHUNK_SIZE), '', 'c', 'd'.repeat(CHUNK_SIZE), 'e'],
  'ending with the chunk': ['f'.repeat(CHUNK_SIZE - 1), 'g', 'h'.repeat(CHUNK_SIZE - 3), 'i'],
}

test.each(Object.keys(LISTS))('lines: %s', async (name) => {
  const lines = LISTS[name]!
  const path = join(folder, 'lines')
  for (const end of ['\n', '\r\n']) {
    const text = lines.join(end)
    for (const content of [text, text + end, gzipSync(text)]) {
      writeFileSync(path, content)
      const found: string[] = []
      let isCounted = true
      await readLines([path], (reader) => {
        found.push(reader.text())
        isCounted &&= reader.lineNumber === found.length
        return true
      })
      expect(found).toEqual(lines)
      expect(isCounted).toBe(true)
    }
  }
})

const LONG = 'far more than is kept'
const AHEAD: Readonly<Record<string, readonly string[]>> = {
  ...LISTS,
  [LONG]: Array.from({ length: 60 }, (_, index) => `${index}${'y'.repeat(CHUNK_SIZE)}`),
}

test.each(Object.keys(AHEAD))('lines, after a look at the first ones: %s', async (name) => {
  const lines = AHEAD[name]!
  const [one, other] = [join(folder, 'one'), join(folder, 'other')]
  writeFileSync(one, gzipSync(lines.join('\n'), { level: 1 }))
  writeFileSync(other, 'z\nzz\n')
  const whole = [...lines, 'z', 'zz']
  for (const count of [1, Math.ceil(lines.length * 0.7), whole.length - 1, whole.length + 1]) {
    const files = await LineFiles.open([one, other])
    const [ahead, found, places]: string[][] = [[], [], []]
    await files.lookAhead((reader) => {
      ahead!.push(reader.text())
      return ahead!.length < count
    })
    await files.read((reader) => {
      found!.push(reader.text())
      places!.push(reader.place())
      return true
    })
    files.close()
    expect(ahead).toEqual(whole.slice(0, count))
    expect(found).toEqual(whole)
    expect(places!.at(-1)).toBe(`${other}:2`)
    expect(places![lines.length - 1]).toBe(`${one}:${lines.length}`)
  }
})
