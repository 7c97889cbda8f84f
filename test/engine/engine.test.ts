// The engine's duty cycle over a disk in memory: sessions, refusals, the commit gate, and recovery from what the disk has.

import { describe, expect, test } from 'vitest'
import { MemoryStorage } from '../../engine/journal/memory-storage.ts'
import { EventKind, Reason, Side } from '../../protocol/kinds.ts'
import { MESSAGE_SIZE_MAX, REPLY_COUNT_MAX } from '../../protocol/limits.ts'
import { openMessage, orderMessage, SoloEngine } from '../support/solo-engine.ts'

const CLIENT = 10

function joined(...messages: Uint8Array[]): Uint8Array {
  return new Uint8Array(messages.flatMap((message) => [...message]))
}

describe('sessions', () => {
  test('a command is answered once, with its record', () => {
    const solo = new SoloEngine(new MemoryStorage())
    const incarnation = solo.open(CLIENT)
    solo.send(CLIENT, orderMessage(CLIENT, incarnation, 1))
    const [opened, accepted] = solo.reportsOf(CLIENT)
    expect(opened).toMatchObject({ kind: EventKind.SESSION_OPENED, value: incarnation, recordSeq: 2 })
    expect(accepted).toMatchObject({ kind: EventKind.ORDER_ACCEPTED, clientSeq: 1, recordSeq: 3 })
    expect(solo.reportsOf(CLIENT).length).toBe(2)
  })

  test('a duplicate gets the same answer outside of the numbering, and changes nothing', () => {
    const solo = new SoloEngine(new MemoryStorage())
    const incarnation = solo.open(CLIENT)
    const order = orderMessage(CLIENT, incarnation, 1)
    solo.send(CLIENT, order)
    const first = solo.lastReport(CLIENT)
    const hash = solo.engine.core.hash()
    solo.send(CLIENT, order)
    expect(solo.lastReport(CLIENT)).toEqual({ ...first, execSeq: 0 })
    expect(solo.engine.core.hash()).toBe(hash)
    expect(solo.engine.counts.duplicateCount).toBe(1)
  })

  test('the same opening again is the same session; another nonce is a new one, and ends the old', () => {
    const solo = new SoloEngine(new MemoryStorage())
    const first = solo.open(CLIENT, 7)
    expect(solo.open(CLIENT, 7)).toBe(first)
    const second = solo.open(CLIENT, 8)
    expect(second).toBeGreaterThan(first)
    solo.send(CLIENT, orderMessage(CLIENT, first, 1))
    expect(solo.lastReport(CLIENT)).toMatchObject({ reason: Reason.STALE_SESSION, value: second })
  })

  test('a number too high is refused with the one expected, and one long ago as forgotten', () => {
    const solo = new SoloEngine(new MemoryStorage())
    const incarnation = solo.open(CLIENT)
    solo.send(CLIENT, orderMessage(CLIENT, incarnation, 5))
    expect(solo.lastReport(CLIENT)).toMatchObject({ reason: Reason.SEQUENCE_GAP, value: 1, clientSeq: 5 })
    for (let clientSeq = 1; clientSeq <= REPLY_COUNT_MAX + 1; clientSeq++) {
      solo.send(CLIENT, orderMessage(CLIENT, incarnation, clientSeq))
    }
    solo.send(CLIENT, orderMessage(CLIENT, incarnation, 1))
    expect(solo.lastReport(CLIENT)).toMatchObject({ reason: Reason.FORGOTTEN })
  })

  test('a resend publishes the same reports again, under the same numbers', () => {
    const solo = new SoloEngine(new MemoryStorage())
    const incarnation = solo.open(CLIENT)
    for (let clientSeq = 1; clientSeq <= 5; clientSeq++) {
      solo.send(CLIENT, orderMessage(CLIENT, incarnation, clientSeq))
    }
    const told = [...solo.reportsOf(CLIENT)]
    expect(solo.engine.resend(CLIENT, 3)).toBe(true)
    expect(solo.reportsOf(CLIENT).slice(told.length)).toEqual(told.slice(2))
  })
})

describe('what is refused leaves no trace', () => {
  const cases: readonly (readonly [string, (incarnation: number) => Uint8Array, Reason])[] = [
    ['an empty message', () => new Uint8Array(0), Reason.MALFORMED],
    ['a message that is cut short', (inc) => orderMessage(CLIENT, inc, 1).slice(0, 40), Reason.MALFORMED],
    ['a message that is too long', () => new Uint8Array(MESSAGE_SIZE_MAX + 8), Reason.MALFORMED],
    ['noise', () => new Uint8Array(64).fill(0xab), Reason.UNSUPPORTED_VERSION],
    ['a command of another client', (inc) => orderMessage(11, inc, 1), Reason.NOT_PERMITTED],
    ['another incarnation', (inc) => orderMessage(CLIENT, inc + 1, 1), Reason.STALE_SESSION],
    ['a gap', (inc) => orderMessage(CLIENT, inc, 2), Reason.SEQUENCE_GAP],
    ['a clientSeq that is no whole number', (inc) => orderMessage(CLIENT, inc, 1.5), Reason.MALFORMED],
  ]
  test.each(cases)('%s', (_, message, reason) => {
    const solo = new SoloEngine(new MemoryStorage())
    const incarnation = solo.open(CLIENT)
    const { appendPosition } = solo.engine
    const hash = solo.engine.core.hash()
    solo.send(CLIENT, message(incarnation))
    expect(solo.lastReport(CLIENT)).toMatchObject({ kind: EventKind.COMMAND_REFUSED, reason, execSeq: 0 })
    expect(solo.engine.core.hash()).toBe(hash)
    expect(solo.engine.appendPosition).toBe(appendPosition)
    solo.send(CLIENT, orderMessage(CLIENT, incarnation, 1))
    expect(solo.lastReport(CLIENT)).toMatchObject({ kind: EventKind.ORDER_ACCEPTED, clientSeq: 1 })
  })

  test('what came before the fault in a message is applied, what comes after it is not', () => {
    const solo = new SoloEngine(new MemoryStorage())
    const incarnation = solo.open(CLIENT)
    const [good, noise] = [orderMessage(CLIENT, incarnation, 1), new Uint8Array(64).fill(0xab)]
    solo.send(CLIENT, joined(good, noise, orderMessage(CLIENT, incarnation, 2)))
    expect(solo.engine.core.sessions.lastClientSeq(solo.engine.core.sessions.slotOf(CLIENT))).toBe(1)
  })

  test('commands of nobody we know', () => {
    const solo = new SoloEngine(new MemoryStorage())
    solo.send(CLIENT, orderMessage(CLIENT, 1, 1))
    expect(solo.lastReport(CLIENT)).toMatchObject({ reason: Reason.UNKNOWN_CLIENT })
    expect(solo.engine.appendPosition).toBe(1)
  })
})

describe('the commit gate', () => {
  test('nothing is told before the disk has answered', () => {
    const storage = new MemoryStorage(false)
    const solo = new SoloEngine(storage)
    solo.send(CLIENT, openMessage(CLIENT, 7))
    expect(solo.engine.appendPosition).toBe(2)
    expect(solo.reportsOf(CLIENT)).toEqual([])
    while (storage.pendingCount > 0) storage.complete(1)
    expect(solo.reportsOf(CLIENT).length).toBe(1)
    expect(solo.engine.isQuiet).toBe(true)
  })
})

describe('recovery', () => {
  function traded(storage: MemoryStorage): SoloEngine {
    const solo = new SoloEngine(storage)
    const incarnation = solo.open(CLIENT)
    for (let clientSeq = 1; clientSeq <= 300; clientSeq++) {
      const side = clientSeq % 2 === 0 ? Side.BUY : Side.SELL
      const priceTicks = 1_000 + ((clientSeq * 7) % 11) - 5
      solo.send(CLIENT, orderMessage(CLIENT, incarnation, clientSeq, { side, priceTicks, symbolId: clientSeq % 2 }))
    }
    return solo
  }

  test('a killed engine comes back with the same state, and remembers its answers', () => {
    const storage = new MemoryStorage()
    const before = traded(storage)
    storage.crash()
    const after = new SoloEngine(storage, before.nowNs)
    expect(after.engine.core.hash()).toBe(before.engine.core.hash())
    expect(after.engine.appendPosition).toBe(before.engine.appendPosition)
    expect(after.engine.epoch).toBeGreaterThan(before.engine.epoch)
    const incarnation = after.engine.core.sessions.incarnation(after.engine.core.sessions.slotOf(CLIENT))
    const answers = before.reportsOf(CLIENT).filter(({ clientSeq }) => clientSeq === 300)
    after.send(CLIENT, orderMessage(CLIENT, incarnation, 300))
    expect(after.lastReport(CLIENT)).toEqual({ ...answers[0], execSeq: 0 })
  })

  test('from a snapshot and the records after it', () => {
    const storage = new MemoryStorage()
    const before = traded(storage)
    before.engine.takeSnapshot((error) => expect(error).toBeNull())
    const incarnation = before.engine.core.sessions.incarnation(before.engine.core.sessions.slotOf(CLIENT))
    before.send(CLIENT, orderMessage(CLIENT, incarnation, 301))
    const after = new SoloEngine(storage, before.nowNs)
    expect(after.engine.core.hash()).toBe(before.engine.core.hash())
  })

  test('a power loss takes nothing that was told', () => {
    const storage = new MemoryStorage(false)
    const before = new SoloEngine(storage)
    before.send(CLIENT, openMessage(CLIENT, 7))
    while (storage.pendingCount > 0) storage.complete(1)
    const incarnation = before.lastReport(CLIENT)?.value ?? 0
    before.send(CLIENT, orderMessage(CLIENT, incarnation, 1))
    while (storage.pendingCount > 0) storage.complete(1)
    expect(before.lastReport(CLIENT)).toMatchObject({ clientSeq: 1 })
    before.send(CLIENT, orderMessage(CLIENT, incarnation, 2))
    storage.losePower()
    const after = new SoloEngine(storage, before.nowNs)
    while (storage.pendingCount > 0) storage.complete(1)
    const { sessions } = after.engine.core
    expect(sessions.lastClientSeq(sessions.slotOf(CLIENT))).toBe(1)
  })

  test('a last record that was cut short is cut off; it had not been told', () => {
    const storage = new MemoryStorage()
    const before = traded(storage)
    const name = storage.list().findLast((file) => file.startsWith('segment-')) ?? ''
    const bytes = new Uint8Array(storage.size(name))
    storage.read(name, 0, bytes)
    const end = bytes.findLastIndex((byte) => byte !== 0)
    storage.clearFrom(name, end - 4)
    const after = new SoloEngine(storage, before.nowNs)
    expect(after.journal.cutTail).not.toBeNull()
    expect(after.engine.appendPosition).toBe(before.engine.appendPosition - 1)
    const { sessions } = after.engine.core
    const slot = sessions.slotOf(CLIENT)
    expect(sessions.lastClientSeq(slot)).toBe(299)
    after.send(CLIENT, orderMessage(CLIENT, sessions.incarnation(slot), 300))
    expect(after.lastReport(CLIENT)).toMatchObject({ clientSeq: 300 })
  })
})
