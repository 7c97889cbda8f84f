// Recording a market from its frames: the feed replays to the exchange's own orders at every sequence number, also after
// frames were lost.

import { describe, expect, test } from 'vitest'
import { ExchangeDoor, FLOW_CLIENT_ID } from '../../backtest/exchange/exchange-door.ts'
import { must } from '../../base/assert.ts'
import { Prng } from '../../base/prng.ts'
import { MarketData } from '../../exchange-sim/market-data/market-data.ts'
import { FeedFlag, FeedKind } from '../../feeds/feed-event.ts'
import { FrameRecorder } from '../../feeds/frame-recorder.ts'
import { L3Book } from '../../feeds/l3-book.ts'
import { OrderType, Side, TimeInForce } from '../../protocol/kinds.ts'

const INSTRUMENT = { symbol: 'AAA', tickSize: '0.01', lotSize: '1', openingPriceTicks: 1_000 }
const STEP_COUNT = 3_000

type Event = { kind: FeedKind; flags: number; orderId: number; ticks: number; lots: number; sequence: number }

/** A market of random orders. `onFrame` gets its frames, and the levels at each sequence number that a frame ends with. */
function runMarket(seed: number, onFrame: (frame: Uint8Array, timeNs: number, market: MarketData) => void) {
  const door = new ExchangeDoor(INSTRUMENT)
  const config = { clusterId: 'test', instruments: [INSTRUMENT], exposureLots: 1, quoteTtlNs: 30e9 }
  const marketData = new MarketData(config, door.exchange)
  const levelsAt = new Map<number, string>()
  const prng = new Prng(seed)
  let record = 0
  door.onApplied = () => {
    record += 1
    marketData.collect(door.events, 0, door.events.count, record, record * 1_000)
    marketData.flush(1, (_, channel, frame) => {
      if (channel === 'l3') onFrame(frame, record * 1_000 + 500, marketData)
    })
    levelsAt.set(
      marketData.lastSeq(0),
      levelsOf((side, visit) => door.exchange.forEachLevel(0, side, visit)),
    )
  }
  door.speakAs(FLOW_CLIENT_ID)
  for (let id = 1; id <= STEP_COUNT; id++) {
    const side = prng.nextChance(0.5) ? Side.BUY : Side.SELL
    const ticks = 1_000 + prng.nextBetween(-15, 15)
    const lots = prng.nextBetween(1, 9)
    const timeInForce = prng.nextChance(0.2) ? TimeInForce.IOC : TimeInForce.GTC
    const old = prng.nextBetween(1, id)
    if (prng.nextChance(0.6)) door.newOrder(0, side, OrderType.LIMIT, timeInForce, ticks, lots, id)
    else if (prng.nextChance(0.3)) door.replaceOrder(0, old, ticks, lots)
    else door.cancelOrder(0, old)
  }
  return levelsAt
}

function levelsOf(forEach: (side: Side, visit: (ticks: number, lots: number, count: number) => void) => void): string {
  const texts: string[] = []
  for (const side of [Side.BUY, Side.SELL])
    forEach(side, (ticks, lots, count) => texts.push(`${side} ${ticks} ${lots} ${count}`))
  return texts.join('\n')
}

function record(seed: number, isLost: (at: number) => boolean) {
  const events: Event[] = []
  const recorder = new FrameRecorder(
    {
      push: (kind, flags, _index, exchangeNs, localNs, ticks, lots, orderId, _sub, sequence = 0) => {
        expect(localNs).toBeGreaterThanOrEqual(exchangeNs)
        events.push({ kind, flags, orderId, ticks, lots, sequence })
      },
      markLast: () => {
        events.at(-1)!.flags |= FeedFlag.LAST
      },
    },
    0,
    0,
  )
  let count = 0
  const levelsAt = runMarket(seed, (frame, timeNs, marketData) => {
    count += 1
    if (!isLost(count)) recorder.receive(frame, timeNs)
    // An answer comes a while after the question.
    if (count % 7 === 0 && recorder.needsSnapshot) recorder.takeSnapshot(marketData.snapshotFrame(0, 'l3', 1), timeNs)
  })
  return { events, recorder, levelsAt }
}

function replay(events: readonly Event[], levelsAt: ReadonlyMap<number, string>): number {
  const book = new L3Book()
  const numbers = [...levelsAt.keys()]
  let number = 0
  let compared = 0
  for (const [at, { kind, flags, orderId, ticks, lots, sequence }] of events.entries()) {
    book.apply(kind, flags, orderId, ticks, lots)
    const isWhole = (flags & FeedFlag.LAST) !== 0 && events[at + 1]?.sequence !== sequence
    if (!isWhole || kind === FeedKind.GAP) continue
    const texts: string[] = []
    for (const side of [Side.BUY, Side.SELL]) {
      for (let depth = 0; depth < book.levelCount(side); depth++) {
        const level = must(book.levelAt(side, depth), 'a level')
        texts.push(`${side} ${level.priceTicks} ${level.quantityLots}`)
      }
    }
    // The numbers of a symbol count its trades, too: the state is that of the first number told that is not before.
    while (numbers[number]! < sequence) number += 1
    const wanted = must(levelsAt.get(numbers[number]!), 'a state that was').replace(/ \d+$/gm, '')
    expect(texts.join('\n'), `after ${sequence}`).toBe(wanted)
    compared += 1
  }
  return compared
}

describe('recording frames', () => {
  test('replays to the book at every sequence number', () => {
    const { events, recorder, levelsAt } = record(1, () => false)
    expect(recorder.counts).toMatchObject({ snapshots: 1, gaps: 0, badFrames: 0 })
    expect(replay(events, levelsAt)).toBeGreaterThan(1_000)
  })

  test('a lost frame is a gap, and a new snapshot brings the book back', () => {
    const { events, recorder, levelsAt } = record(2, (at) => at % 211 === 0)
    expect(recorder.counts.gaps).toBeGreaterThan(3)
    expect(recorder.counts.snapshots).toBe(recorder.counts.gaps + 1)
    expect(replay(events, levelsAt)).toBeGreaterThan(1_000)
  })
})
