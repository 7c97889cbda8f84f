// A seeded stream of steps made to collide: few prices, small quantities, few clients, ids that name live orders, and
// about one field in forty that is wrong. A regime, drawn from the seed, says how crowded and how wide the book gets;
// every now and then the market jumps elsewhere, so that what was near is far.

import { Prng } from '../../base/prng.ts'
import type { EventLog } from '../../protocol/event.ts'
import {
  EventFlag,
  EventKind,
  OrderFlag,
  OrderType,
  Reason,
  ReplaceFlag,
  Side,
  TimeInForce,
  TradingPhase,
} from '../../protocol/kinds.ts'
import { PRICE_TICKS_MAX, QUANTITY_LOTS_MAX, QUOTE_TTL_NS_MAX } from '../../protocol/limits.ts'
import {
  type ClusterConfig,
  type Instrument,
  NO_SYMBOL_ID,
  type PhaseTime,
  type PriceBand,
} from '../../protocol/symbol.ts'
import { viewEvent } from './event-text.ts'
import type { NewOrderStep, QuoteStep, Step } from './step.ts'

const WRONG_FIELD_CHANCE = 0.025

type Regime = {
  readonly symbolCount: number
  readonly clientCount: number
  /** Prices lie this far around the middle, at most. */
  readonly priceReachTicks: number
  readonly quantityLotsMax: number
  readonly orderCountMax: number
  /** Of a new order: that it is meant to rest. */
  readonly restChance: number
  /** Of a new order: that it is of a kind of its own. */
  readonly specialChance: number
  /** Of a step: that the middle of the prices jumps before it. */
  readonly jumpChance: number
  /** Whether many orders are cancelled at once, so that the book never gets deep. */
  readonly hasMassCancels: boolean
  readonly clientOrderIdCount: number
  /** Of a step: that an operator changes a phase. */
  readonly phaseChance: number
  readonly priceBand: PriceBand | undefined
  readonly hasSchedule: boolean
}

/** Where an operator goes on from each phase, for trading to come back. */
const WAY_BACK: Readonly<Record<TradingPhase, TradingPhase>> = {
  [TradingPhase.PRE_OPEN]: TradingPhase.OPENING_AUCTION,
  [TradingPhase.OPENING_AUCTION]: TradingPhase.CONTINUOUS,
  [TradingPhase.CONTINUOUS]: TradingPhase.CLOSING_AUCTION,
  [TradingPhase.HALT]: TradingPhase.OPENING_AUCTION,
  [TradingPhase.CLOSING_AUCTION]: TradingPhase.CLOSED,
  [TradingPhase.CLOSED]: TradingPhase.PRE_OPEN,
}

type LiveOrder = { readonly orderId: number; readonly clientId: number; readonly clientOrderId: number }

export class Workload {
  readonly config: ClusterConfig
  readonly orderCountMax: number
  readonly #random: Prng
  readonly #regime: Regime
  #middleTicks: number
  readonly #live: LiveOrder[] = []
  #quoteCount = 0
  /** By symbol. */
  readonly #phases: TradingPhase[]
  #positionVersion = 1
  /** As the waits add up. */
  #timeNs = 0

  constructor(seed: number) {
    this.#random = new Prng(seed)
    this.#regime = this.#drawRegime()
    this.orderCountMax = this.#regime.orderCountMax
    this.#middleTicks = this.#regime.priceReachTicks + this.#pick([1, 100, 5_000, 1_000_000])
    this.config = {
      clusterId: 'fuzz',
      instruments: Array.from({ length: this.#regime.symbolCount }, (_, symbolId) => ({
        symbol: `S${symbolId}`,
        tickSize: '0.01',
        lotSize: '1',
        openingPriceTicks: this.#middleTicks,
        ...(this.#regime.hasSchedule ? { schedule: this.#drawSchedule() } : {}),
        ...this.#drawRules(),
        ...(this.#regime.priceBand === undefined ? {} : { priceBand: this.#regime.priceBand }),
      })),
      exposureLots: 100,
      quoteTtlNs: 400,
    }
    this.#phases = this.config.instruments.map(({ schedule }) =>
      schedule === undefined ? TradingPhase.CONTINUOUS : TradingPhase.CLOSED,
    )
  }

  /** Learns which orders live. */
  observe(events: EventLog): void {
    for (let index = 0; index < events.count; index++) {
      const event = viewEvent(events, index)
      if (event.kind === EventKind.PHASE_CHANGED && event.symbolId >= 0) {
        this.#phases[event.symbolId] = event.quantityLots as TradingPhase
      }
      if ((event.flags & EventFlag.QUOTE) !== 0 && event.kind !== EventKind.TRADE) continue
      if (event.kind === EventKind.ORDER_ACCEPTED || event.kind === EventKind.ORDER_REFRESHED) {
        this.#live.push({ orderId: event.orderId, clientId: event.clientId, clientOrderId: event.clientOrderId })
      }
      const isOut = event.kind === EventKind.ORDER_CANCELLED || event.kind === EventKind.ORDER_EXPIRED
      if (isOut || (event.kind === EventKind.TRADE && event.leavesLots === 0)) this.#forget(event.orderId)
      if (event.kind === EventKind.TRADE && event.contraLeavesLots === 0) this.#forget(event.contraOrderId)
    }
  }

  next(): Step {
    if (this.#random.nextChance(this.#regime.jumpChance)) this.#jump()
    if (this.#random.nextChance(this.#regime.phaseChance)) return this.#setPhase()
    const draw = this.#random.nextBelow(1000)
    if (draw < 520) return this.#newOrder()
    if (draw < 640) return this.#cancelOrder()
    if (draw < 770) return this.#replaceOrder()
    if (draw < 900) return this.#quote()
    if (draw < 960) return this.#wait()
    if (draw < 980) return this.#cancelQuote()
    if (draw < 982) return { kind: 'restore' }
    if (!this.#regime.hasMassCancels) return this.#newOrder()
    if (draw < 996) return this.#massCancel()
    return { kind: 'cancelClient', clientId: this.#clientId(), reason: Reason.SESSION_ENDED }
  }

  #wait(): Step {
    const durationNs = this.#random.nextBelow(this.#pick([2, 60, 300]))
    this.#timeNs += durationNs
    return { kind: 'wait', durationNs }
  }

  #forget(orderId: number): void {
    const index = this.#live.findIndex((order) => order.orderId === orderId)
    if (index >= 0) this.#live.splice(index, 1)
  }

  #jump(): void {
    const distance = this.#pick([1, 10, 300, 5_000, 2_000_000, 1_500_000_000])
    const target = this.#middleTicks + this.#pick([-distance, distance])
    const reach = this.#regime.priceReachTicks
    this.#middleTicks = Math.min(Math.max(target, reach + 1), PRICE_TICKS_MAX - reach - 1)
  }

  #drawRegime(): Regime {
    return {
      symbolCount: this.#pick([1, 2, 4]),
      clientCount: this.#pick([2, 5]),
      priceReachTicks: this.#pick([1, 3, 3, 10, 60, 2_000, 90_000]),
      quantityLotsMax: this.#pick([2, 6, 6, 40, 1_000]),
      orderCountMax: this.#pick([12, 100, 400, 400, 2_000]),
      restChance: this.#pick([0.3, 0.6, 0.85]),
      specialChance: this.#pick([0, 0.05, 0.3, 0.6]),
      jumpChance: this.#pick([0, 0, 0.002, 0.02]),
      hasMassCancels: this.#random.nextChance(0.7),
      clientOrderIdCount: this.#pick([40, 40, 1_000_000]),
      phaseChance: this.#pick([0, 0, 0.005, 0.04]),
      priceBand: this.#random.nextChance(0.4)
        ? {
            staticBasisPoints: this.#pick([0, 0, 100, 2_000, 9_000]),
            dynamicBasisPoints: this.#pick([0, 50, 500, 5_000]),
            auctionNs: this.#pick([1, 100, 900]),
          }
        : undefined,
      hasSchedule: this.#random.nextChance(0.25),
    }
  }

  /** Limits and tables that a part of the orders breaks. */
  #drawRules(): Partial<Instrument> {
    const reach = this.#regime.priceReachTicks
    const limits = {
      lowestTicks: Math.max(1, this.#middleTicks - Math.ceil(reach * 0.8)),
      highestTicks: this.#middleTicks + Math.ceil(reach * 0.8),
    }
    const tickTable = [
      { fromTicks: 1, stepTicks: 1 },
      { fromTicks: this.#middleTicks, stepTicks: 2 },
      { fromTicks: this.#middleTicks + 2 * reach, stepTicks: 5 },
    ]
    const quoteProtection = {
      windowNs: this.#pick([1, 40, 2_000]),
      quantityLots: this.#pick([0, this.#regime.quantityLotsMax]),
      fillCount: this.#pick([0, 1, 3]),
      percent: this.#pick([0, 40, 100]),
    }
    return {
      ...(this.#random.nextChance(0.1) ? limits : {}),
      ...(this.#random.nextChance(0.1) ? { tickTable } : {}),
      ...(this.#random.nextChance(0.1) ? { minimumLots: 2 } : {}),
      ...(this.#random.nextChance(0.1) ? { maximumLots: this.#regime.quantityLotsMax } : {}),
      ...(this.#random.nextChance(0.4) ? { quoteProtection } : {}),
    }
  }

  #drawSchedule(): readonly PhaseTime[] {
    const schedule: PhaseTime[] = []
    let atNs = 0
    let phase: TradingPhase = TradingPhase.CLOSED
    for (let index = 0; index < 60; index++) {
      phase = this.#random.nextChance(0.1) ? this.#pick(Object.values(TradingPhase)) : WAY_BACK[phase]
      schedule.push({ atNs, phase })
      atNs += this.#random.nextBelow(phase === TradingPhase.CONTINUOUS ? 3_000 : 600)
    }
    return schedule
  }

  /** Mostly back to where orders trade; sometimes anywhere, also where it may not go. */
  #setPhase(): Step {
    const symbolId = this.#symbolId()
    const phase = this.#random.nextChance(0.15)
      ? this.#random.nextBelow(8)
      : WAY_BACK[this.#phases[symbolId] ?? TradingPhase.CONTINUOUS]
    const named = this.#random.nextChance(0.1) ? NO_SYMBOL_ID : this.#isWrong() ? this.#strangeSymbol() : symbolId
    return { kind: 'setPhase', clientId: this.#clientId(), symbolId: named, phase }
  }

  #newOrder(): Step {
    const { symbolId, clientId } = this.#header()
    const rests = this.#random.nextChance(this.#regime.restChance)
    const isMarket = !rests && this.#random.nextChance(0.3)
    const side = this.#random.nextBelow(2)
    const order: NewOrderStep = {
      kind: 'newOrder',
      clientId,
      symbolId,
      clientOrderId: this.#random.nextChance(0.3) ? 0 : this.#random.nextBelow(this.#regime.clientOrderIdCount),
      side,
      orderType: isMarket ? OrderType.MARKET : OrderType.LIMIT,
      timeInForce: rests ? TimeInForce.GTC : this.#pick([TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTC]),
      flags: rests && this.#random.nextChance(0.2) ? OrderFlag.POST_ONLY : 0,
      priceTicks: isMarket ? 0 : this.#priceTicks(rests ? side : undefined),
      quantityLots: this.#quantityLots(),
      displayLots: 0,
      minimumLots: 0,
      triggerTicks: 0,
      linkedClientOrderId: 0,
      expireTimeNs: 0,
      ownerGroup: this.#random.nextBelow(3),
      selfTradePrevention: 0,
    }
    const special = this.#random.nextChance(this.#regime.specialChance) ? this.#makeSpecial(order) : order
    return this.#random.nextChance(WRONG_FIELD_CHANCE * 3) ? this.#spoil(special) : special
  }

  /** One to three of the things that an order may have, which go together or not. */
  #makeSpecial(plain: NewOrderStep): NewOrderStep {
    let order = plain
    for (let count = this.#random.nextBetween(1, 3); count > 0; count--) {
      order = { ...order, ...this.#pick(this.#specialties(order)) }
    }
    return order
  }

  #specialties(order: NewOrderStep): readonly Partial<NewOrderStep>[] {
    const { FOK, DAY, GTD, GTC, AT_THE_OPEN, AT_THE_CLOSE } = TimeInForce
    const stop = { priceTicks: 0, timeInForce: GTC, triggerTicks: this.#priceTicks(order.side ^ 1) }
    const expireTimeNs = this.#timeNs + this.#random.nextBelow(600)
    const linked = this.#live.length === 0 ? undefined : this.#pick(this.#live)
    const selfTradePrevention = this.#random.nextBetween(1, 4)
    return [
      { timeInForce: GTD, expireTimeNs },
      { timeInForce: DAY },
      { timeInForce: FOK },
      { timeInForce: AT_THE_OPEN },
      { timeInForce: AT_THE_CLOSE },
      { timeInForce: AT_THE_CLOSE, orderType: OrderType.MARKET, priceTicks: 0 },
      { timeInForce: this.#pick([AT_THE_OPEN, AT_THE_CLOSE]), flags: OrderFlag.HIDDEN },
      { timeInForce: AT_THE_OPEN, orderType: OrderType.MARKET, priceTicks: 0 },
      { flags: OrderFlag.POST_ONLY_SLIDE },
      { flags: OrderFlag.HIDDEN },
      { flags: OrderFlag.HIDDEN | this.#pick([OrderFlag.POST_ONLY, OrderFlag.POST_ONLY_SLIDE]) },
      { flags: OrderFlag.ALL_OR_NONE },
      { displayLots: this.#random.nextBetween(1, order.quantityLots) },
      { displayLots: 1, quantityLots: order.quantityLots * 2 },
      { minimumLots: this.#random.nextBetween(1, order.quantityLots) },
      { ...stop, orderType: OrderType.STOP },
      { ...stop, orderType: OrderType.STOP_LIMIT, priceTicks: this.#priceTicks(undefined) },
      { ...stop, orderType: OrderType.TRAILING_STOP, triggerTicks: this.#random.nextBetween(1, 4) },
      { orderType: OrderType.MARKET_TO_LIMIT, priceTicks: 0, timeInForce: GTC },
      { ownerGroup: this.#random.nextBetween(1, 2), selfTradePrevention },
      { ownerGroup: 1, selfTradePrevention },
      {
        clientId: linked?.clientId ?? order.clientId,
        linkedClientOrderId: linked?.clientOrderId ?? 1,
        clientOrderId: this.#random.nextBelow(this.#regime.clientOrderIdCount),
        timeInForce: order.timeInForce === TimeInForce.IOC ? GTC : order.timeInForce,
      },
    ]
  }

  /** One field becomes what a careless or hostile client may send. */
  #spoil(order: NewOrderStep): NewOrderStep {
    const byte = this.#random.nextBelow(256)
    const number = this.#strangeNumber()
    const changes: readonly Partial<NewOrderStep>[] = [
      { side: byte },
      { orderType: byte },
      { timeInForce: byte },
      { timeInForce: this.#random.nextBelow(9) },
      { flags: byte },
      { flags: this.#random.nextBelow(16) },
      { selfTradePrevention: byte },
      { priceTicks: number },
      { priceTicks: 0 },
      { quantityLots: number },
      { displayLots: number },
      { minimumLots: number },
      { triggerTicks: number },
      { linkedClientOrderId: byte },
      { expireTimeNs: this.#strangeDouble() },
      { orderType: OrderType.MARKET },
      { symbolId: this.#strangeSymbol() },
    ]
    return { ...order, ...this.#pick(changes) }
  }

  #cancelOrder(): Step {
    return { kind: 'cancelOrder', ...this.#namedOrder() }
  }

  #replaceOrder(): Step {
    const flags = this.#random.nextChance(0.3) ? ReplaceFlag.TOTAL_QUANTITY : 0
    return {
      kind: 'replaceOrder',
      ...this.#namedOrder(),
      priceTicks: this.#isWrong() ? this.#strangeNumber() : this.#priceTicks(undefined),
      quantityLots: this.#isWrong() ? this.#strangeNumber() : this.#quantityLots(),
      flags: this.#isWrong() ? this.#random.nextBelow(256) : flags,
    }
  }

  #massCancel(): Step {
    const { clientId, symbolId } = this.#header()
    const sides = this.#isWrong() ? this.#random.nextBelow(256) : this.#random.nextBelow(3)
    return { kind: 'massCancel', clientId, symbolId: this.#random.nextChance(0.3) ? NO_SYMBOL_ID : symbolId, sides }
  }

  #quote(): Step {
    const bidTicks = this.#priceTicks(Side.BUY)
    const bidLots = this.#random.nextChance(0.1) ? 0 : this.#quantityLots()
    const askLots = this.#random.nextChance(0.1) ? 0 : this.#quantityLots()
    this.#quoteCount += 1
    if (this.#random.nextChance(0.2)) this.#positionVersion += 1
    const isReduced = this.#random.nextChance(0.15)
    const quote: QuoteStep = {
      kind: 'quote',
      ...this.#header(),
      quoteId: this.#quoteCount,
      bidTicks,
      bidLots,
      askTicks: Math.max(bidTicks + 1, this.#priceTicks(Side.SELL)),
      askLots,
      bidLotsGranted: isReduced ? this.#random.nextBelow(bidLots + 1) : bidLots,
      askLotsGranted: isReduced ? this.#random.nextBelow(askLots + 1) : askLots,
      positionVersion: this.#positionVersion - (this.#random.nextChance(0.05) ? 1 : 0),
      fencingToken: this.#random.nextChance(0.05) ? 0 : 1,
      ttlNs: this.#pick([0, 0, 50, 1_000, 1]),
    }
    return this.#random.nextChance(WRONG_FIELD_CHANCE * 3) ? this.#spoilQuote(quote) : quote
  }

  #spoilQuote(quote: QuoteStep): QuoteStep {
    const number = this.#strangeNumber()
    const double = this.#strangeDouble()
    const changes: readonly Partial<QuoteStep>[] = [
      { bidTicks: number },
      { askTicks: number },
      { bidLots: number, bidLotsGranted: 0 },
      { askLots: number, askLotsGranted: 0 },
      { bidTicks: quote.askTicks },
      { ttlNs: double },
      { ttlNs: this.#pick([QUOTE_TTL_NS_MAX, QUOTE_TTL_NS_MAX + 1]) },
      { fencingToken: double },
      { positionVersion: double },
      { symbolId: this.#strangeSymbol() },
    ]
    return { ...quote, ...this.#pick(changes) }
  }

  #cancelQuote(): Step {
    const reason = this.#pick([Reason.KILL_SWITCH, Reason.BY_OWNER, Reason.AUTHORITY_ENDED])
    return { kind: 'cancelQuote', symbolId: this.#symbolId(), reason, flags: 0 }
  }

  #header(): { clientId: number; symbolId: number } {
    return { clientId: this.#clientId(), symbolId: this.#isWrong() ? this.#strangeSymbol() : this.#symbolId() }
  }

  #clientId(): number {
    return 1 + this.#random.nextBelow(this.#regime.clientCount)
  }

  #symbolId(): number {
    return this.#random.nextBelow(this.#regime.symbolCount)
  }

  #strangeSymbol(): number {
    return this.#pick([NO_SYMBOL_ID, -2, this.#regime.symbolCount, 1_000, 2_147_483_647])
  }

  /** A live order by its id or its owner's, or something that names nothing, or somebody else's. */
  #namedOrder(): { clientId: number; symbolId: number; orderId: number; clientOrderId: number } {
    const header = this.#header()
    if (this.#isWrong())
      return {
        ...header,
        orderId: this.#strangeDouble(),
        clientOrderId: this.#random.nextBelow(this.#regime.clientOrderIdCount),
      }
    if (this.#live.length === 0 || this.#random.nextChance(0.1)) {
      return { ...header, orderId: 0, clientOrderId: this.#random.nextBelow(this.#regime.clientOrderIdCount) }
    }
    const { orderId, clientId, clientOrderId } = this.#pick(this.#live)
    const owner = this.#isWrong() ? header.clientId : clientId
    if (clientOrderId === 0 || this.#random.nextChance(0.5)) {
      return { ...header, clientId: owner, orderId, clientOrderId: 0 }
    }
    return { ...header, clientId: owner, orderId: 0, clientOrderId }
  }

  /** `restingSide`: on that side of the middle, mostly. */
  #priceTicks(restingSide: number | undefined): number {
    const { priceReachTicks: reach } = this.#regime
    if (this.#random.nextChance(0.01)) return this.#pick([1, 2, PRICE_TICKS_MAX, PRICE_TICKS_MAX - 1, 40_000])
    if (restingSide === undefined || this.#random.nextChance(0.2)) {
      return this.#middleTicks + this.#random.nextBetween(-reach, reach)
    }
    const distance = this.#random.nextBetween(0, reach)
    return this.#middleTicks + (restingSide === Side.BUY ? -distance : distance)
  }

  #quantityLots(): number {
    if (this.#random.nextChance(0.005)) return this.#pick([QUANTITY_LOTS_MAX, QUANTITY_LOTS_MAX - 1])
    return this.#random.nextBetween(1, this.#regime.quantityLotsMax)
  }

  #strangeNumber(): number {
    return this.#pick([-1, 0, -2_147_483_648, 2_147_483_647, QUANTITY_LOTS_MAX, QUANTITY_LOTS_MAX + 1, 1])
  }

  #strangeDouble(): number {
    return this.#pick([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 53 - 1, 2 ** 32, 3, 10 ** 9])
  }

  #isWrong(): boolean {
    return this.#random.nextChance(WRONG_FIELD_CHANCE)
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#random.nextBelow(choices.length)]!
  }
}
