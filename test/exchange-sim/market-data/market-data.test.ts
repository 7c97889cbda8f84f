// Frames one by one: what is conflated and what is not, where a frame is split, and what stays untold.

import { describe, expect, it } from 'vitest'
import { StepRunner } from '../../../exchange-sim/differential/step-runner.ts'
import { parseStep } from '../../../exchange-sim/differential/step-text.ts'
import { type FrameSink, MarketData } from '../../../exchange-sim/market-data/market-data.ts'
import { NaiveExchange } from '../../../exchange-sim/naive/naive-exchange.ts'
import { EventField, EventLog } from '../../../protocol/event.ts'
import { FrameHeader, L1Field, L2Field, L3Field, StateField, TradeField } from '../../../protocol/frame.ts'
import { FrameFault, FrameReader } from '../../../protocol/frame-reader.ts'
import { EventFlag, EventKind, FrameKind, L3Action, nameOf, Side, TradingPhase } from '../../../protocol/kinds.ts'
import { MESSAGE_SIZE_MAX } from '../../../protocol/limits.ts'
import type { ClusterConfig } from '../../../protocol/symbol.ts'

const config: ClusterConfig = {
  clusterId: 'test',
  instruments: ['A', 'B'].map((symbol) => ({ symbol, tickSize: '0.01', lotSize: '1', openingPriceTicks: 100 })),
  exposureLots: 100,
  quoteTtlNs: 1_000,
}

type Told = { channel: string; symbolId: number; previousSeq: number; lastSeq: number; entries: string[] }

/** A frame's entries as lines. */
function describeFrame(reader: FrameReader): string[] {
  return Array.from({ length: reader.count }, (_, index) => {
    switch (reader.kind) {
      case FrameKind.L1:
        return Object.values(L1Field)
          .slice(0, 7)
          .map((field) => reader.int32(index, field))
          .join(' ')
      case FrameKind.L2:
      case FrameKind.L2_SNAPSHOT: {
        const side = reader.uint8(index, L2Field.SIDE) === Side.BUY ? 'buy' : 'sell'
        const lots = reader.int32(index, L2Field.QUANTITY_LOTS)
        return `${side} ${lots} @ ${reader.int32(index, L2Field.PRICE_TICKS)} of ${reader.int32(index, L2Field.ORDER_COUNT)}`
      }
      case FrameKind.STATE:
        return stateText(reader)
      case FrameKind.TRADES: {
        const side = reader.uint8(index, TradeField.AGGRESSOR_SIDE) === Side.BUY ? 'buy' : 'sell'
        const lots = reader.int32(index, TradeField.QUANTITY_LOTS)
        const id = reader.float64(index, TradeField.TRADE_ID)
        const auction = reader.uint8(index, TradeField.AUCTION) === 1 ? ' auction' : ''
        return `T${id} ${side} ${lots} @ ${reader.int32(index, TradeField.PRICE_TICKS)}${auction}`
      }
      default: {
        const lots = `${reader.int32(index, L3Field.QUANTITY_LOTS)} leaves ${reader.int32(index, L3Field.LEAVES_LOTS)}`
        const order = `#${reader.float64(index, L3Field.ORDER_ID)}`
        const action = nameOf(L3Action, reader.uint8(index, L3Field.ACTION))
        return `${action} ${order} ${lots} @ ${reader.int32(index, L3Field.PRICE_TICKS)}`
      }
    }
  })
}

/** Phase and auction; prices of the session; its counts. */
function stateText(reader: FrameReader): string {
  const phase = nameOf(TradingPhase, reader.uint8(0, StateField.PHASE))
  const indicative = `${reader.float64(0, StateField.INDICATIVE_LOTS)} @ ${reader.int32(0, StateField.INDICATIVE_TICKS)}`
  const surplusSide = reader.uint8(0, StateField.SURPLUS_SIDE) === Side.BUY ? 'buy' : 'sell'
  const surplus = `${reader.float64(0, StateField.SURPLUS_LOTS)} ${surplusSide}`
  const prices = [StateField.OPEN_TICKS, StateField.HIGH_TICKS, StateField.LOW_TICKS, StateField.LAST_TICKS]
  const sums = [StateField.TRADE_COUNT, StateField.VOLUME_LOTS, StateField.TURNOVER_HIGH, StateField.TURNOVER_LOW]
  return [
    `${phase} ${indicative} surplus ${surplus}`,
    prices.map((field) => reader.int32(0, field)).join(' '),
    sums.map((field) => reader.float64(0, field)).join(' '),
  ].join(', ')
}

class Feed {
  readonly runner = new StepRunner(() => new NaiveExchange(config))
  readonly marketData = new MarketData(config, this.runner.exchange)
  readonly told: Told[] = []
  readonly reader = new FrameReader()
  #recordSeq = 0

  steps(...lines: string[]): this {
    for (const line of lines) {
      this.runner.run(parseStep(line))
      this.#recordSeq += 1
      const { events, nowNs } = this.runner
      this.marketData.collect(events, 0, events.count, this.#recordSeq, nowNs)
    }
    return this
  }

  flush(): Told[] {
    this.told.length = 0
    this.marketData.flush(1, this.#sink)
    return this.told
  }

  announce(): Told[] {
    this.told.length = 0
    this.marketData.announce(1, this.#sink)
    return this.told
  }

  readonly #sink: FrameSink = (symbolId, channel, frame) => {
    if (this.reader.read(frame) !== FrameFault.NONE) throw new Error('a frame is wrong')
    const { previousSeq, lastSeq } = this.reader
    this.told.push({ channel, symbolId, previousSeq, lastSeq, entries: describeFrame(this.reader) })
  }
}

describe('MarketData', () => {
  it('tells each order change and trade, but a level and the top of the book once per flush', () => {
    const feed = new Feed()
    const told = feed.steps('c1 buy 10 @ 99', 'c1 buy 5 @ 99', 'c2 sell 12 @ 99', 'c1 cancel #2').flush()
    expect(told).toEqual([
      {
        channel: 'l3',
        symbolId: 0,
        previousSeq: 0,
        lastSeq: 7,
        entries: [
          'ADD #1 10 leaves 10 @ 99',
          'ADD #2 5 leaves 5 @ 99',
          'EXECUTE #1 10 leaves 0 @ 99',
          'EXECUTE #2 2 leaves 3 @ 99',
          'DELETE #2 3 leaves 0 @ 99',
        ],
      },
      {
        channel: 'trade',
        symbolId: 0,
        previousSeq: 0,
        lastSeq: 7,
        entries: ['T1 sell 10 @ 99', 'T2 sell 2 @ 99'],
      },
      { channel: 'l2', symbolId: 0, previousSeq: 0, lastSeq: 7, entries: ['buy 0 @ 99 of 0'] },
      { channel: 'l1', symbolId: 0, previousSeq: 0, lastSeq: 7, entries: ['0 0 0 0 99 2 99'] },
      {
        channel: 'state',
        symbolId: 0,
        previousSeq: 0,
        lastSeq: 7,
        entries: ['CONTINUOUS 0 @ 0 surplus 0 buy, 99 99 99 99, 2 12 0 1188'],
      },
    ])
    expect(feed.flush()).toEqual([])
  })

  it('tells what a replace does to the queue', () => {
    const feed = new Feed()
    feed.steps('c1 buy 10 @ 99').flush()
    const [kept] = feed.steps('c1 replace #1 to 4 @ 99').flush()
    expect(kept?.entries).toEqual(['REDUCE #1 6 leaves 4 @ 99'])
    const [moved] = feed.steps('c1 replace #1 to 4 @ 98').flush()
    expect(moved?.entries).toEqual(['DELETE #1 4 leaves 0 @ 99', 'ADD #1 4 leaves 4 @ 98'])
    expect(feed.steps('c1 replace #1 to 4 @ 98').flush()).toEqual([])
  })

  it('tells L1 only when something of it changed, and chains each channel by itself', () => {
    const feed = new Feed()
    feed.steps('c1 buy 10 @ 99').flush()
    const deep = feed.steps('c1 buy 10 @ 98').flush()
    expect(deep.map(({ channel }) => channel)).toEqual(['l3', 'l2'])
    const top = feed.steps('c1 buy 1 @ 99').flush()
    expect(top.map(({ channel, previousSeq, lastSeq }) => [channel, previousSeq, lastSeq])).toEqual([
      ['l3', 2, 3],
      ['l2', 2, 3],
      ['l1', 1, 3],
    ])
  })

  it('keeps symbols apart', () => {
    const feed = new Feed()
    const told = feed.steps('c1 buy 10 @ 99 s1', 'c1 sell 3 @ 101').flush()
    expect(told.filter(({ channel }) => channel === 'l3').map(({ symbolId, lastSeq }) => [symbolId, lastSeq])).toEqual([
      [1, 1],
      [0, 1],
    ])
  })

  it('announces where every channel of every symbol stands', () => {
    const feed = new Feed()
    feed.steps('c1 buy 10 @ 99', 'c1 buy 10 @ 98').flush()
    const told = feed.announce()
    expect(told).toHaveLength(10)
    expect(told.slice(0, 3).map(({ channel, lastSeq, entries }) => [channel, lastSeq, entries])).toEqual([
      ['l3', 2, []],
      ['trade', 2, []],
      ['l2', 2, []],
    ])
    expect(told[3]).toMatchObject({ channel: 'l1', lastSeq: 2, entries: ['99 10 0 0 0 0 100'] })
  })

  it('tells what an auction would come to, and what it came to', () => {
    const feed = new Feed()
    const last = (channel: string) => feed.flush().find((told) => told.channel === channel)?.entries
    feed.steps('c1 buy 4 @ 99', 'c2 sell 4 @ 99').flush()
    feed.steps('c3 phase s0 OPENING_AUCTION', 'c1 buy 10 @ 101', 'c2 sell 12 @ 100')
    expect(last('state')).toEqual(['OPENING_AUCTION 10 @ 100 surplus 2 sell, 99 99 99 99, 1 4 0 396'])
    feed.steps('c3 phase s0 CONTINUOUS')
    const told = feed.flush().map(({ channel, entries }) => [channel, ...entries])
    expect(told).toEqual([
      ['l3', 'EXECUTE #3 10 leaves 0 @ 101', 'EXECUTE #4 10 leaves 2 @ 100'],
      ['trade', 'T2 buy 10 @ 100 auction'],
      ['l2', 'buy 0 @ 101 of 0', 'sell 2 @ 100 of 1'],
      ['l1', '0 0 100 2 100 10 100'],
      ['state', 'CONTINUOUS 0 @ 0 surplus 0 buy, 99 100 99 100, 2 14 0 1396'],
    ])
  })

  it('counts a new session from the symbol being open again', () => {
    const feed = new Feed()
    feed.steps('c1 buy 4 @ 99', 'c2 sell 4 @ 99', 'c3 phase s0 CLOSED').flush()
    const told = feed.steps('c3 phase s0 PRE_OPEN').flush()
    expect(told.find(({ channel }) => channel === 'state')?.entries).toEqual([
      'PRE_OPEN 0 @ 0 surplus 0 buy, 0 0 0 0, 0 0 0 0',
    ])
  })

  it('gives snapshots of an empty book', () => {
    const feed = new Feed()
    for (const channel of ['l1', 'l2', 'l3'] as const) {
      expect(feed.reader.read(feed.marketData.snapshotFrame(0, channel, 1))).toBe(FrameFault.NONE)
      expect(feed.reader.lastSeq).toBe(0)
    }
    expect(feed.reader.count).toBe(0)
  })
})

describe('frames that get long', () => {
  const ORDER_COUNT = 40_000

  /** A book of that many bids, one at each price. */
  const wideBook = {
    bestTicks: (_symbolId: number, side: Side) => (side === Side.BUY ? ORDER_COUNT : 0),
    bestLots: (_symbolId: number, side: Side) => (side === Side.BUY ? 3 : 0),
    levelLots: () => 3_000_000_000,
    levelOrderCount: () => 1,
    forEachLevel(_symbolId: number, side: Side, visit: (priceTicks: number, lots: number, orderCount: number) => void) {
      if (side === Side.SELL) return
      for (let priceTicks = ORDER_COUNT; priceTicks > 0; priceTicks--) visit(priceTicks, 3_000_000_000, 1)
    },
    forEachOrder(_symbolId: number, side: Side, visit: (orderId: number, priceTicks: number, lots: number) => void) {
      if (side === Side.SELL) return
      for (let priceTicks = ORDER_COUNT; priceTicks > 0; priceTicks--) visit(priceTicks, priceTicks, 3)
    },
    lastTradeTicks: () => 0,
    lastTradeLots: () => 0,
    referenceTicks: () => 100,
    phase: () => TradingPhase.CONTINUOUS,
    indicativeTicks: () => 0,
    indicativeLots: () => 0,
    indicativeSurplusLots: () => 0,
  }

  function filled(): MarketData {
    const events = new EventLog()
    events.reserve(ORDER_COUNT)
    for (let index = 0; index < ORDER_COUNT; index++) {
      const offset = index * EventField.LENGTH
      events.bytes[offset + EventField.KIND] = EventKind.ORDER_ACCEPTED
      events.bytes[offset + EventField.FLAGS] = EventFlag.RESTING
      events.float64[(offset + EventField.ORDER_ID) >> 3] = index + 1
      events.int32[(offset + EventField.PRICE_TICKS) >> 2] = index + 1
      events.int32[(offset + EventField.LEAVES_LOTS) >> 2] = 3
    }
    events.count = ORDER_COUNT
    const marketData = new MarketData(config, wideBook)
    marketData.collect(events, 0, ORDER_COUNT, 1, 1)
    return marketData
  }

  it('are split at the size of a message, and the parts are links of one chain', () => {
    const reader = new FrameReader()
    const ends: Record<string, number> = {}
    const counts: Record<string, number> = {}
    const frames: Record<string, number> = {}
    filled().flush(1, (_symbolId, channel, frame) => {
      expect(frame.length).toBeLessThanOrEqual(MESSAGE_SIZE_MAX)
      expect(reader.read(frame)).toBe(FrameFault.NONE)
      expect(reader.previousSeq).toBe(ends[channel] ?? 0)
      expect(reader.lastSeq).toBeGreaterThan(reader.previousSeq)
      ends[channel] = reader.lastSeq
      counts[channel] = (counts[channel] ?? 0) + reader.count
      frames[channel] = (frames[channel] ?? 0) + 1
    })
    expect(ends).toEqual({ l3: ORDER_COUNT, l2: ORDER_COUNT, l1: ORDER_COUNT, state: ORDER_COUNT })
    expect(counts).toEqual({ l3: ORDER_COUNT, l2: ORDER_COUNT, l1: 1, state: 1 })
    expect(frames['l3']).toBe(Math.ceil((ORDER_COUNT * L3Field.LENGTH) / (MESSAGE_SIZE_MAX - FrameHeader.LENGTH)))
    expect(frames['l2']).toBe(Math.ceil((ORDER_COUNT * L2Field.LENGTH) / (MESSAGE_SIZE_MAX - FrameHeader.LENGTH)))
  })

  it('are snapshots in parts that count down to 0, all of one number', () => {
    const marketData = filled()
    marketData.discard()
    const reader = new FrameReader()
    for (const channel of ['l2', 'l3'] as const) {
      let left = ORDER_COUNT
      marketData.snapshotFrames(0, channel, 1, (part) => {
        expect(part.length).toBeLessThanOrEqual(MESSAGE_SIZE_MAX)
        expect(reader.read(part)).toBe(FrameFault.NONE)
        left -= reader.count
        expect(reader.previousSeq).toBe(left)
        expect(reader.lastSeq).toBe(ORDER_COUNT)
      })
      expect(left).toBe(0)
    }
    expect(reader.read(marketData.snapshotFrame(0, 'l3', 1))).toBe(FrameFault.NONE)
    expect(reader.previousSeq).toBe(ORDER_COUNT - reader.count)
  })

  it('tell a level of more lots than a field holds as the most it holds', () => {
    const reader = new FrameReader()
    expect(reader.read(filled().snapshotFrame(0, 'l2', 1))).toBe(FrameFault.NONE)
    expect(reader.int32(0, L2Field.QUANTITY_LOTS)).toBe(2_147_483_647)
  })
})
