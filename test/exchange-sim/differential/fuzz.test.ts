// The fuzzer itself: it finds what is planted, and what it prints is short.

import { describe, expect, it } from 'vitest'
import type { AlignedBuffer } from '../../../base/aligned-buffer.ts'
import { findingText, fuzzEpisode, type MakeExchange } from '../../../exchange-sim/differential/fuzz.ts'
import { shrink } from '../../../exchange-sim/differential/shrink.ts'
import { NaiveExchange } from '../../../exchange-sim/naive/naive-exchange.ts'
import { EventField, type EventLog } from '../../../protocol/event.ts'
import { EventKind } from '../../../protocol/kinds.ts'

const makeNaive: MakeExchange = (config, options) => new NaiveExchange(config, options)

/** Forgets that a quote may be cancelled. */
class StubbornExchange extends NaiveExchange {
  override cancelQuote(): boolean {
    return false
  }
}

/** Tells a worse price than the best. */
class LyingExchange extends NaiveExchange {
  override apply(batch: AlignedBuffer, offset: number, nowNs: number, events: EventLog): void {
    super.apply(batch, offset, nowNs, events)
    for (let index = 0; index < events.count; index++) {
      if (events.bytes[index * EventField.LENGTH] !== EventKind.TRADE) continue
      events.int32[(index * EventField.LENGTH + EventField.PRICE_TICKS) >> 2]! += 1
    }
  }
}

describe('fuzzEpisode', () => {
  it('finds nothing where there is nothing', () => {
    expect(fuzzEpisode(1, 1_000, makeNaive, makeNaive)).toBeUndefined()
  })

  it('finds a planted difference, and shows it in the few steps that it needs', () => {
    const finding = fuzzEpisode(3, 4_000, (config, options) => new StubbornExchange(config, options), makeNaive)
    expect(finding?.steps.map((step) => step.kind)).toEqual(['quote', 'cancelQuote'])
    expect(finding === undefined ? '' : findingText(finding)).toMatch(/an event is missing:\n {2}quote-cancelled q\d+/)
  })

  it('finds a broken rule that subject and oracle agree on', () => {
    const makeLying: MakeExchange = (config, options) => new LyingExchange(config, options)
    const finding = fuzzEpisode(3, 4_000, makeLying, makeLying)
    expect(finding?.message).toBe('not so: the best price trades first')
    expect(finding?.steps).toHaveLength(2)
  })

  it('reproduces a finding from its seed', () => {
    const makeStubborn: MakeExchange = (config, options) => new StubbornExchange(config, options)
    const first = fuzzEpisode(7, 4_000, makeStubborn, makeNaive)
    expect(first).toBeDefined()
    expect(fuzzEpisode(7, 4_000, makeStubborn, makeNaive)).toEqual(first)
  })
})

describe('shrink', () => {
  it('keeps what matters, wherever it is', () => {
    const items = Array.from({ length: 500 }, (_, index) => index)
    const fails = (list: readonly number[]) => list.includes(17) && list.includes(401)
    expect(shrink(items, fails)).toEqual([17, 401])
  })

  it('gives up in time', () => {
    let attemptCount = 0
    const fails = () => {
      attemptCount += 1
      return false
    }
    expect(shrink([1, 2, 3, 4], fails, 3)).toEqual([1, 2, 3, 4])
    expect(attemptCount).toBe(3)
  })
})
