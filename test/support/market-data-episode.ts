// An exchange with market data, and a listener for each symbol over a link that loses frames.

import { assert, must } from '../../base/assert.ts'
import { Prng } from '../../base/prng.ts'
import { type AnyExchange, StepRunner } from '../../exchange-sim/differential/step-runner.ts'
import { Workload } from '../../exchange-sim/differential/workload.ts'
import { Exchange } from '../../exchange-sim/exchange.ts'
import { MarketData } from '../../exchange-sim/market-data/market-data.ts'
import { L1Field, StateField, TradeField } from '../../protocol/frame.ts'
import { FrameFault, FrameReader } from '../../protocol/frame-reader.ts'
import { Side } from '../../protocol/kinds.ts'
import type { MarketDataChannel } from '../../protocol/subjects.ts'
import { BookFromLevels, BookFromOrders, type Reception } from './rebuilt-book.ts'

const EPOCH = 5

function levelsText(exchange: AnyExchange, symbolId: number): string {
  const levels: string[] = []
  for (const side of [Side.BUY, Side.SELL]) {
    exchange.forEachLevel(symbolId, side, (ticks, lots, count) => levels.push(`${side} ${ticks} ${lots},${count}`))
  }
  return levels.join('; ')
}

function ordersText(exchange: AnyExchange, symbolId: number): string {
  const orders: string[] = []
  for (const side of [Side.BUY, Side.SELL]) {
    exchange.forEachOrder(symbolId, side, (orderId, ticks, lots) => orders.push(`${side} ${ticks} #${orderId} ${lots}`))
  }
  return orders.join('; ')
}

export type ListenedState = {
  readonly phase: number
  readonly indicativeTicks: number
  readonly indicativeLots: number
  readonly volumeLots: number
}

/** One listener of one symbol: both books, the trades and the last L1. */
export class Listener {
  readonly levels = new BookFromLevels()
  readonly orders = new BookFromOrders()
  readonly tradeIds: number[] = []
  tradedLots = 0
  l1 = ''
  state: ListenedState = { phase: 0, indicativeTicks: 0, indicativeLots: 0, volumeLots: 0 }
  /** Channels that lost a frame and do not know it yet. */
  readonly deaf = new Set<MarketDataChannel>()
  repairCount = 0
  readonly #reader = new FrameReader()

  receive(channel: MarketDataChannel, frame: Uint8Array): Reception {
    switch (channel) {
      case 'l2':
        return this.levels.receive(frame)
      case 'l3':
        return this.orders.receive(frame)
      case 'trade':
        this.#receiveTrades(frame)
        return 'applied'
      case 'state':
        assert(this.#reader.read(frame) === FrameFault.NONE && this.#reader.count === 1, 'a state is one entry')
        this.state = {
          phase: this.#reader.uint8(0, StateField.PHASE),
          indicativeTicks: this.#reader.int32(0, StateField.INDICATIVE_TICKS),
          indicativeLots: this.#reader.float64(0, StateField.INDICATIVE_LOTS),
          volumeLots: this.#reader.float64(0, StateField.VOLUME_LOTS),
        }
        return 'applied'
      case 'l1':
        assert(this.#reader.read(frame) === FrameFault.NONE, 'a frame is right')
        assert(this.#reader.count === 1, 'L1 is one entry')
        this.l1 = Object.values(L1Field)
          .slice(0, 7)
          .map((field) => this.#reader.int32(0, field))
          .join(' ')
        return 'applied'
    }
  }

  #receiveTrades(frame: Uint8Array): void {
    assert(this.#reader.read(frame) === FrameFault.NONE, 'a frame is right')
    for (let index = 0; index < this.#reader.count; index++) {
      this.tradeIds.push(this.#reader.float64(index, TradeField.TRADE_ID))
      this.tradedLots += this.#reader.int32(index, TradeField.QUANTITY_LOTS)
    }
  }
}

export function l1Text(exchange: AnyExchange, symbolId: number): string {
  return [
    exchange.bestTicks(symbolId, Side.BUY),
    exchange.bestLots(symbolId, Side.BUY),
    exchange.bestTicks(symbolId, Side.SELL),
    exchange.bestLots(symbolId, Side.SELL),
    exchange.lastTradeTicks(symbolId),
    exchange.lastTradeLots(symbolId),
    exchange.referenceTicks(symbolId),
  ].join(' ')
}

/** One exchange with its market data, and a listener per symbol over a link that loses frames. */
export class MarketDataEpisode {
  readonly random: Prng
  readonly workload: Workload
  readonly runner: StepRunner
  readonly marketData: MarketData
  readonly listeners: readonly Listener[]
  #recordSeq = 0

  constructor(seed: number) {
    this.random = new Prng(seed)
    this.workload = new Workload(seed)
    const { config, orderCountMax } = this.workload
    this.runner = new StepRunner(() => new Exchange(config, { orderCountMax }))
    // The runner's exchange is another object after a restore; market data looks at the present one.
    const present = new Proxy({} as AnyExchange, {
      get: (_target, name) => {
        const { exchange } = this.runner
        return (...args: unknown[]) => Reflect.apply(Reflect.get(exchange, name), exchange, args)
      },
    })
    this.marketData = new MarketData(config, present)
    this.listeners = config.instruments.map(() => new Listener())
  }

  step(): void {
    this.runner.run(this.workload.next())
    this.workload.observe(this.runner.events)
    this.#recordSeq += 1
    const { events, nowNs } = this.runner
    this.marketData.collect(events, 0, events.count, this.#recordSeq, nowNs)
  }

  flush(lossChance: number): void {
    this.marketData.flush(EPOCH, (symbolId, channel, frame) => this.#deliver(symbolId, channel, frame, lossChance))
  }

  announce(): void {
    this.marketData.announce(EPOCH, (symbolId, channel, frame) => this.#deliver(symbolId, channel, frame, 0))
  }

  #deliver(symbolId: number, channel: MarketDataChannel, frame: Uint8Array, lossChance: number): void {
    const listener = must(this.listeners[symbolId], 'a symbol')
    if (this.random.nextChance(lossChance)) {
      listener.deaf.add(channel)
      return
    }
    const reception = listener.receive(channel, frame)
    if (reception === 'gap') this.#repair(symbolId, channel)
    else if (reception === 'applied' && (channel === 'l2' || channel === 'l3')) {
      assert(!listener.deaf.has(channel), 'a lost frame is noticed with the next one')
    }
  }

  #repair(symbolId: number, channel: MarketDataChannel): void {
    const listener = must(this.listeners[symbolId], 'a symbol')
    assert(listener.deaf.has(channel), 'nothing is missed that was not lost')
    const book = channel === 'l2' ? listener.levels : listener.orders
    const parts: Uint8Array[] = []
    // The frame in hand is kept while snapshot parts are written over the buffer it came from.
    this.marketData.snapshotFrames(symbolId, channel as 'l2' | 'l3', EPOCH, (part) => parts.push(part.slice()))
    book.repair(parts)
    listener.deaf.delete(channel)
    listener.repairCount += 1
  }

  /** What differs between the rebuilt books and the exchange, by symbol and source; of those that lost nothing. */
  differences(): string[] {
    const { exchange } = this.runner
    return [...this.listeners.entries()].flatMap(([symbolId, { levels, orders, deaf }]) => {
      const pairs: [string, string, string][] = []
      if (!deaf.has('l2')) pairs.push(['levels from L2', levels.levelsText(), levelsText(exchange, symbolId)])
      if (!deaf.has('l3')) {
        pairs.push(['orders from L3', orders.ordersText(), ordersText(exchange, symbolId)])
        pairs.push(['levels from L3', orders.levelsText(), levelsText(exchange, symbolId)])
      }
      return pairs
        .filter(([, found, expected]) => found !== expected)
        .map(([name, found, expected]) => `${name} of symbol ${symbolId}: ${found} instead of ${expected}`)
    })
  }
}
