// The book rebuilt from frames alone equals the exchange's after every flush, wherever the flushes fall and whatever
// frames are lost and repaired by a snapshot.

import { describe, expect, it } from 'vitest'
import { ByteReader } from '../../../base/byte-reader.ts'
import { ByteWriter } from '../../../base/byte-writer.ts'
import { MarketData } from '../../../exchange-sim/market-data/market-data.ts'
import { Side } from '../../../protocol/kinds.ts'
import { l1Text, MarketDataEpisode } from '../../support/market-data-episode.ts'

const SEED = 77_003
const EPISODE_COUNT = 12
const STEP_COUNT = 1_500
const EPOCH = 5

describe('the book rebuilt from market data', () => {
  it('equals the exchange after every flush, from L3 and from L2, and so do L1, the trades and the state', () => {
    let tradedInAuctions = false
    for (let seed = SEED; seed < SEED + EPISODE_COUNT; seed++) {
      const episode = new MarketDataEpisode(seed)
      for (let index = 0; index < STEP_COUNT; index++) {
        episode.step()
        if (!episode.random.nextChance(0.3)) continue
        episode.flush(0)
        expect(episode.differences()).toEqual([])
        for (const [symbolId, listener] of episode.listeners.entries()) {
          const expected = listener.l1 === '' ? '' : l1Text(episode.runner.exchange, symbolId)
          expect(listener.l1).toBe(expected)
          const { phase, indicativeTicks, indicativeLots, volumeLots } = listener.state
          if (phase === 0) continue
          const { exchange } = episode.runner
          expect(phase).toBe(exchange.phase(symbolId))
          expect(indicativeTicks).toBe(exchange.indicativeTicks(symbolId))
          expect(indicativeLots).toBe(exchange.indicativeLots(symbolId))
          tradedInAuctions ||= indicativeLots > 0
          // A new session counts from 0.
          expect(volumeLots).toBeLessThanOrEqual(listener.tradedLots)
        }
      }
      episode.flush(0)
      const tradeIds = episode.listeners.flatMap((listener) => listener.tradeIds).sort((a, b) => a - b)
      expect(tradeIds).toEqual(tradeIds.map((_, index) => index + 1))
      expect(tradeIds.length).toBeGreaterThan(0)
    }
    expect(tradedInAuctions).toBe(true)
  }, 60_000)

  it('equals it again after lost frames, once the gap is seen and a snapshot has come', () => {
    let repairCount = 0
    for (let seed = SEED; seed < SEED + EPISODE_COUNT; seed++) {
      const episode = new MarketDataEpisode(seed)
      for (let index = 0; index < STEP_COUNT; index++) {
        episode.step()
        if (!episode.random.nextChance(0.3)) continue
        episode.flush(0.1)
        expect(episode.differences()).toEqual([])
      }
      episode.flush(0)
      // Whoever lost the last frame of a channel learns it from the announcement.
      episode.announce()
      expect(episode.differences()).toEqual([])
      for (const listener of episode.listeners) {
        expect([...listener.deaf].filter((channel) => channel === 'l2' || channel === 'l3')).toEqual([])
        repairCount += listener.repairCount
      }
    }
    expect(repairCount).toBeGreaterThan(100)
  }, 60_000)

  it('can be joined in the middle, by a snapshot taken between a collect and its flush', () => {
    for (let seed = SEED; seed < SEED + EPISODE_COUNT; seed++) {
      const episode = new MarketDataEpisode(seed)
      for (let index = 0; index < 400; index++) episode.step()
      for (const [symbolId, listener] of episode.listeners.entries()) {
        listener.levels.repair([episode.marketData.snapshotFrame(symbolId, 'l2', EPOCH)])
        listener.orders.repair([episode.marketData.snapshotFrame(symbolId, 'l3', EPOCH)])
      }
      for (let index = 0; index < 50; index++) episode.step()
      episode.flush(0)
      expect(episode.differences()).toEqual([])
    }
  })

  it("tells an order's place in the queue", () => {
    const episode = new MarketDataEpisode(SEED)
    let seenCount = 0
    for (let index = 0; index < STEP_COUNT; index++) {
      episode.step()
      episode.flush(0)
      if (index % 50 !== 0) continue
      for (const [symbolId, listener] of episode.listeners.entries()) {
        for (const side of [Side.BUY, Side.SELL]) {
          let lotsAhead = 0
          let ticksBefore = 0
          episode.runner.exchange.forEachOrder(symbolId, side, (orderId, priceTicks, lots) => {
            if (priceTicks !== ticksBefore) lotsAhead = 0
            ticksBefore = priceTicks
            expect(listener.orders.lotsAhead(orderId)).toBe(lotsAhead)
            lotsAhead += lots
            seenCount += 1
          })
        }
      }
    }
    expect(seenCount).toBeGreaterThan(50)
  })

  it('has the same numbers on a replica that discards, and on one restored from a snapshot', () => {
    const episode = new MarketDataEpisode(SEED + 1)
    const { config } = episode.workload
    const replica = new MarketData(config, episode.runner.exchange)
    let restored = new MarketData(config, episode.runner.exchange)
    for (let index = 1; index <= STEP_COUNT; index++) {
      episode.step()
      const { events, nowNs } = episode.runner
      for (const other of [replica, restored]) other.collect(events, 0, events.count, index, nowNs)
      if (index % 7 === 0) episode.flush(0)
      if (index % 100 === 0) replica.discard()
      if (index % 333 !== 0) continue
      const writer = new ByteWriter()
      restored.snapshot(writer)
      restored = new MarketData(config, episode.runner.exchange)
      restored.restore(new ByteReader(writer.finish()))
    }
    for (const symbolId of config.instruments.keys()) {
      expect(replica.lastSeq(symbolId)).toBe(episode.marketData.lastSeq(symbolId))
      expect(restored.lastSeq(symbolId)).toBe(episode.marketData.lastSeq(symbolId))
      expect(replica.lastSeq(symbolId)).toBeGreaterThan(0)
    }
  })
})
