// The exchange of this project over a flow: every command validated, every fact written as an event, and, where wanted,
// market data made of the events and put into frames.

import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { Exchange } from '../exchange-sim/exchange.ts'
import { MarketData } from '../exchange-sim/market-data/market-data.ts'
import { CommandHeader, NewOrderField } from '../protocol/command.ts'
import { commandSize } from '../protocol/command-check.ts'
import { writeCancelOrder, writeNewOrder, writeReplaceOrder } from '../protocol/command-writer.ts'
import { EventField, EventLog } from '../protocol/event.ts'
import { EventKind, OrderType, type Side, TimeInForce } from '../protocol/kinds.ts'
import type { ClusterConfig } from '../protocol/symbol.ts'
import { type FlowOutcome, OP_CANCEL, OP_IOC, OP_MARKET, OP_REPLACE, type OrderFlow } from './order-flow.ts'
import { BareBook } from './peers/bare-book.ts'

const CLIENT_ID = 1
/** Events are read and forgotten after so many commands, as one pass of the engine does. */
const PASS_COUNT = 64

/**
 * A flow as the bytes that clients would send. Where the flow's replace gives up a place that this exchange would let the
 * order keep (same price, no larger), it is sent as a cancel and a new order.
 */
export class CommandBatch {
  readonly buffer: AlignedBuffer
  /** Commands, and so calls of the exchange: a few more than the flow has. */
  commandCount = 0
  #offset = 0
  readonly #ticksPerPrice: number

  /** Symbols take turns, order by order. `ticksPerPrice`: how far apart the flow's prices lie. */
  constructor(flow: OrderFlow, symbolCount: number, ticksPerPrice = 1) {
    this.#ticksPerPrice = ticksPerPrice
    this.buffer = new AlignedBuffer((flow.commandCount + (flow.commandCount >> 4)) * NewOrderField.LENGTH)
    const shadow = new BareBook(flow.orderIdMax)
    for (let at = 0; at < flow.words.length; at += 4) {
      const words = flow.words.subarray(at, at + 4)
      this.#write(words, words[1]! % symbolCount, symbolCount === 1 ? shadow : null)
      if (symbolCount === 1) shadow.run({ words })
    }
  }

  #write(words: Int32Array, symbolId: number, shadow: BareBook | null): void {
    const op = words[0]! & 0xff
    const side = ((words[0]! >> 8) & 1) as Side
    const [clientOrderId, flowTicks, quantityLots] = [words[1]!, words[2]!, words[3]!]
    const priceTicks = flowTicks * this.#ticksPerPrice
    if (op === OP_CANCEL) {
      this.#end(writeCancelOrder(this.buffer, this.#offset, symbolId, 0, clientOrderId))
      return
    }
    if (op === OP_REPLACE) {
      const keepsPlace = shadow?.priceOf(clientOrderId) === flowTicks && quantityLots <= shadow.lotsOf(clientOrderId)
      if (!keepsPlace) {
        const { buffer } = this
        this.#end(writeReplaceOrder(buffer, this.#offset, symbolId, 0, clientOrderId, priceTicks, quantityLots))
        return
      }
      this.#end(writeCancelOrder(this.buffer, this.#offset, symbolId, 0, clientOrderId))
    }
    const orderType = op === OP_MARKET ? OrderType.MARKET : OrderType.LIMIT
    const timeInForce = op === OP_IOC || op === OP_MARKET ? TimeInForce.IOC : TimeInForce.GTC
    const order = { symbolId, side, orderType, timeInForce, quantityLots, priceTicks, clientOrderId }
    this.#end(writeNewOrder(this.buffer, this.#offset, order))
  }

  #end(length: number): void {
    this.buffer.uint32[(this.#offset + CommandHeader.CLIENT_ID) >> 2] = CLIENT_ID
    this.#offset += length
    this.commandCount += 1
  }
}

export class FullExchange {
  readonly #batch: CommandBatch
  readonly #config: ClusterConfig
  readonly #orderCountMax: number
  readonly #withMarketData: boolean
  readonly #events = new EventLog()
  #exchange: Exchange
  #marketData: MarketData
  /** Byte of the next command. */
  #offset = 0

  constructor(batch: CommandBatch, symbolCount: number, orderCountMax: number, withMarketData: boolean) {
    this.#batch = batch
    this.#withMarketData = withMarketData
    this.#orderCountMax = orderCountMax
    this.#config = {
      clusterId: 'bench',
      instruments: Array.from({ length: symbolCount }, (_, index) => ({
        ...{ symbol: `S${index}`, tickSize: '0.01', lotSize: '1', openingPriceTicks: 20_000 },
      })),
      exposureLots: 100,
      quoteTtlNs: 30e9,
    }
    this.#exchange = new Exchange(this.#config, { orderCountMax })
    this.#marketData = new MarketData(this.#config, this.#exchange)
  }

  clear(): void {
    this.#exchange = new Exchange(this.#config, { orderCountMax: this.#orderCountMax })
    this.#marketData = new MarketData(this.#config, this.#exchange)
  }

  run(): void {
    if (this.#withMarketData) this.#runWithMarketData()
    else this.#runEvents(0, this.#batch.commandCount)
  }

  /** The same run with one command in `everyCount` timed, a reading of the clock included. */
  runSampled(everyCount: number, samplesNs: Float64Array): void {
    const { buffer, commandCount } = this.#batch
    const events = this.#events
    let offset = 0
    for (let index = 0; index < commandCount; index++) {
      const isSampled = index % everyCount === 0
      const startMs = isSampled ? performance.now() : 0
      events.clear()
      this.#exchange.apply(buffer, offset, 0, events)
      if (this.#withMarketData) this.#marketData.collect(events, 0, events.count, index + 1, index)
      if (isSampled) samplesNs[index / everyCount] = (performance.now() - startMs) * 1e6
      if (this.#withMarketData && index % PASS_COUNT === PASS_COUNT - 1) this.#marketData.flush(1, () => {})
      offset += buffer.int32[offset >> 2]! & 0xffff
    }
  }

  /** A new exchange after the first `count` commands. */
  fill(count: number): void {
    this.clear()
    this.#offset = 0
    this.#runEvents(0, count)
  }

  /** What comes after `fill`. */
  runRest(count: number): void {
    this.#runEvents(count, this.#batch.commandCount)
  }

  /** A run that reads every event: untimed. */
  replay(): FlowOutcome {
    const { buffer, commandCount } = this.#batch
    const events = this.#events
    const sum = { fills: 0, quantityLots: 0, notional: 0, hash: 0 }
    let offset = 0
    for (let index = 0; index < commandCount; index++) {
      events.clear()
      this.#exchange.apply(buffer, offset, 0, events)
      addTrades(events, sum)
      offset += commandSize(buffer, offset)
    }
    return { ...sum, hash: sum.hash >>> 0, ordersLeft: this.#exchange.orderCount() }
  }

  orderCount(): number {
    return this.#exchange.orderCount()
  }

  #runEvents(from: number, to: number): void {
    const { buffer } = this.#batch
    const events = this.#events
    const exchange = this.#exchange
    let offset = from === 0 ? 0 : this.#offset
    for (let index = from; index < to; index++) {
      if (index % PASS_COUNT === 0) events.clear()
      exchange.apply(buffer, offset, 0, events)
      offset += buffer.int32[offset >> 2]! & 0xffff
    }
    this.#offset = offset
  }

  #runWithMarketData(): void {
    const { buffer, commandCount } = this.#batch
    const events = this.#events
    const exchange = this.#exchange
    const marketData = this.#marketData
    let offset = 0
    for (let index = 0; index < commandCount; index++) {
      events.clear()
      exchange.apply(buffer, offset, 0, events)
      marketData.collect(events, 0, events.count, index + 1, index)
      if (index % PASS_COUNT === PASS_COUNT - 1) marketData.flush(1, () => {})
      offset += buffer.int32[offset >> 2]! & 0xffff
    }
    marketData.flush(1, () => {})
  }
}

function addTrades(
  events: EventLog,
  sum: { fills: number; quantityLots: number; notional: number; hash: number },
): void {
  for (let index = 0; index < events.count; index++) {
    const at = index * EventField.LENGTH
    if (events.bytes[at + EventField.KIND] !== EventKind.TRADE) continue
    const word = at >> 2
    const price = events.int32[word + EventField.PRICE_TICKS / 4]!
    const lots = events.int32[word + EventField.QUANTITY_LOTS / 4]!
    const maker = events.int32[word + EventField.CLIENT_ORDER_ID / 4]!
    const taker = events.int32[word + EventField.CONTRA_CLIENT_ORDER_ID / 4]!
    sum.hash = (Math.imul(sum.hash, 31) + maker + Math.imul(taker, 7) + Math.imul(lots, 1000003) + price) | 0
    sum.fills += 1
    sum.quantityLots += lots
    sum.notional += lots * price
  }
}
