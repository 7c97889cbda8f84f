// Contended exposure: nobody starves, nearly all of the limit is in use, and never more than it.

import { describe, expect, test } from 'vitest'
import { NS_PER_MS, NS_PER_S } from '../../../base/clock.ts'
import { Prng } from '../../../base/prng.ts'
import { FairShare } from '../../../engine/desk/fair-share.ts'

const LIMIT_LOTS = 100
const REFRESH_NS = 5 * NS_PER_S
const ASK_AGAIN_NS = 250 * NS_PER_MS

/** Symbols that each want the same, ask again as nodes do, and are filled now and then. */
function contend(symbolCount: number, wantedLots: number, durationNs: number) {
  const random = new Prng(symbolCount)
  const shares = new FairShare(symbolCount, LIMIT_LOTS)
  const dueNs = Array.from({ length: symbolCount }, () => random.nextBelow(ASK_AGAIN_NS))
  const quotedNs = Array.from({ length: symbolCount }, () => 0)
  let highest = 0
  let usedNs = 0
  const stepNs = 10 * NS_PER_MS
  for (let nowNs = stepNs; nowNs <= durationNs; nowNs += stepNs) {
    for (let symbolId = 0; symbolId < symbolCount; symbolId++) {
      const held = shares.heldLots(symbolId)
      if (held > 0 && random.nextChance(0.002)) {
        shares.hold(symbolId, held - random.nextBetween(1, held), nowNs)
        dueNs[symbolId] = nowNs
      }
      if (nowNs < dueNs[symbolId]!) continue
      const granted = Math.min(wantedLots, shares.allowedLots(symbolId, wantedLots, nowNs))
      shares.ask(symbolId, wantedLots, nowNs)
      shares.hold(symbolId, granted, nowNs)
      dueNs[symbolId] = nowNs + (granted < wantedLots ? ASK_AGAIN_NS : REFRESH_NS)
    }
    highest = Math.max(highest, shares.heldTotal)
    usedNs += (shares.heldTotal / LIMIT_LOTS) * stepNs
    for (let symbolId = 0; symbolId < symbolCount; symbolId++) {
      if (shares.heldLots(symbolId) > 0) quotedNs[symbolId]! += stepNs
    }
  }
  return { highest, usedShare: usedNs / durationNs, quotedShare: Math.min(...quotedNs) / durationNs }
}

describe('a limit of 100', () => {
  test('among twelve symbols that each want 20: each is quoted, and nearly all is in use', () => {
    const { highest, usedShare, quotedShare } = contend(12, 20, 300 * NS_PER_S)
    expect(highest).toBeLessThanOrEqual(LIMIT_LOTS)
    expect(usedShare).toBeGreaterThan(0.95)
    expect(quotedShare).toBeGreaterThan(0.9)
  })

  test('among more symbols than lots: they take turns', () => {
    const { highest, quotedShare } = contend(150, 20, 60 * NS_PER_S)
    expect(highest).toBeLessThanOrEqual(LIMIT_LOTS)
    expect(quotedShare).toBeGreaterThan(0.3)
  })

  test('is whoever asks first, while nobody else waits', () => {
    const shares = new FairShare(3, LIMIT_LOTS)
    expect(shares.allowedLots(0, 100, 1)).toBe(100)
  })

  test('leaves a small wish whole, and shares the rest', () => {
    const shares = new FairShare(3, LIMIT_LOTS)
    for (const [symbolId, lots] of [10, 90, 90].entries()) shares.ask(symbolId, lots, 1)
    expect(shares.allowedLots(0, 10, 1)).toBeGreaterThanOrEqual(10)
    expect(shares.allowedLots(1, 90, 1)).toBe(45)
  })
})
