// Reports that come again: those of the client who asks, ten times a second at most, and whatever else it says is refused by name.

import { expect, test } from 'vitest'
import { RESEND_MS, Resends } from '../../../engine/io/resends.ts'
import { MemoryStorage } from '../../../engine/journal/memory-storage.ts'
import { orderMessage, SoloEngine } from '../../support/solo-engine.ts'

const CLIENT_ID = 10

function ask(resends: Resends, solo: SoloEngine, clientId: number, question: string, nowMs: number): unknown {
  const answer = resends.answer(solo.engine, clientId, new TextEncoder().encode(question), nowMs)
  return answer === null ? null : JSON.parse(new TextDecoder().decode(answer))
}

test('a client hears its own reports again, and is not heard again at once', () => {
  const solo = new SoloEngine(new MemoryStorage())
  const incarnation = solo.open(CLIENT_ID)
  solo.open(CLIENT_ID + 1)
  solo.send(CLIENT_ID, orderMessage(CLIENT_ID, incarnation, 1))
  const countOf = (clientId: number) => solo.reportsOf(clientId).length
  const [own, others] = [countOf(CLIENT_ID), countOf(CLIENT_ID + 1)]
  const resends = new Resends()
  expect(ask(resends, solo, CLIENT_ID, '{"fromSeq": 1}', 0)).toMatchObject({ firstSeq: 1 })
  expect([countOf(CLIENT_ID), countOf(CLIENT_ID + 1)]).toEqual([2 * own, others])
  expect(ask(resends, solo, CLIENT_ID, '{"fromSeq": 1}', RESEND_MS - 1)).toBeNull()
  expect(countOf(CLIENT_ID)).toBe(2 * own)
  // Another client's question is heard meanwhile.
  expect(ask(resends, solo, CLIENT_ID + 1, '{"fromSeq": 1}', RESEND_MS - 1)).toMatchObject({ firstSeq: 1 })
  expect(ask(resends, solo, CLIENT_ID, '{"fromSeq": 1}', RESEND_MS)).toMatchObject({ firstSeq: 1 })
  expect(countOf(CLIENT_ID)).toBe(3 * own)
})

test('what is no question, or of no client, is refused by name, and not for each time that it is asked', () => {
  const solo = new SoloEngine(new MemoryStorage())
  solo.open(CLIENT_ID)
  const resends = new Resends()
  const odd = [
    '',
    '{',
    'null',
    '{}',
    '{"fromSeq": -1}',
    '{"fromSeq": 1.5}',
    `{"fromSeq": 1, "x": "${'x'.repeat(100)}"}`,
  ]
  for (const [index, question] of odd.entries()) {
    const nowMs = index * RESEND_MS
    const error = expect.stringContaining('{"fromSeq": number}')
    expect(ask(resends, solo, CLIENT_ID, question, nowMs), question).toEqual({ error })
    expect(ask(resends, solo, CLIENT_ID, question, nowMs + 1)).toBeNull()
  }
  for (const nobody of [CLIENT_ID + 1, Number.NaN, -1]) {
    expect(ask(resends, solo, nobody, '{"fromSeq": 1}', 0)).toEqual({ error: `client ${nobody} has no session` })
    expect(ask(resends, solo, nobody, '{"fromSeq": 1}', 0)).toBeNull()
  }
})
