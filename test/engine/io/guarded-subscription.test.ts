// A subscription is given up when much comes that is of no use, and comes back; what is of use never ends it.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { GuardedSubscription, USELESS_COUNT_MAX } from '../../../engine/io/guarded-subscription.ts'
import { MemoryBus } from '../../support/memory-bus.ts'

const SUBJECT = 'questions.*'
const NOTHING = new Uint8Array(0)

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp() {
  const bus = new MemoryBus()
  const heard = { count: 0, isUseful: false, unheardMs: [] as number[] }
  const guard = new GuardedSubscription({
    transport: bus.connect(),
    subject: SUBJECT,
    onMessage: () => {
      heard.count += 1
      return heard.isUseful
    },
    onUnheard: (_, ms) => heard.unheardMs.push(ms),
  })
  guard.start()
  const say = async (count: number) => {
    for (let index = 0; index < count; index++) bus.publish('questions.x', NOTHING)
    await bus.flush()
  }
  return { bus, heard, guard, say }
}

test('what is of use is heard, however much it is', async () => {
  const { heard, say } = setUp()
  heard.isUseful = true
  await say(20 * USELESS_COUNT_MAX)
  expect(heard).toMatchObject({ count: 20 * USELESS_COUNT_MAX, unheardMs: [] })
})

test('what is of no use is heard while it is little', async () => {
  const { heard, say } = setUp()
  for (let round = 0; round < 20; round++) {
    await say(USELESS_COUNT_MAX)
    vi.advanceTimersByTime(101)
  }
  expect(heard).toMatchObject({ count: 20 * USELESS_COUNT_MAX, unheardMs: [] })
})

test('much of it is not heard for a second, for longer where it goes on, and for a second again where it did not', async () => {
  const { heard, say } = setUp()
  for (const ms of [1_000, 2_000, 4_000, 8_000, 8_000]) {
    vi.advanceTimersByTime(101)
    const before = heard.count
    await say(10 * USELESS_COUNT_MAX)
    expect(heard.count - before).toBe(USELESS_COUNT_MAX + 1)
    expect(heard.unheardMs.at(-1)).toBe(ms)
    vi.advanceTimersByTime(ms - 1)
    await say(10)
    expect(heard.count - before).toBe(USELESS_COUNT_MAX + 1)
    vi.advanceTimersByTime(1)
    await say(10)
    expect(heard.count - before).toBe(USELESS_COUNT_MAX + 11)
  }
  vi.advanceTimersByTime(10_000)
  await say(10 * USELESS_COUNT_MAX)
  expect(heard.unheardMs.at(-1)).toBe(1_000)
})

test('it is heard from start to stop, also where it was given up in between', async () => {
  const { bus, heard, guard, say } = setUp()
  guard.start()
  await say(1)
  expect(heard.count).toBe(1)
  await say(2 * USELESS_COUNT_MAX)
  guard.stop()
  vi.advanceTimersByTime(10_000)
  expect(bus.publish('questions.x', NOTHING)).toBe(0)
  guard.start()
  expect(bus.publish('questions.x', NOTHING)).toBe(1)
})
