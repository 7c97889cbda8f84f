// The matching engine as a backtest talks to it: commands written in place, applied one by one, their events read at once.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { Exchange } from '../../exchange-sim/exchange.ts'
import type { OrderSink } from '../../exchange-sim/order-flow/order-sink.ts'
import { CommandHeader } from '../../protocol/command.ts'
import {
  type Quote,
  writeCancelOrder,
  writeMassCancel,
  writeNewOrder,
  writeQuote,
  writeReplaceOrder,
} from '../../protocol/command-writer.ts'
import { EventLog } from '../../protocol/event.ts'
import { type OrderType, ReplaceFlag, type Side, type TimeInForce } from '../../protocol/kinds.ts'
import { QUANTITY_LOTS_MAX } from '../../protocol/limits.ts'
import type { ClusterConfig, Instrument } from '../../protocol/symbol.ts'

/** Client ids: the recorded market, and us. */
export const FLOW_CLIENT_ID = 1
export const OWN_CLIENT_ID = 2

const ORDER_COUNT_MAX = 1 << 19
const BUFFER_SIZE = 256

export class ExchangeDoor implements OrderSink {
  readonly config: ClusterConfig
  readonly exchange: Exchange
  readonly events = new EventLog()
  readonly #buffer = new AlignedBuffer(BUFFER_SIZE)
  /** Told after each command; its events are in `events`. */
  onApplied: () => void = () => {}
  nowNs = 0
  commandCount = 0
  /** Orders larger than the exchange takes, which were made so large. */
  boundedCount = 0
  #clientId = FLOW_CLIENT_ID

  constructor(instrument: Instrument) {
    this.config = { clusterId: 'backtest', instruments: [instrument], exposureLots: 1, quoteTtlNs: 30e9 }
    this.exchange = new Exchange(this.config, { orderCountMax: ORDER_COUNT_MAX })
  }

  /** In whose name the next commands are. */
  speakAs(clientId: number): void {
    this.#clientId = clientId
  }

  newOrder(
    symbolId: number,
    side: Side,
    orderType: OrderType,
    timeInForce: TimeInForce,
    priceTicks: number,
    quantityLots: number,
    clientOrderId: number,
    flags = 0,
  ): void {
    const lots = this.#bounded(quantityLots)
    const order = { symbolId, side, orderType, timeInForce, priceTicks, quantityLots: lots, clientOrderId, flags }
    writeNewOrder(this.#buffer, 0, order)
    this.#apply()
  }

  cancelOrder(symbolId: number, clientOrderId: number): void {
    writeCancelOrder(this.#buffer, 0, symbolId, 0, clientOrderId)
    this.#apply()
  }

  replaceOrder(symbolId: number, clientOrderId: number, priceTicks: number, totalLots: number): void {
    const { TOTAL_QUANTITY } = ReplaceFlag
    writeReplaceOrder(this.#buffer, 0, symbolId, 0, clientOrderId, priceTicks, this.#bounded(totalLots), TOTAL_QUANTITY)
    this.#apply()
  }

  massCancel(symbolId: number): void {
    writeMassCancel(this.#buffer, 0, symbolId, 0)
    this.#apply()
  }

  /** `bidLots`, `askLots`: as granted. */
  quote(quote: Quote, bidLots: number, askLots: number): void {
    writeQuote(this.#buffer, 0, quote)
    this.#buffer.uint32[CommandHeader.CLIENT_ID >> 2] = this.#clientId
    this.events.clear()
    this.exchange.quote(this.#buffer, 0, bidLots, askLots, this.nowNs, this.events)
    this.onApplied()
  }

  /** Ends what ends by itself by then. */
  advance(nowNs: number): void {
    this.nowNs = nowNs
    this.events.clear()
    this.exchange.advance(nowNs, this.events)
    if (this.events.count > 0) this.onApplied()
  }

  #bounded(lots: number): number {
    if (lots <= QUANTITY_LOTS_MAX) return lots
    this.boundedCount += 1
    return QUANTITY_LOTS_MAX
  }

  #apply(): void {
    this.#buffer.uint32[CommandHeader.CLIENT_ID >> 2] = this.#clientId
    this.events.clear()
    this.exchange.apply(this.#buffer, 0, this.nowNs, this.events)
    this.commandCount += 1
    this.onApplied()
  }
}
