// What the project is built of is known: each package with its version, checksum and a licence that lets us use it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { billOfMaterials, licenceTable, readComponents } from '../../../ops/supply/bill-of-materials.ts'

/** Those that ask for nothing but being named, and those whose terms end at their own files. */
const ALLOWED = new Set([
  ...['MIT', 'Apache-2.0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'Unlicense', 'MPL-2.0'],
  ...['MIT OR Apache-2.0', '(MIT AND Zlib)', '(MIT OR GPL-3.0-or-later)'],
])

test('every package has a version, a checksum and an allowed licence', () => {
  const components = readComponents()
  expect(components.length).toBeGreaterThan(100)
  expect(components.filter(({ licence }) => !ALLOWED.has(licence))).toEqual([])
  expect(components.filter(({ version }) => !/^\d+\.\d+\.\d+/.test(version))).toEqual([])
  expect(components.filter(({ sha512 }) => Buffer.from(sha512, 'base64').length !== 64)).toEqual([])
})

test('the bill of materials names the nats-server too', () => {
  const bill = JSON.stringify(billOfMaterials(readComponents()))
  expect(bill).toContain('pkg:npm/%40eplightning/nats-server-linux-x64@2.14.0')
})

test('docs/licences.md is what the lockfiles say', () => {
  const written = readFileSync(join(import.meta.dirname, '../../../docs/licences.md'), 'utf8')
  expect(written).toBe(licenceTable(readComponents()))
})
