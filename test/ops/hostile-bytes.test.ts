// Whatever bytes reach a real engine over a real bus: it names what is wrong, it changes nothing, and it goes on serving.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { Prng } from '../../base/prng.ts'
import { DrillCluster } from '../../ops/drill/drill-cluster.ts'
import { SOLO } from '../../ops/drill/scenario.ts'
import { CommandHeader } from '../../protocol/command.ts'
import { type NewOrder, stampSession, writeNewOrder, writeOpenSession } from '../../protocol/command-writer.ts'
import { ExecutionField } from '../../protocol/frame.ts'
import { FrameFault, FrameReader } from '../../protocol/frame-reader.ts'
import { EventKind, nameOf, OrderType, Reason, Side, TimeInForce } from '../../protocol/kinds.ts'
import { COMMAND_SIZE_MAX, MESSAGE_SIZE_MAX, PRICE_TICKS_MAX, QUANTITY_LOTS_MAX } from '../../protocol/limits.ts'

const CLIENT_ID = 42
const FLOODER_ID = 43
const RANDOM_MESSAGE_COUNT = 2_000

/** 'KIND REASON' of each report to the client, in order. */
const reports: string[] = []
let onReport: () => void = () => {}
const folder = mkdtempSync(join(tmpdir(), 'tandem-hostile-'))
const cluster = new DrillCluster(folder, SOLO)
let clientSeq = 0

beforeAll(async () => {
  await cluster.start()
  const reader = new FrameReader()
  cluster.transport.subscribe(cluster.subjects.executions(CLIENT_ID), ({ data }) => {
    if (reader.read(data) !== FrameFault.NONE) throw new Error('the engine sent a frame that cannot be read')
    for (let index = 0; index < reader.count; index++) {
      const kind = nameOf(EventKind, reader.uint8(index, ExecutionField.KIND))
      const reason = reader.uint8(index, ExecutionField.REASON)
      reports.push(reason === 0 ? kind : `${kind} ${nameOf(Reason, reason)}`)
    }
    onReport()
  })
  const target = new AlignedBuffer(COMMAND_SIZE_MAX)
  const size = writeOpenSession(target, 0, 7, false)
  stampSession(target, 0, CLIENT_ID, 0, 0)
  await answerTo(target.bytes.subarray(0, size))
  await answerTo(orderBytes({}))
}, 60_000)

afterAll(async () => {
  await cluster.stop()
  rmSync(folder, { recursive: true })
}, 60_000)

/** Sends one message and resolves with the first report after it. */
async function answerTo(message: Uint8Array): Promise<string> {
  const before = reports.length
  const { promise, resolve } = Promise.withResolvers<void>()
  onReport = resolve
  cluster.transport.publish(cluster.subjects.commands(CLIENT_ID), message)
  await promise
  return reports[before] ?? 'nothing'
}

/** Sends an order and resolves with what it is answered, when all that was sent before has been. */
async function orderAnswer(fields: Partial<NewOrder>): Promise<string> {
  const before = reports.length
  const find = () => reports.slice(before).find((report) => report.startsWith('ORDER_'))
  const { promise, resolve } = Promise.withResolvers<void>()
  onReport = () => {
    if (find() !== undefined) resolve()
  }
  cluster.transport.publish(cluster.subjects.commands(CLIENT_ID), orderBytes(fields))
  await promise
  return find()!
}

/** A new order, the next one of the session. */
function orderBytes(fields: Partial<NewOrder>): Uint8Array {
  const target = new AlignedBuffer(COMMAND_SIZE_MAX)
  clientSeq += 1
  const size = writeNewOrder(target, 0, {
    ...{ symbolId: 1, side: Side.BUY, orderType: OrderType.LIMIT, timeInForce: TimeInForce.GTC },
    ...{ quantityLots: 1, priceTicks: 9_990, clientOrderId: clientSeq, ...fields },
  })
  stampSession(target, 0, CLIENT_ID, 1, clientSeq)
  return target.bytes.slice(0, size)
}

/** An order that has not the next number: for messages that must not get so far that it counts. */
function broken(change: (view: DataView) => void): Uint8Array {
  const bytes = orderBytes({})
  clientSeq -= 1
  change(new DataView(bytes.buffer))
  return bytes
}

async function stateHash(): Promise<unknown> {
  return (await cluster.ask('state-hash'))['stateHash']
}

/** What the market and the desk hold, whatever sessions were told. */
async function market(): Promise<unknown> {
  const { positions } = await cluster.ask('positions')
  const { orderCount, tradeCount } = await cluster.ask('status')
  return { positions, orderCount, tradeCount }
}

const BAD_MESSAGES: readonly (readonly [string, Reason, () => Uint8Array])[] = [
  ['nothing', Reason.MALFORMED, () => new Uint8Array(0)],
  ['a few bytes', Reason.MALFORMED, () => Uint8Array.of(1, 2, 3)],
  ['a command cut short', Reason.MALFORMED, () => broken(() => {}).subarray(0, 40)],
  ['a size beyond the message', Reason.MALFORMED, () => broken((view) => view.setUint16(0, 0xffff, true))],
  ['a size of zero', Reason.MALFORMED, () => broken((view) => view.setUint16(0, 0, true))],
  ['an unknown kind', Reason.UNKNOWN_KIND, () => broken((view) => view.setUint8(CommandHeader.KIND, 250))],
  ['another version', Reason.UNSUPPORTED_VERSION, () => broken((view) => view.setUint8(CommandHeader.VERSION, 9))],
  [
    'a number that is none',
    Reason.MALFORMED,
    () => broken((view) => view.setFloat64(CommandHeader.CLIENT_SEQ, Number.NaN, true)),
  ],
  [
    'a command of a session that never was',
    Reason.STALE_SESSION,
    () => broken((view) => view.setUint32(CommandHeader.INCARNATION, 77, true)),
  ],
  ['more than a message may be', Reason.MALFORMED, () => new Uint8Array(MESSAGE_SIZE_MAX + 8)],
]

test.each(BAD_MESSAGES)('%s is refused by name, and the state is what it was', async (_name, reason, message) => {
  const before = await stateHash()
  expect(await answerTo(message())).toBe(`COMMAND_REFUSED ${nameOf(Reason, reason)}`)
  expect(await stateHash()).toBe(before)
})

test.each([
  ['an unknown symbol', { symbolId: 999 }, 'UNKNOWN_SYMBOL'],
  ['a negative symbol', { symbolId: -5 }, 'UNKNOWN_SYMBOL'],
  ['a price of zero', { priceTicks: 0 }, 'PRICE_OUT_OF_RANGE'],
  ['a negative price', { priceTicks: -1 }, 'PRICE_OUT_OF_RANGE'],
  ['a quantity of zero', { quantityLots: 0 }, 'QUANTITY_OUT_OF_RANGE'],
  ['a negative quantity', { quantityLots: -10 }, 'QUANTITY_OUT_OF_RANGE'],
  ['a huge quantity', { quantityLots: QUANTITY_LOTS_MAX + 1 }, 'QUANTITY_OUT_OF_RANGE'],
  ['an unknown side', { side: 7 as Side }, 'BAD_SIDE'],
  ['an unknown type', { orderType: 99 as OrderType }, 'BAD_ORDER_TYPE'],
  ['an unknown time in force', { timeInForce: 99 as TimeInForce }, 'BAD_TIME_IN_FORCE'],
])('an order with %s is rejected, and the market is what it was', async (_name, fields, reason) => {
  const before = await market()
  expect(await answerTo(orderBytes(fields))).toBe(`ORDER_REJECTED ${reason}`)
  expect(await market()).toEqual(before)
})

test('random bytes, and right commands with random damage, change nothing that was not asked for', async () => {
  const random = new Prng(11)
  const before = await market()
  for (let index = 0; index < RANDOM_MESSAGE_COUNT; index++) {
    const bytes = new Uint8Array(random.nextBelow(400))
    for (let at = 0; at < bytes.length; at++) bytes[at] = random.nextBelow(256)
    cluster.transport.publish(cluster.subjects.commands(CLIENT_ID), bytes)
    const order = broken((view) => {
      const at = random.nextBelow(view.byteLength)
      view.setUint8(at, view.getUint8(at) ^ (1 << random.nextBelow(8)))
      // Of a session that never was, so that a damaged order is never one that was asked for.
      view.setUint32(CommandHeader.INCARNATION, 5, true)
    })
    cluster.transport.publish(cluster.subjects.commands(CLIENT_ID), order)
    // No more at once than a session may have under way: who goes on beyond that is not heard for a while.
    if (index % 100 === 99) await orderAnswer({ quantityLots: 0 })
  }
  expect(await orderAnswer({ quantityLots: 0 })).toBe('ORDER_REJECTED QUANTITY_OUT_OF_RANGE')
  expect(await market()).toEqual(before)
  expect(reports.length).toBeGreaterThan(RANDOM_MESSAGE_COUNT)
})

test('a query that is no JSON, or names an unknown symbol, is answered with an error', async () => {
  const ask = async (name: string, body: string) => {
    const answer = await cluster.transport.request(cluster.subjects.query(name), Buffer.from(body), 5_000)
    return JSON.parse(Buffer.from(answer).toString()) as Record<string, unknown>
  }
  expect(await ask('fills', '{"symbol":')).toMatchObject({ error: expect.any(String) })
  expect(await ask('fills', '[]')).toMatchObject({ recordSeq: expect.any(Number) })
  expect(await ask('fills', '{"symbol":"NONE"}')).toMatchObject({ error: expect.any(String) })
})

test('who says more over the bus than others could bear is told so, and others are heard meanwhile', async () => {
  const before = await market()
  const told: string[] = []
  const reader = new FrameReader()
  const overloaded = Promise.withResolvers<void>()
  cluster.transport.subscribe(cluster.subjects.executions(FLOODER_ID), ({ data }) => {
    if (reader.read(data) !== FrameFault.NONE) return
    for (let index = 0; index < reader.count; index++) {
      told.push(nameOf(Reason, reader.uint8(index, ExecutionField.REASON)))
      if (told.at(-1) === 'OVERLOADED') overloaded.resolve()
    }
  })
  const message = broken((view) => {
    view.setUint32(CommandHeader.CLIENT_ID, FLOODER_ID, true)
    view.setUint32(CommandHeader.INCARNATION, 77, true)
  })
  const large = new Uint8Array(MESSAGE_SIZE_MAX - (MESSAGE_SIZE_MAX % message.length))
  for (let at = 0; at < large.length; at += message.length) large.set(message, at)
  for (let count = 0; count < 40; count++) cluster.transport.publish(cluster.subjects.commands(FLOODER_ID), large)
  await overloaded.promise
  const heardCount = told.length
  expect(await orderAnswer({ quantityLots: 0 })).toBe('ORDER_REJECTED QUANTITY_OUT_OF_RANGE')
  expect(await market()).toEqual(before)
  expect(new Set(told)).toEqual(new Set(['UNKNOWN_CLIENT', 'OVERLOADED']))
  expect(heardCount).toBeLessThan((40 * large.length) / message.length)
})

test('after all that it still serves', async () => {
  const before = reports.length
  expect(await orderAnswer({ priceTicks: PRICE_TICKS_MAX, side: Side.SELL })).toMatch(/ORDER_(ACCEPTED|REJECTED)/)
  expect(await orderAnswer({ side: Side.SELL, priceTicks: 9_990 })).toBe('ORDER_ACCEPTED')
  expect(reports.slice(before)).toContain('TRADE')
})
