// Scrubbing through a journal: every record's state is the one that replaying to it gives, in whatever order one goes.

import { expect, test } from 'vitest'
import { Prng } from '../../base/prng.ts'
import { GivenFiles } from '../../engine/journal/given-files.ts'
import { Journal } from '../../engine/journal/journal.ts'
import { MemoryStorage } from '../../engine/journal/memory-storage.ts'
import { clusterHashOf } from '../../engine/journal/segment.ts'
import { encodeSnapshot, snapshotName } from '../../engine/journal/snapshot-file.ts'
import { replayInto } from '../../engine/recovery.ts'
import { NoBeginningError, TimeMachine } from '../../engine/time-machine.ts'
import { Side } from '../../protocol/kinds.ts'
import { orderMessage, SoloEngine } from '../support/solo-engine.ts'

const ORDER_COUNT = 3_000
const ignore = { onBegin: () => {}, onRecord: () => {}, onProgress: () => {} }

function filesOf(storage: MemoryStorage): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const name of storage.list()) {
    if (!name.startsWith('segment')) continue
    const bytes = new Uint8Array(storage.size(name))
    storage.read(name, 0, bytes)
    files.set(name, bytes)
  }
  return files
}

function tradedJournal(): Map<string, Uint8Array> {
  const storage = new MemoryStorage()
  const solo = new SoloEngine(storage)
  const incarnation = solo.open(1)
  const prng = new Prng(5)
  for (let clientSeq = 1; clientSeq <= ORDER_COUNT; clientSeq++) {
    const side = prng.nextChance(0.5) ? Side.BUY : Side.SELL
    const priceTicks = 1_000 + prng.nextBetween(-6, 6)
    solo.send(1, orderMessage(1, incarnation, clientSeq, { side, priceTicks, quantityLots: prng.nextBetween(1, 9) }))
  }
  return filesOf(storage)
}

const files = tradedJournal()

function replayed(seq: number): number {
  const journal = Journal.open(new GivenFiles('given', files), { clusterId: null, timeBaseUnixMs: 0, isReadOnly: true })
  return replayInto(journal, null, () => {}, seq).hash()
}

test('forth and back, every state is the one that replaying gives', () => {
  let heard = 0
  const machine = new TimeMachine(new GivenFiles('given', files), { ...ignore, onRecord: () => heard++ })
  expect(files.size).toBeGreaterThan(1)
  expect(heard).toBe(machine.lastSeq)
  const { lastSeq } = machine
  for (const seq of [lastSeq, 1, 2, 1_500, 1_499, 1_498, lastSeq - 1, 1_025, 1_024, 2_700, 3]) {
    expect(machine.goTo(seq).hash()).toBe(replayed(seq))
    expect(machine.core.seq).toBe(seq)
  }
  expect(machine.goTo(0).seq).toBe(1)
  expect(machine.goTo(lastSeq + 10).seq).toBe(lastSeq)
})

test('a moment is found by its time', () => {
  const machine = new TimeMachine(new GivenFiles('given', files), ignore)
  for (const seq of [1, 77, 2_000, machine.lastSeq]) {
    const { timeNs } = machine.goTo(seq)
    expect(machine.goTo(machine.seqAt(timeNs)).timeNs).toBe(timeNs)
  }
  expect(machine.seqAt(Number.POSITIVE_INFINITY)).toBe(machine.lastSeq)
})

test('a journal whose beginning is gone starts at its snapshot, and without one it is refused', () => {
  const whole = new TimeMachine(new GivenFiles('given', files), ignore)
  const names = [...files.keys()].sort()
  const later = new Map([...files].filter(([name]) => name !== names[0]))
  const firstKept = Number(/\d+/.exec(names[1]!)?.[0])
  expect(() => new TimeMachine(new GivenFiles('given', later), ignore)).toThrow(NoBeginningError)

  const state = whole.goTo(firstKept + 10)
  const snapshot = { seq: state.seq, timeNs: state.timeNs, epoch: state.epoch, stateHash: state.hash() }
  const bytes = encodeSnapshot({ ...snapshot, body: state.snapshot() }, clusterHashOf('test'))
  later.set(snapshotName(state.seq), bytes)
  const machine = new TimeMachine(new GivenFiles('given', later), ignore)
  expect(machine.firstSeq).toBe(firstKept + 10)
  expect(machine.goTo(1).hash()).toBe(replayed(firstKept + 10))
  expect(machine.visit(machine.firstSeq, () => {})).toBe(false)
  expect(machine.goTo(machine.lastSeq).hash()).toBe(replayed(whole.lastSeq))
})
