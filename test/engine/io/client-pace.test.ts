// How fast sessions are read: slower while commits are late beside somebody who says little, and only then.

import { expect, test } from 'vitest'
import { ClientPace, PACE_MIN } from '../../../engine/io/client-pace.ts'
import { TURN_SIZE } from '../../../engine/io/command-inbox.ts'

const LATE_NS = 2_500_000
const IN_TIME_NS = 300_000
/** Half an order. */
const MODEST_SIZE = 36
const [HEAVY, MODEST] = [10, 11]

/** So many milliseconds, in each of which each client says so many bytes, and one commit took so long. */
function run(
  pace: ClientPace,
  fromMs: number,
  durationMs: number,
  said: [number, number][],
  latencyNs: number,
): number {
  for (let nowMs = fromMs; nowMs < fromMs + durationMs; nowMs++) {
    for (const [clientId, size] of said) pace.heard(clientId, size)
    pace.committed(latencyNs)
    pace.poll(nowMs)
  }
  return fromMs + durationMs
}

const mixed: [number, number][] = [
  [HEAVY, TURN_SIZE],
  [MODEST, MODEST_SIZE],
]

test('while commits are late beside a modest client, the pace is halved step by step down to the least', () => {
  const pace = new ClientPace()
  expect(pace.size).toBe(TURN_SIZE)
  let nowMs = run(pace, 0, 201, mixed, IN_TIME_NS)
  expect(pace.size).toBe(TURN_SIZE)
  const sizes: number[] = []
  for (let count = 0; count < 50; count++) {
    nowMs = run(pace, nowMs, 1, mixed, LATE_NS)
    sizes.push(pace.size)
  }
  expect([...new Set(sizes)].filter((size) => size < TURN_SIZE)).toEqual([TURN_SIZE / 2, TURN_SIZE / 4, PACE_MIN])
  expect(sizes.filter((size) => size === TURN_SIZE / 4)).toHaveLength(10)
})

test('a modest client is seen within two windows, and taken to be there while it pauses', () => {
  const pace = new ClientPace()
  let nowMs = run(pace, 0, 500, mixed.slice(0, 1), LATE_NS)
  expect(pace.size).toBe(TURN_SIZE)
  nowMs = run(pace, nowMs, 81, mixed, LATE_NS)
  expect(pace.size).toBe(PACE_MIN)
  run(pace, nowMs, 150, mixed.slice(0, 1), LATE_NS)
  expect(pace.size).toBe(PACE_MIN)
})

test('it grows back when commits are in time: slowly, as it must not come to the same again and again', () => {
  const pace = new ClientPace()
  const nowMs = run(pace, 0, 400, mixed, LATE_NS)
  expect(pace.size).toBe(PACE_MIN)
  const laterMs = run(pace, nowMs, 9_000, mixed, IN_TIME_NS)
  expect(pace.size).toBeGreaterThan(TURN_SIZE / 2)
  expect(pace.size).toBeLessThan(TURN_SIZE)
  run(pace, laterMs, 9_200, mixed, IN_TIME_NS)
  expect(pace.size).toBe(TURN_SIZE)
})

test('among clients that all say much nobody is held up, however late commits are', () => {
  const pace = new ClientPace()
  const heavy: [number, number][] = [
    [10, TURN_SIZE],
    [11, PACE_MIN / 2],
  ]
  const sizes = new Set<number>()
  // They begin and end within a window.
  for (let nowMs = 50; nowMs < 1_080; nowMs++) {
    run(pace, nowMs, 1, heavy, LATE_NS)
    sizes.add(pace.size)
  }
  for (let nowMs = 1_080; nowMs < 2_000; nowMs++) {
    run(pace, nowMs, 1, heavy.slice(0, 1), LATE_NS)
    sizes.add(pace.size)
  }
  expect([...sizes]).toEqual([TURN_SIZE])
})

test('whoever was modest and is gone holds up nobody for long', () => {
  const pace = new ClientPace()
  const nowMs = run(pace, 0, 400, mixed, LATE_NS)
  expect(pace.size).toBe(PACE_MIN)
  run(pace, nowMs, 900, mixed.slice(0, 1), LATE_NS)
  expect(pace.size).toBe(TURN_SIZE)
})
