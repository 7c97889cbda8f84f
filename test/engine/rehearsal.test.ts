// The rehearsal plays a whole conversation, and leaves nothing behind.

import { expect, test } from 'vitest'
import { rehearse } from '../../engine/rehearsal.ts'
import { FrameFault, FrameReader } from '../../protocol/frame-reader.ts'
import { FrameKind } from '../../protocol/kinds.ts'
import { soloConfig } from '../support/solo-engine.ts'

test('a rehearsal answers orders, trades, and publishes market data as a primary does', () => {
  const reader = new FrameReader()
  const counts = new Map<number, number>()
  rehearse(soloConfig, (payload) => {
    if (reader.read(payload) === FrameFault.NONE) counts.set(reader.kind, (counts.get(reader.kind) ?? 0) + reader.count)
  })
  expect(counts.get(FrameKind.EXECUTIONS)).toBeGreaterThan(4_000)
  for (const kind of [FrameKind.L1, FrameKind.L2, FrameKind.L3, FrameKind.TRADES])
    expect(counts.get(kind)).toBeGreaterThan(100)
})
