// Turns: whoever says little is heard at once, whoever says much a turn's worth at a time, in order and not beyond a bound.

import { expect, test } from 'vitest'
import { CommandInbox, TURN_SIZE } from '../../../engine/io/command-inbox.ts'
import { COMMAND_SIZE_MAX, MESSAGE_SIZE_MAX, REPLY_COUNT_MAX } from '../../../protocol/limits.ts'

const SIZE = 72

/** Commands of 72 bytes, each with a number behind its size. */
function message(from: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count * SIZE)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < count; index++) {
    view.setUint16(index * SIZE, SIZE, true)
    view.setUint32(index * SIZE + 4, from + index, true)
  }
  return bytes
}

/** `pace`: bytes of what waits in a turn. */
function open(pace = TURN_SIZE) {
  const heard: { clientId: number; numbers: number[]; size: number }[] = []
  const told: number[] = []
  const inbox = new CommandInbox(
    (clientId, bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      const numbers: number[] = []
      for (let at = 0; at + SIZE <= bytes.length; at += SIZE) numbers.push(view.getUint32(at + 4, true))
      heard.push({ clientId, numbers, size: bytes.length })
    },
    (clientId) => told.push(clientId),
    () => pace,
  )
  const numbersOf = (clientId: number) =>
    heard.filter((one) => one.clientId === clientId).flatMap(({ numbers }) => numbers)
  return { inbox, heard, told, numbersOf }
}

test('a little is heard at once, and nothing waits', () => {
  const { inbox, numbersOf } = open()
  inbox.take(10, message(1, 3))
  expect(numbersOf(10)).toEqual([1, 2, 3])
  expect(inbox.isEmpty).toBe(true)
})

test('much is heard a turn at a time, in order; who says little in between is heard at once', () => {
  const { inbox, heard, numbersOf } = open()
  inbox.take(10, message(1, 200))
  inbox.take(10, message(201, 100))
  expect(numbersOf(10)).toHaveLength(TURN_SIZE / SIZE)
  inbox.take(11, message(1, 1))
  expect(numbersOf(11)).toEqual([1])
  let turns = 0
  for (let nowMs = 1; !inbox.isEmpty; nowMs += 1) {
    const before = numbersOf(10).length
    inbox.poll(nowMs)
    // The same moment once more is no turn.
    inbox.poll(nowMs)
    expect(numbersOf(10).length - before).toBeLessThanOrEqual(TURN_SIZE / SIZE)
    turns += 1
  }
  // The first turn was that of `take`.
  expect(turns).toBe(Math.ceil(300 / (TURN_SIZE / SIZE)) - 1)
  expect(numbersOf(10)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1))
  expect(heard.every(({ size }) => size <= TURN_SIZE)).toBe(true)
})

test('many small messages of one client in one turn are no way around it', () => {
  const { inbox, numbersOf } = open()
  for (let number = 1; number <= 100; number++) inbox.take(10, message(number, 1))
  expect(numbersOf(10)).toHaveLength(TURN_SIZE / SIZE)
  expect(inbox.isEmpty).toBe(false)
})

test('what waits is heard at the pace of that moment, the first turn is not held up by it', () => {
  const { inbox, numbersOf } = open(4 * SIZE)
  inbox.take(10, message(1, 100))
  expect(numbersOf(10)).toHaveLength(TURN_SIZE / SIZE)
  for (let nowMs = 1; nowMs <= 3; nowMs++) inbox.poll(nowMs)
  expect(numbersOf(10)).toHaveLength(TURN_SIZE / SIZE + 3 * 4)
})

test('more than a session may have under way is not kept, and its client is told so once in a turn', () => {
  const { inbox, told, numbersOf } = open()
  const each = Math.floor(MESSAGE_SIZE_MAX / SIZE)
  for (let count = 0; count < 10; count++) inbox.take(10, message(1 + count * each, each))
  expect(told).toEqual([10])
  inbox.take(11, message(1, 1))
  expect(numbersOf(11)).toEqual([1])
  for (let nowMs = 1; !inbox.isEmpty; nowMs += 1) inbox.poll(nowMs)
  const size = numbersOf(10).length * SIZE
  expect(size).toBeGreaterThan(REPLY_COUNT_MAX * COMMAND_SIZE_MAX - MESSAGE_SIZE_MAX)
  expect(size).toBeLessThanOrEqual(REPLY_COUNT_MAX * COMMAND_SIZE_MAX + TURN_SIZE)
  expect(numbersOf(10)).toEqual(Array.from({ length: size / SIZE }, (_, index) => index + 1))
})

test('what is no command is handed over as it is, to be refused: nothing, a piece, a size of zero, too much', () => {
  const { inbox, heard } = open()
  const zeros = new Uint8Array(5_000)
  const cases = [new Uint8Array(0), message(1, 1).subarray(0, 40), zeros, new Uint8Array(MESSAGE_SIZE_MAX + 8)]
  for (const [index, bytes] of cases.entries()) inbox.take(20 + index, bytes)
  expect(heard.map(({ clientId, size }) => [clientId, size])).toEqual(
    cases.map((bytes, index) => [20 + index, bytes.length]),
  )
})
