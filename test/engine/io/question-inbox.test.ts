// Questions in turns: a few are answered at once, many take a tenth of the time, and who asks little waits for nobody's many.

import { expect, test } from 'vitest'
import { QuestionInbox, WAITING_COUNT_MAX } from '../../../engine/io/question-inbox.ts'
import type { Message } from '../../../protocol/io/transport.ts'

const NOTHING = new Uint8Array(0)

/** Questions whose answers take `answerMs` each, on a clock that the test moves. */
class Desk {
  nowMs = 1_000
  answerMs = 0.02
  readonly answered: string[] = []
  readonly inbox = new QuestionInbox(
    (name) => {
      this.answered.push(name)
      this.nowMs += this.answerMs
    },
    () => this.nowMs,
  )

  ask(name: string, asker: string | undefined, data = NOTHING): void {
    const message: Message = { subject: '', data, asker, respond: () => {} }
    this.inbox.take(name, message)
  }

  pass(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs += 0.5) this.inbox.poll()
  }
}

test('a few questions are answered at once, and one that nobody asks is not', () => {
  const desk = new Desk()
  for (let index = 0; index < 10; index++) desk.ask(`q${index}`, 'a')
  desk.ask('nobody', undefined)
  expect(desk.answered).toHaveLength(10)
  expect(desk.inbox.isEmpty).toBe(true)
})

test('many take a tenth of the time, however short or long an answer is', () => {
  for (const [answerMs, perSecond] of [
    [0.001, 1_000],
    [0.5, 200],
    [20, 5],
  ] as const) {
    const desk = new Desk()
    desk.answerMs = answerMs
    const asked = () => {
      for (let index = 0; index < 100; index++) desk.ask('q', 'a')
    }
    asked()
    desk.answered.length = 0
    const startMs = desk.nowMs
    while (desk.nowMs < startMs + 2_000) {
      asked()
      desk.pass(50)
    }
    const rate = (desk.answered.length / (desk.nowMs - startMs)) * 1_000
    expect(rate).toBeGreaterThan(perSecond * 0.8)
    expect(rate).toBeLessThan(perSecond * 1.1)
  }
})

test('who asks little waits behind one question of each who asks much', () => {
  const desk = new Desk()
  for (let index = 0; index < 500; index++) desk.ask(`much${index}`, 'a')
  for (let index = 0; index < 500; index++) desk.ask('as much', 'b')
  desk.ask('little', 'c')
  const before = desk.answered.length
  desk.pass(10)
  expect(desk.answered.slice(before).indexOf('little')).toBeLessThanOrEqual(2)
  // Those of one asker keep their order.
  desk.pass(2_000)
  expect(desk.answered.filter((name) => name.startsWith('much'))).toEqual(
    Array.from({ length: 500 }, (_, index) => `much${index}`),
  )
})

test('what is more than may wait is dropped, and what a question says is kept until it is answered', () => {
  const seen: number[] = []
  let nowMs = 0
  const inbox = new QuestionInbox(
    (_, question) => {
      seen.push(question[0]!)
      nowMs += 1
    },
    () => nowMs,
  )
  const data = new Uint8Array(1)
  const count = WAITING_COUNT_MAX + 100
  for (let index = 0; index < count; index++) {
    data[0] = index & 0xff
    inbox.take('q', { subject: '', data, asker: 'a', respond: () => {} })
  }
  const atOnce = seen.length
  for (; !inbox.isEmpty; nowMs += 1) inbox.poll()
  expect(seen).toHaveLength(atOnce + WAITING_COUNT_MAX)
  expect(seen).toEqual(seen.map((_, index) => index & 0xff))
  inbox.take('q', { subject: '', data, asker: 'a', respond: () => {} })
  inbox.clear()
  expect(inbox.isEmpty).toBe(true)
})

test('askers that are no end are not all waited on', () => {
  const desk = new Desk()
  desk.answerMs = 5
  for (let index = 0; index < 1_000; index++) desk.ask('q', `asker${index}`)
  desk.answerMs = 0.001
  const before = desk.answered.length
  desk.pass(3_000)
  expect(desk.answered.length - before).toBeLessThanOrEqual(256)
})
