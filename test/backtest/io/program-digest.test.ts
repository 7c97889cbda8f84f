// What was computed by another program is told apart by its sources.

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { programDigest } from '../../../backtest/io/program-digest.ts'

const root = join(import.meta.dirname, '../../..')

test('it changes with any source that a backtest depends on, and with nothing else', () => {
  const copy = mkdtempSync(join(tmpdir(), 'tandem-digest-'))
  try {
    for (const name of ['base', 'protocol', 'exchange-sim', 'engine', 'feeds', 'strategies', 'backtest']) {
      cpSync(join(root, name), join(copy, name), { recursive: true })
    }
    expect(programDigest(copy)).toBe(programDigest())
    writeFileSync(join(copy, 'backtest', 'notes.md'), 'no source')
    expect(programDigest(copy)).toBe(programDigest())
    writeFileSync(join(copy, 'strategies', 'another.ts'), '')
    expect(programDigest(copy)).not.toBe(programDigest())
  } finally {
    rmSync(copy, { recursive: true })
  }
})
