// The drill's checker reads on in whichever journal has what it has not seen.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MemoryStorage } from '../../../engine/journal/memory-storage.ts'
import { JournalChecker } from '../../../ops/drill/journal-checker.ts'
import { orderMessage, SoloEngine } from '../../support/solo-engine.ts'

const CLIENT = 10
const ORDER_COUNT = 1_000

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-checker-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** What the storage holds, as files of a folder of its own. */
function saved(storage: MemoryStorage): string {
  const path = mkdtempSync(join(folder, 'journal-'))
  for (const name of storage.list()) {
    const bytes = new Uint8Array(storage.size(name))
    storage.read(name, 0, bytes)
    writeFileSync(join(path, name), bytes)
  }
  return path
}

test('one that begins behind a snapshot has not all, and the other is read', () => {
  const storage = new MemoryStorage()
  const solo = new SoloEngine(storage)
  const incarnation = solo.open(CLIENT)
  for (let clientSeq = 1; clientSeq <= ORDER_COUNT; clientSeq++) {
    solo.send(CLIENT, orderMessage(CLIENT, incarnation, clientSeq, { priceTicks: 990 }))
    if (clientSeq === ORDER_COUNT - 10) solo.engine.takeSnapshot(() => {})
  }
  const whole = saved(storage)
  solo.engine.takeSnapshot(() => {})
  expect(solo.journal.firstSeq).toBeGreaterThan(1)
  const rebuilt = saved(storage)
  const { seq } = solo.engine.core

  const checker = new JournalChecker()
  checker.check([rebuilt, whole], seq, [])
  expect(checker.findings).toMatchObject({ lost: 0, examples: [] })
  expect(checker.core?.hash()).toEqual(solo.engine.core.hash())

  const misled = new JournalChecker()
  misled.check([rebuilt], seq, [])
  expect(misled.findings.lost).toBeGreaterThan(0)
})
