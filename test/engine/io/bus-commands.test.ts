// Who goes on over the bus although it was refused is not heard for a while; all others are, and miss nothing.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BusCommands } from '../../../engine/io/bus-commands.ts'
import { CommandInbox, TURN_SIZE } from '../../../engine/io/command-inbox.ts'
import { ClientId } from '../../../protocol/clients.ts'
import type { Transport } from '../../../protocol/io/transport.ts'
import { MESSAGE_SIZE_MAX } from '../../../protocol/limits.ts'
import { Subjects } from '../../../protocol/subjects.ts'
import { MemoryBus } from '../../support/memory-bus.ts'

const [FLOODER, OTHER, STRANGER] = [1_000, 1_001, 1_002]
const SIZE = 72
const BATCH_COUNT = 1_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function open() {
  const subjects = new Subjects('test')
  const bus = new MemoryBus()
  const connection = bus.connect()
  /** Patterns that are subscribed to. */
  const patterns = new Set<string>()
  const transport: Transport = Object.assign(Object.create(connection) as Transport, {
    flush: () => connection.flush(),
    subscribe: (...[subject, onMessage]: Parameters<Transport['subscribe']>) => {
      const subscription = connection.subscribe(subject, onMessage)
      patterns.add(subject)
      return {
        unsubscribe: () => {
          patterns.delete(subject)
          subscription.unsubscribe()
        },
      }
    },
  })
  /** Bytes of each client, and numbers of what the other has said. */
  const heard = new Map<number, number>()
  const numbers = new Set<number>()
  const refused: number[] = []
  const inbox = new CommandInbox(
    (clientId, bytes) => {
      heard.set(clientId, (heard.get(clientId) ?? 0) + bytes.length)
      if (clientId === OTHER) numbers.add(new DataView(bytes.buffer, bytes.byteOffset).getUint32(4))
    },
    (clientId) => refused.push(clientId),
  )
  const commands = new BusCommands({ transport, subjects, inbox, onHeard: () => {}, onUnheard: () => {} })
  commands.start()
  const message = (count: number, number = 0) => {
    const bytes = new Uint8Array(count * SIZE)
    const view = new DataView(bytes.buffer)
    for (let at = 0; at < bytes.length; at += SIZE) view.setUint16(at, SIZE, true)
    view.setUint32(4, number)
    return bytes
  }
  const say = async (clientId: number, count: number) => {
    bus.publish(subjects.commands(clientId), message(count))
    await bus.flush()
  }
  const pass = async (durationMs: number) => {
    for (let ms = 0; ms < durationMs; ms++) {
      await vi.advanceTimersByTimeAsync(1)
      inbox.poll(performance.now())
    }
  }
  /** More than is read, until it is not read any more, or the time is over. */
  const flood = async (clientId: number, durationMs: number) => {
    const isHeard = () => patterns.has(subjects.commands('*')) || patterns.has(subjects.commands(clientId))
    for (let ms = 0; ms < durationMs && isHeard(); ms++) {
      await say(clientId, BATCH_COUNT)
      await pass(1)
    }
    return isHeard()
  }
  const sizeOf = (clientId: number) => heard.get(clientId) ?? 0
  return { bus, commands, subjects, patterns, refused, message, say, pass, flood, sizeOf, numbers }
}

test('who floods is muted after it was refused, others are heard meanwhile, and it is heard again afterwards', async () => {
  const { subjects, patterns, refused, say, pass, flood, sizeOf } = open()
  await say(OTHER, 1)
  expect(await flood(FLOODER, 200)).toBe(false)
  expect(refused.length).toBeGreaterThan(1)
  expect(patterns).not.toContain(subjects.commands('*'))
  const before = sizeOf(FLOODER)
  await say(FLOODER, 1)
  await say(OTHER, 1)
  await say(ClientId.STRATEGY_BASE + 3, 1)
  await say(ClientId.OPERATOR, 1)
  await pass(900)
  // What it had waiting is dropped.
  expect(sizeOf(FLOODER)).toBe(before)
  expect([OTHER, ClientId.STRATEGY_BASE + 3, ClientId.OPERATOR].map(sizeOf)).toEqual([2 * SIZE, SIZE, SIZE])
  await say(STRANGER, 1)
  expect(sizeOf(STRANGER)).toBe(0)
  await pass(101)
  expect([...patterns]).toEqual([subjects.commands('*')])
  for (const clientId of [FLOODER, OTHER, STRANGER]) await say(clientId, 1)
  expect(sizeOf(FLOODER)).toBe(before + SIZE)
  expect([OTHER, STRANGER].map(sizeOf)).toEqual([3 * SIZE, SIZE])
})

test('what others say while subscriptions change is heard', async () => {
  const { bus, subjects, patterns, pass, message, numbers } = open()
  const wildcard = subjects.commands('*')
  let changeCount = 0
  let wasOpen = true
  for (let number = 1; number <= 4_000; number++) {
    bus.publish(subjects.commands(FLOODER), message(BATCH_COUNT))
    bus.publish(subjects.commands(OTHER), message(1, number))
    await bus.flush()
    await pass(1)
    if (patterns.has(wildcard) !== wasOpen) changeCount += 1
    wasOpen = patterns.has(wildcard)
  }
  expect(changeCount).toBeGreaterThanOrEqual(5)
  expect(numbers.size).toBe(4_000)
})

test('each mute soon after another is twice as long, up to eight seconds; later it begins anew', async () => {
  const { subjects, patterns, pass, flood } = open()
  const muteMs: number[] = []
  const mute = async () => {
    expect(await flood(FLOODER, 200)).toBe(false)
    const startMs = performance.now()
    while (!patterns.has(subjects.commands('*'))) await pass(1)
    muteMs.push(Math.round((performance.now() - startMs) / 1_000))
  }
  for (let count = 0; count < 5; count++) await mute()
  expect(muteMs).toEqual([1, 2, 4, 8, 8])
  await pass(10_001)
  await mute()
  expect(muteMs.at(-1)).toBe(1)
}, 30_000)

test('who was muted lately may have less waiting, and is muted again at the first refusal', async () => {
  const { patterns, subjects, refused, say, pass, flood } = open()
  await flood(FLOODER, 200)
  await pass(1_001)
  const refusedCount = refused.length
  await say(FLOODER, BATCH_COUNT)
  // As much as an honest client may have under way.
  expect(refused).toHaveLength(refusedCount)
  await say(FLOODER, BATCH_COUNT)
  expect(refused).toHaveLength(refusedCount + 1)
  expect(patterns).not.toContain(subjects.commands('*'))
})

test('who exceeds once, or again a second later, is told so and heard on', async () => {
  const { patterns, subjects, refused, say, pass } = open()
  for (let round = 1; round <= 3; round++) {
    for (let size = 0; size < 2 * MESSAGE_SIZE_MAX; size += BATCH_COUNT * SIZE) await say(FLOODER, BATCH_COUNT)
    expect(refused).toHaveLength(round)
    await pass(Math.ceil(MESSAGE_SIZE_MAX / TURN_SIZE) + 1_000)
  }
  expect([...patterns]).toEqual([subjects.commands('*')])
})

test('whoever can stop all quoting is never muted', async () => {
  const { flood, refused } = open()
  expect(await flood(ClientId.OPERATOR, 300)).toBe(true)
  expect(refused.length).toBeGreaterThan(1)
})

test('nobody is heard when it is stopped, muted or not', async () => {
  const { commands, patterns, say, pass, flood, sizeOf } = open()
  await flood(FLOODER, 200)
  commands.stop()
  expect(commands.isStarted).toBe(false)
  await pass(2_000)
  await say(OTHER, 1)
  expect([patterns.size, sizeOf(OTHER)]).toEqual([0, 0])
  commands.start()
  await say(OTHER, 1)
  expect(sizeOf(OTHER)).toBe(SIZE)
})
