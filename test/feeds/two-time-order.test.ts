// The order of two times is what a plain merge of two stable sorts gives, whatever the blocks in which the events come, in
// memory and by way of the waiting file.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Prng } from '../../base/prng.ts'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { FeedFlag, FeedKind } from '../../feeds/feed-event.ts'
import { openFeed } from '../../feeds/io/feed-file.ts'
import { TwoTimeFileWriter } from '../../feeds/io/two-time-file.ts'
import { type RunSink, TwoTimeOrder, TwoTimeSurvey } from '../../feeds/two-time-order.ts'
import { plainHeader } from '../support/feed.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-two-times-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Timed = { readonly exchangeNs: number; readonly localNs: number; readonly id: number }

/** Messages of some events each; both clocks mostly go on, and go back now and then. */
function messages(count: number, seed: number): Timed[] {
  const random = new Prng(seed)
  const events: Timed[] = []
  let nowNs = 0
  while (events.length < count) {
    nowNs += random.nextBetween(0, 20)
    const exchangeNs = nowNs - random.nextBetween(0, 15)
    const localNs = exchangeNs + random.nextBetween(1, 40)
    for (let left = random.nextBetween(1, 6); left > 0; left--) events.push({ exchangeNs, localNs, id: events.length })
  }
  return events
}

/** Each event once or twice, as "id flags". */
function naiveOrder(events: readonly Timed[]): string[] {
  const byExchange = events.toSorted((a, b) => a.exchangeNs - b.exchangeNs)
  const byLocal = events.toSorted((a, b) => a.localNs - b.localNs)
  const ordered: string[] = []
  let [a, b] = [0, 0]
  while (a < events.length || b < events.length) {
    const [one, other] = [byExchange[a], byLocal[b]]
    const ahead =
      one === undefined || other === undefined ? 0 : one.exchangeNs - other.exchangeNs || one.localNs - other.localNs
    if (one !== undefined && other !== undefined && ahead === 0) {
      ordered.push(`${one.id} ${FeedFlag.EXCHANGE | FeedFlag.LOCAL}`)
      a += 1
      b += 1
    } else if (one !== undefined && (other === undefined || ahead < 0)) {
      ordered.push(`${one.id} ${FeedFlag.EXCHANGE}`)
      a += 1
    } else {
      ordered.push(`${other!.id} ${FeedFlag.LOCAL}`)
      b += 1
    }
  }
  return ordered
}

test.each([1, 2, 3, 4, 5])('the order is that of a plain merge, whatever the blocks: seed %i', (seed) => {
  const random = new Prng(seed)
  const events = messages(20_000, seed)
  const survey = new TwoTimeSurvey()
  for (const { exchangeNs, localNs } of events) survey.add(exchangeNs, localNs)
  const ordered: string[] = []
  const sink: RunSink = {
    pushRun(block, from, to, seen, lateNs) {
      expect(lateNs).toBe(7)
      for (let i = from; i < to; i++) ordered.push(`${block.orderId[i]} ${seen}`)
    },
  }
  const order = new TwoTimeOrder(sink, survey.disorder, 7)
  const made = new Set<FeedBlock>()
  for (let at = 0; at < events.length; ) {
    const block = order.takeSpare()
    made.add(block)
    block.count = 0
    for (const { exchangeNs, localNs, id } of events.slice(at, at + random.nextBetween(1, 400))) {
      block.exchangeNs[block.count] = exchangeNs
      block.localNs[block.count] = localNs
      block.orderId[block.count] = id
      block.count += 1
    }
    order.push(block)
    at += block.count
  }
  order.finish()
  expect(ordered).toEqual(naiveOrder(events))
  // Those whose events do not wait any more come back.
  expect(made.size).toBeLessThan(5)
})

test('a source too long for memory waits in a file, and comes in the same order', () => {
  const events = messages(900_000, 6)
  const path = join(folder, 'long.feed')
  const writer = new TwoTimeFileWriter(path, plainHeader)
  let hasWaited = false
  for (const [at, { exchangeNs, localNs, id }] of events.entries()) {
    const shared = [exchangeNs, localNs, id % 1_000, id % 77, id, 0, id] as const
    writer.push(FeedKind.TRADE, FeedFlag.BUY, id % 2, ...shared)
    if (exchangeNs !== events[at + 1]?.exchangeNs) writer.markLast()
    hasWaited ||= at % 10_000 === 0 && existsSync(`${path}.waiting.part`)
  }
  expect(hasWaited).toBe(true)
  writer.finish()
  expect(existsSync(`${path}.waiting`)).toBe(false)

  const expected = naiveOrder(events)
  const file = openFeed(path)
  const block = new FeedBlock()
  let at = 0
  let wrongCount = 0
  while (file.reader.next(block)) {
    for (let i = 0; i < block.count; i++, at++) {
      const id = block.orderId[i]!
      const isLast = events[id]?.exchangeNs !== events[id + 1]?.exchangeNs
      const seen = block.flags[i]! & (FeedFlag.EXCHANGE | FeedFlag.LOCAL)
      const isRight =
        `${id} ${seen}` === expected[at] &&
        block.priceTicks[i] === id % 1_000 &&
        block.quantityLots[i] === id % 77 &&
        block.instrumentIndex[i] === id % 2 &&
        block.sequence[i] === id &&
        ((block.flags[i]! & FeedFlag.LAST) !== 0) === isLast
      if (!isRight) wrongCount += 1
    }
  }
  file.close()
  expect(at).toBe(expected.length)
  expect(wrongCount).toBe(0)
})
