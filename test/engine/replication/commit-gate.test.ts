// The commit gate: outputs leave in order, and none before its record is committed.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OutputKind } from '../../../engine/core/output.ts'
import { CommitGate } from '../../../engine/replication/commit-gate.ts'

type Released = [streamId: number, text: string]

function released(gate: CommitGate, commitPosition: number): Released[] {
  const found: Released[] = []
  gate.release(commitPosition, (_, streamId, payload) => found.push([streamId, new TextDecoder().decode(payload)]))
  return found
}

function put(gate: CommitGate, streamId: number, text: string, recordSeq: number): void {
  gate.output(OutputKind.EXECUTIONS, streamId, new TextEncoder().encode(text), recordSeq)
}

test('nothing leaves before its record is committed', () => {
  const gate = new CommitGate()
  put(gate, 1, 'a', 1)
  put(gate, 2, 'b', 2)
  expect(released(gate, 0)).toEqual([])
  expect(released(gate, 1)).toEqual([[1, 'a']])
  expect(gate.isEmpty).toBe(false)
  expect(released(gate, 5)).toEqual([[2, 'b']])
  expect(gate.isEmpty).toBe(true)
})

test('what came later never overtakes, though it tells of an older record', () => {
  const gate = new CommitGate()
  put(gate, 1, 'new', 5)
  put(gate, 2, 'of before', 3)
  expect(released(gate, 4)).toEqual([])
  expect(released(gate, 5).map(([, text]) => text)).toEqual(['new', 'of before'])
})

test('what is cleared is never told', () => {
  const gate = new CommitGate()
  put(gate, 1, 'a', 1)
  gate.clear()
  put(gate, 1, 'b', 1)
  expect(released(gate, 1)).toEqual([[1, 'b']])
})

test('any mix of outputs and releases: all of them, in order, as they were', () => {
  const step = fc.oneof(
    fc.record({ size: fc.integer({ min: 0, max: 3_000_000 }), isOutput: fc.constant(true) }),
    fc.record({ size: fc.integer({ min: 0, max: 40 }), isOutput: fc.constant(false) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const gate = new CommitGate()
      const waiting: { seq: number; size: number }[] = []
      let seq = 0
      let commit = 0
      const take = (position: number) =>
        gate.release(position, (_, streamId, payload) => {
          const expected = waiting.shift()
          expect([streamId, payload.length]).toEqual([expected?.seq, expected?.size])
          expect(payload.every((byte) => byte === (streamId & 0xff))).toBe(true)
        })
      for (const { isOutput, size } of steps) {
        if (isOutput) {
          seq += 1
          waiting.push({ seq, size })
          gate.output(OutputKind.L2, seq, new Uint8Array(size).fill(seq & 0xff), seq)
        } else {
          commit = Math.min(seq, commit + size)
          take(commit)
          expect(waiting.length).toBe(seq - commit)
        }
      }
      take(seq)
      expect(waiting).toEqual([])
      expect(gate.isEmpty).toBe(true)
    }),
    { numRuns: 25 },
  )
})

test('more outputs than the ring began with', () => {
  const gate = new CommitGate()
  for (let seq = 1; seq <= 10_000; seq++) put(gate, seq, String(seq), seq)
  const all = released(gate, 10_000)
  expect(all.length).toBe(10_000)
  expect(all.every(([streamId, text]) => String(streamId) === text)).toBe(true)
})

test('who hears an output may cause more than the rings hold, and each still leaves once and in order', () => {
  const gate = new CommitGate()
  put(gate, 0, 'before', 1)
  expect(released(gate, 1)).toHaveLength(1)
  put(gate, 1, 'first', 2)
  put(gate, 2, 'second', 2)
  const found: string[] = []
  gate.release(3, (_, streamId, payload) => {
    found.push(new TextDecoder().decode(payload))
    for (let count = 0; streamId === 1 && count < 1_000; count++) put(gate, 3, `caused ${count} ${'.'.repeat(100)}`, 3)
  })
  expect(found.slice(0, 3)).toEqual(['first', 'second', `caused 0 ${'.'.repeat(100)}`])
  expect(found).toHaveLength(1_002)
  expect(new Set(found).size).toBe(1_002)
  expect(gate.isEmpty).toBe(true)
})
