// Every bound at its edge: the last one fits, one more is refused by name and changes nothing, and there is room again when
// one has gone.

import { describe, expect, test } from 'vitest'
import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { DiskFullError } from '../../engine/journal/journal-errors.ts'
import { MemoryStorage } from '../../engine/journal/memory-storage.ts'
import type { Done } from '../../engine/journal/storage.ts'
import { checkConfig } from '../../ops/config/load.ts'
import { ClientId } from '../../protocol/clients.ts'
import { stampSession, writeCancelOrder, writeCloseSession } from '../../protocol/command-writer.ts'
import { EventKind, OrderType, Reason, Side } from '../../protocol/kinds.ts'
import {
  CLIENT_ID_MAX,
  COMMAND_SIZE_MAX,
  INGRESS_COUNT_MAX,
  NODE_COUNT_MAX,
  PRICE_TICKS_MAX,
  QUANTITY_LOTS_MAX,
  SESSION_COUNT_MAX,
  SYMBOL_COUNT_MAX,
} from '../../protocol/limits.ts'
import { orderMessage, registerMessage, SEGMENT_SIZE, SoloEngine, soloConfig } from '../support/solo-engine.ts'

const CLIENT_ID = 10

/** A disk in memory that may have no room for another file. */
class SmallStorage extends MemoryStorage {
  isFull = false

  override prepare(name: string, size: number, done: Done): void {
    if (this.isFull) done(new DiskFullError('no room'))
    else super.prepare(name, size, done)
  }

  override save(name: string, bytes: Uint8Array, done: Done): void {
    if (this.isFull) done(new DiskFullError('no room'))
    else super.save(name, bytes, done)
  }
}

function bytesOf(clientId: number, incarnation: number, clientSeq: number, write: (buffer: AlignedBuffer) => number) {
  const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
  const length = write(buffer)
  stampSession(buffer, 0, clientId, incarnation, clientSeq)
  return buffer.bytes.slice(0, length)
}

test('sessions: one more client is refused, until somebody closes', () => {
  const solo = new SoloEngine(new MemoryStorage())
  for (let index = 0; index < SESSION_COUNT_MAX; index++) {
    solo.open(CLIENT_ID + index)
    expect(solo.lastReport(CLIENT_ID + index)?.kind).toBe(EventKind.SESSION_OPENED)
  }
  const late = CLIENT_ID + SESSION_COUNT_MAX
  const before = solo.engine.core.hash()
  solo.open(late)
  expect(solo.lastReport(late)).toMatchObject({ kind: EventKind.COMMAND_REFUSED, reason: Reason.TOO_MANY_SESSIONS })
  expect(solo.engine.core.hash()).toBe(before)
  const incarnation = solo.reportsOf(CLIENT_ID)[0]!.value
  solo.send(
    CLIENT_ID,
    bytesOf(CLIENT_ID, incarnation, 1, (buffer) => writeCloseSession(buffer, 0)),
  )
  solo.open(late)
  expect(solo.lastReport(late)?.kind).toBe(EventKind.SESSION_OPENED)
})

test('client ids: the highest has a session, one above has none', () => {
  const solo = new SoloEngine(new MemoryStorage())
  solo.open(CLIENT_ID_MAX)
  expect(solo.lastReport(CLIENT_ID_MAX)?.kind).toBe(EventKind.SESSION_OPENED)
  solo.open(CLIENT_ID_MAX + 1)
  expect(solo.lastReport(CLIENT_ID_MAX + 1)?.reason).toBe(Reason.UNKNOWN_CLIENT)
})

test('orders, each at a price of its own: one more is rejected, until one is cancelled', () => {
  const orderCountMax = 50
  const solo = new SoloEngine(new MemoryStorage(), 0, { ...soloConfig, orderCountMax })
  const incarnation = solo.open(CLIENT_ID)
  let clientSeq = 0
  const order = () => {
    clientSeq += 1
    solo.send(CLIENT_ID, orderMessage(CLIENT_ID, incarnation, clientSeq, { priceTicks: 100 + clientSeq }))
    return solo.reportsOf(CLIENT_ID).find((report) => report.clientSeq === clientSeq)
  }
  for (let count = 0; count < orderCountMax; count++) expect(order()?.kind).toBe(EventKind.ORDER_ACCEPTED)
  const before = solo.engine.core.exchange.hash()
  expect(order()).toMatchObject({ kind: EventKind.ORDER_REJECTED, reason: Reason.BOOK_FULL })
  expect(solo.engine.core.exchange.hash()).toBe(before)
  clientSeq += 1
  solo.send(
    CLIENT_ID,
    bytesOf(CLIENT_ID, incarnation, clientSeq, (buffer) => writeCancelOrder(buffer, 0, 0, 0, 1)),
  )
  expect(order()?.kind).toBe(EventKind.ORDER_ACCEPTED)
})

test('prices and quantities: the highest are taken, others are out of range', () => {
  const solo = new SoloEngine(new MemoryStorage())
  const incarnation = solo.open(CLIENT_ID)
  const replyTo = (clientSeq: number, fields: Parameters<typeof orderMessage>[3]) => {
    solo.send(CLIENT_ID, orderMessage(CLIENT_ID, incarnation, clientSeq, { side: Side.SELL, ...fields }))
    return solo.reportsOf(CLIENT_ID).find((report) => report.clientSeq === clientSeq)
  }
  expect(replyTo(1, { priceTicks: PRICE_TICKS_MAX, quantityLots: QUANTITY_LOTS_MAX })?.kind).toBe(
    EventKind.ORDER_ACCEPTED,
  )
  expect(replyTo(2, { priceTicks: 1 })?.kind).toBe(EventKind.ORDER_ACCEPTED)
  expect(replyTo(3, { priceTicks: 0 })?.reason).toBe(Reason.PRICE_OUT_OF_RANGE)
  expect(replyTo(4, { quantityLots: QUANTITY_LOTS_MAX + 1 })?.reason).toBe(Reason.QUANTITY_OUT_OF_RANGE)
  expect(replyTo(5, { orderType: OrderType.LIMIT, quantityLots: 0 })?.reason).toBe(Reason.QUANTITY_OUT_OF_RANGE)
})

test('strategy nodes: one more is refused', () => {
  const solo = new SoloEngine(new MemoryStorage())
  const register = (node: number) => {
    const clientId = ClientId.STRATEGY_BASE + node
    const incarnation = solo.open(clientId)
    solo.send(clientId, registerMessage(clientId, incarnation, 1))
    return solo.reportsOf(clientId).find(({ clientSeq }) => clientSeq === 1)
  }
  // They must all be present at once, and a presence is short: no time passes but what the messages take.
  for (let node = 1; node <= NODE_COUNT_MAX; node++) expect(register(node)?.kind).toBe(EventKind.NODE_REGISTERED)
  expect(register(NODE_COUNT_MAX + 1)).toMatchObject({ kind: EventKind.NODE_REFUSED, reason: Reason.TOO_MANY_NODES })
})

test('commands that wait: one more is refused as too much, and those before it are answered', () => {
  const solo = new SoloEngine(new MemoryStorage())
  const incarnation = solo.open(CLIENT_ID)
  const order = orderMessage(CLIENT_ID, incarnation, 1)
  for (let count = 0; count < INGRESS_COUNT_MAX; count++) solo.engine.offer(CLIENT_ID, order)
  expect(solo.lastReport(CLIENT_ID)?.kind).toBe(EventKind.SESSION_OPENED)
  solo.engine.offer(CLIENT_ID, order)
  solo.engine.release()
  expect(solo.lastReport(CLIENT_ID)).toMatchObject({ kind: EventKind.COMMAND_REFUSED, reason: Reason.OVERLOADED })
  while (!solo.engine.isQuiet) solo.pass()
  expect(solo.engine.core.exchange.orderCount()).toBe(1)
})

describe('the journal', () => {
  const SEGMENT_COUNT = 4
  /** Twice as many as fit. */
  const FILL_COUNT_MAX = 8_000
  const limited = () => new SoloEngine(new MemoryStorage(), 0, soloConfig, { sizeMax: SEGMENT_COUNT * SEGMENT_SIZE })
  const segmentsOf = ({ storage }: SoloEngine) => storage.list().filter((name) => name.endsWith('.journal')).length
  /** Orders until one is refused; how many were taken. */
  const fill = (solo: SoloEngine, incarnation: number, firstSeq: number) => {
    for (let clientSeq = firstSeq; clientSeq < firstSeq + FILL_COUNT_MAX; clientSeq++) {
      solo.send(CLIENT_ID, orderMessage(CLIENT_ID, incarnation, clientSeq))
      if (solo.lastReport(CLIENT_ID)?.kind === EventKind.COMMAND_REFUSED) return clientSeq - 1
    }
    throw new Error(`${FILL_COUNT_MAX} orders, and none was refused`)
  }

  test('as large as it may be: one more command is refused and changes nothing, and what was answered is again', () => {
    const solo = limited()
    const incarnation = solo.open(CLIENT_ID)
    const lastSeq = fill(solo, incarnation, 1)
    expect(segmentsOf(solo)).toBe(SEGMENT_COUNT)
    expect(solo.lastReport(CLIENT_ID)).toMatchObject({ reason: Reason.JOURNAL_FULL, clientSeq: lastSeq + 1 })
    const before = [solo.engine.core.hash(), solo.journal.appendPosition]
    solo.send(CLIENT_ID, orderMessage(CLIENT_ID, incarnation, lastSeq + 1))
    expect(solo.lastReport(CLIENT_ID)?.reason).toBe(Reason.JOURNAL_FULL)
    expect([solo.engine.core.hash(), solo.journal.appendPosition]).toEqual(before)
    solo.send(CLIENT_ID, orderMessage(CLIENT_ID, incarnation, lastSeq))
    expect(solo.lastReport(CLIENT_ID)).toMatchObject({ kind: EventKind.ORDER_ACCEPTED, clientSeq: lastSeq })
    expect(solo.engine.isQuiet).toBe(true)
  })

  test('snapshots make room: wanted each quarter of it, they keep it from ever being full', () => {
    const solo = limited()
    const incarnation = solo.open(CLIENT_ID)
    let segmentCountMax = 0
    for (let clientSeq = 1; clientSeq <= 4_000; clientSeq++) {
      solo.send(CLIENT_ID, orderMessage(CLIENT_ID, incarnation, clientSeq))
      segmentCountMax = Math.max(segmentCountMax, segmentsOf(solo))
      if (solo.engine.isSnapshotDue()) solo.engine.takeSnapshot((error) => expect(error).toBeNull())
    }
    expect(solo.reportsOf(CLIENT_ID).filter(({ kind }) => kind === EventKind.ORDER_ACCEPTED)).toHaveLength(4_000)
    expect(solo.journal.firstSeq).toBeGreaterThan(1)
    expect(segmentCountMax).toBeLessThanOrEqual(SEGMENT_COUNT)
  })

  test('on a full disk: commands are refused, and taken when the disk has room again', () => {
    const storage = new SmallStorage()
    const solo = new SoloEngine(storage)
    const incarnation = solo.open(CLIENT_ID)
    storage.isFull = true
    const lastSeq = fill(solo, incarnation, 1)
    expect(solo.lastReport(CLIENT_ID)).toMatchObject({ reason: Reason.JOURNAL_FULL, clientSeq: lastSeq + 1 })
    expect(solo.engine.isBusy).toBe(false)
    storage.isFull = false
    solo.send(CLIENT_ID, orderMessage(CLIENT_ID, incarnation, lastSeq + 1))
    expect(solo.lastReport(CLIENT_ID)?.kind).toBe(EventKind.ORDER_ACCEPTED)
  })

  test('a snapshot that the disk has no room for is tried again, seconds later', () => {
    const storage = new SmallStorage()
    const solo = new SoloEngine(storage)
    solo.open(CLIENT_ID)
    storage.isFull = true
    const outcomes: (Error | null)[] = []
    solo.engine.takeSnapshot((error) => outcomes.push(error))
    expect(outcomes).toEqual([expect.any(DiskFullError)])
    expect(solo.engine.isSnapshotDue()).toBe(false)
    storage.isFull = false
    solo.pass(10_000_000_000)
    expect(solo.engine.isSnapshotDue()).toBe(true)
    solo.engine.takeSnapshot((error) => outcomes.push(error))
    expect(outcomes[1]).toBeNull()
    solo.pass(10_000_000_000)
    expect(solo.engine.isSnapshotDue()).toBe(false)
  })

  test('full, it is written on as soon as a snapshot has made room', () => {
    const solo = limited()
    const incarnation = solo.open(CLIENT_ID)
    for (let clientSeq = 1; clientSeq <= 1_000; clientSeq++) {
      solo.send(CLIENT_ID, orderMessage(CLIENT_ID, incarnation, clientSeq))
    }
    solo.engine.takeSnapshot((error) => expect(error).toBeNull())
    const lastSeq = fill(solo, incarnation, 1_001)
    solo.engine.takeSnapshot((error) => expect(error).toBeNull())
    expect(segmentsOf(solo)).toBeLessThan(SEGMENT_COUNT)
    solo.send(CLIENT_ID, orderMessage(CLIENT_ID, incarnation, lastSeq + 1))
    expect(solo.lastReport(CLIENT_ID)).toMatchObject({ kind: EventKind.ORDER_ACCEPTED, clientSeq: lastSeq + 1 })
  })
})

test('symbols: as many as there may be are configured, one more is refused in words', () => {
  const config = (count: number) => ({
    instruments: Array.from({ length: count }, (_, index) => ({ symbol: `S${index}`, openingPrice: '10.00' })),
  })
  expect(checkConfig(config(SYMBOL_COUNT_MAX), 'test').instruments).toHaveLength(SYMBOL_COUNT_MAX)
  expect(() => checkConfig(config(SYMBOL_COUNT_MAX + 1), 'test')).toThrow(/instruments/)
})
