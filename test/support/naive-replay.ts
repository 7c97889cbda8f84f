// A second replay, as plain as can be: the rules of docs/backtest.md one event after the other, with maps, lists and
// whole scans. The real one is held against it.

import { Side, TimeInForce } from '../../protocol/kinds.ts'

const EXPIRED = 'expired'
const FILLED = 'filled'
type Status = 'none' | 'new' | 'part' | typeof FILLED | 'cancelled' | typeof EXPIRED

export type NaiveRow = {
  readonly kind: 'depth' | 'snapshot' | 'clear' | 'trade' | 'add' | 'cancel' | 'modify' | 'fill'
  /** Null: no side. */
  readonly side: Side | null
  readonly isExchange: boolean
  readonly isLocal: boolean
  readonly exchangeNs: number
  readonly localNs: number
  readonly ticks: number
  readonly quantity: number
  readonly orderId: number
}

export type NaiveOrder = {
  id: number
  side: Side
  ticks: number
  quantity: number
  leaves: number
  timeInForce: TimeInForce
  isPostOnly: boolean
  isMarket: boolean
  status: Status
  isPending: boolean
  sentNs: number
  exchangeNs: number
  execTicks: number
  execQuantity: number
  isMaker: boolean
  front: number
  traded: number
}

export type NaiveSettings = {
  readonly tickSize: number
  readonly lotSize: number
  readonly entryNs: (sentNs: number) => number
  readonly responseNs: (exchangeNs: number) => number
  /** Null: RiskAdverse. */
  readonly probability: ((front: number, back: number) => number) | null
  readonly fillsWhole: boolean
  readonly isByOrder: boolean
  readonly fee: (side: Side, amount: number, quantity: number, isMaker: boolean) => number
}

const INFINITY = Number.POSITIVE_INFINITY
/** Halves away from zero. */
const rnd = (value: number) => Math.sign(value) * Math.round(Math.abs(value))
const minOf = (a: number, b: number) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b))

export class NaiveBook {
  readonly levels = { [Side.BUY]: new Map<number, number>(), [Side.SELL]: new Map<number, number>() }
  bid = -INFINITY
  ask = INFINITY
  #low = INFINITY
  #high = -INFINITY
  readonly #lotSize: number

  constructor(lotSize: number) {
    this.#lotSize = lotSize
  }

  at(side: Side, ticks: number): number {
    return this.levels[side].get(ticks) ?? 0
  }

  /** Gives the quantity before. */
  set(side: Side, ticks: number, quantity: number): number {
    const before = this.at(side, ticks)
    if (rnd(quantity / this.#lotSize) <= 0) {
      this.levels[side].delete(ticks)
      if (side === Side.BUY && ticks === this.bid) this.#findBid(ticks - 1)
      if (side === Side.SELL && ticks === this.ask) this.#findAsk(ticks + 1)
      return before
    }
    this.levels[side].set(ticks, quantity)
    if (side === Side.BUY) {
      if (ticks > this.bid) {
        this.bid = ticks
        if (this.bid >= this.ask) this.ask = this.#lowest(this.bid + 1, this.#high)
      }
      this.#low = Math.min(this.#low, ticks)
    } else {
      if (ticks < this.ask) {
        this.ask = ticks
        if (this.bid >= this.ask) this.bid = this.#highest(this.#low, this.ask - 1)
      }
      this.#high = Math.max(this.#high, ticks)
    }
    return before
  }

  /** An order of the level leaves, or changes where it is: that brings no better price. */
  change(side: Side, ticks: number, by: number): void {
    const quantity = this.at(side, ticks) + by
    if (rnd(quantity / this.#lotSize) === 0) this.set(side, ticks, 0)
    else this.levels[side].set(ticks, quantity)
  }

  /** Prices of a side that the search for the best one reaches. */
  isReachable(side: Side, ticks: number): boolean {
    return side === Side.BUY ? ticks >= this.#low : ticks <= this.#high
  }

  clear(side: Side | null, ticks: number): void {
    if (side !== Side.SELL) {
      const lowest = side === null ? -INFINITY : ticks
      for (const at of [...this.levels[Side.BUY].keys()]) {
        if (at >= lowest && (side === null || at <= this.bid)) this.levels[Side.BUY].delete(at)
      }
      this.#findBid(lowest - 2)
    }
    if (side !== Side.BUY) {
      const highest = side === null ? INFINITY : ticks
      for (const at of [...this.levels[Side.SELL].keys()]) {
        if (at <= highest && (side === null || at >= this.ask)) this.levels[Side.SELL].delete(at)
      }
      this.#findAsk(highest + 2)
    }
  }

  #findBid(from: number): void {
    this.bid = this.#highest(this.#low, from)
    if (this.bid === -INFINITY) this.#low = INFINITY
  }

  #findAsk(from: number): void {
    this.ask = this.#lowest(from, this.#high)
    if (this.ask === INFINITY) this.#high = -INFINITY
  }

  #highest(low: number, high: number): number {
    return Math.max(-INFINITY, ...[...this.levels[Side.BUY].keys()].filter((at) => at >= low && at <= high))
  }

  #lowest(low: number, high: number): number {
    return Math.min(INFINITY, ...[...this.levels[Side.SELL].keys()].filter((at) => at >= low && at <= high))
  }
}

type Message = {
  readonly timeNs: number
  readonly kind: 'new' | 'cancel' | 'modify' | 'report' | 'reject'
  order: NaiveOrder
}
type Recorded = { side: Side; ticks: number; quantity: number }
type Queued = { readonly isOwn: boolean; readonly id: number }

export class NaiveReplay {
  readonly localBook: NaiveBook
  readonly exchangeBook: NaiveBook
  /** As we know them, by id. */
  readonly orders = new Map<number, NaiveOrder>()
  readonly fills: string[] = []
  position = 0
  balance = 0
  fee = 0
  nowNs: number
  readonly #settings: NaiveSettings
  readonly #localRows: readonly NaiveRow[]
  readonly #exchangeRows: readonly NaiveRow[]
  #localAt = 0
  #exchangeAt = 0
  readonly #requests: Message[] = []
  readonly #responses: Message[] = []
  /** Ours at the exchange. */
  readonly #own: NaiveOrder[] = []
  readonly #recorded = { local: new Map<number, Recorded>(), exchange: new Map<number, Recorded>() }
  readonly #queues = new Map<string, Queued[]>()
  /** What our takers took since the last row, by side and price. */
  readonly #taken = new Map<string, number>()
  #lastId = 0

  constructor(rows: readonly NaiveRow[], settings: NaiveSettings) {
    this.#settings = settings
    this.localBook = new NaiveBook(settings.lotSize)
    this.exchangeBook = new NaiveBook(settings.lotSize)
    this.#localRows = rows.filter(({ isLocal }) => isLocal)
    this.#exchangeRows = rows.filter(({ isExchange }) => isExchange)
    this.nowNs = Math.min(this.#localRows[0]?.localNs ?? INFINITY, this.#exchangeRows[0]?.exchangeNs ?? INFINITY)
  }

  elapse(durationNs: number): boolean {
    const targetNs = this.nowNs + durationNs
    for (;;) {
      const times = [
        this.#localRows[this.#localAt]?.localNs ?? INFINITY,
        this.#responses[0]?.timeNs ?? INFINITY,
        this.#exchangeRows[this.#exchangeAt]?.exchangeNs ?? INFINITY,
        this.#requests[0]?.timeNs ?? INFINITY,
      ]
      const earliest = Math.min(...times)
      if (earliest === INFINITY) return false
      if (earliest > targetNs) break
      const source = times.indexOf(earliest)
      if (source === 0) this.#seeRow(this.#localRows[this.#localAt++]!)
      else if (source === 1) this.#takeResponse(this.#responses.shift()!)
      else if (source === 2) this.#exchangeRow(this.#exchangeRows[this.#exchangeAt++]!)
      else this.#takeRequest(this.#requests.shift()!, earliest)
    }
    this.nowNs = targetNs
    return true
  }

  submit(wish: Pick<NaiveOrder, 'side' | 'ticks' | 'quantity' | 'timeInForce' | 'isPostOnly' | 'isMarket'>): number {
    this.#lastId += 1
    const order: NaiveOrder = {
      ...wish,
      ...{ id: this.#lastId, leaves: wish.quantity, status: 'none', isPending: true, sentNs: this.nowNs },
      ...{ exchangeNs: 0, execTicks: 0, execQuantity: 0, isMaker: false, front: 0, traded: 0 },
    }
    this.orders.set(order.id, order)
    this.#send('new', order)
    return order.id
  }

  cancel(id: number): void {
    const order = this.orders.get(id)!
    order.isPending = true
    order.sentNs = this.nowNs
    this.#send('cancel', order)
  }

  modify(id: number, ticks: number, leaves: number): void {
    const order = this.orders.get(id)!
    order.isPending = true
    order.sentNs = this.nowNs
    this.#send('modify', { ...order, ticks, leaves })
  }

  forgetEnded(): void {
    for (const [id, { status }] of this.orders) {
      if (status === FILLED || status === 'cancelled' || status === EXPIRED) this.orders.delete(id)
    }
  }

  #send(kind: 'new' | 'cancel' | 'modify', order: NaiveOrder): void {
    const latencyNs = this.#settings.entryNs(this.nowNs)
    if (latencyNs >= 0) {
      append(this.#requests, { timeNs: this.nowNs + latencyNs, kind, order: { ...order } })
      return
    }
    const timeNs = this.nowNs - latencyNs
    const refused: NaiveOrder = { ...order, isPending: false, exchangeNs: timeNs }
    if (kind === 'new') refused.status = EXPIRED
    append(this.#responses, { timeNs, kind: kind === 'new' ? 'report' : 'reject', order: refused })
  }

  #respond(order: NaiveOrder, kind: 'report' | 'reject', nowNs: number): void {
    append(this.#responses, { timeNs: nowNs + this.#settings.responseNs(nowNs), kind, order: { ...order } })
  }

  #takeResponse({ kind, order, timeNs }: Message): void {
    const known = this.orders.get(order.id)
    if (kind === 'reject') {
      if (known !== undefined && known.sentNs === order.sentNs) known.isPending = false
      return
    }
    if (order.execQuantity > 0) this.#book(order, timeNs)
    this.orders.set(order.id, { ...order, sentNs: known?.sentNs ?? order.sentNs })
  }

  #book({ id, side, execTicks, execQuantity, isMaker, exchangeNs }: NaiveOrder, timeNs: number): void {
    const amount = execTicks * this.#settings.tickSize * execQuantity
    const sign = side === Side.BUY ? 1 : -1
    this.position += execQuantity * sign
    this.balance -= amount * sign
    this.fee += this.#settings.fee(side, amount, execQuantity, isMaker)
    this.fills.push([exchangeNs, timeNs, id, side, execTicks, execQuantity, isMaker].join(','))
  }

  #seeRow(row: NaiveRow): void {
    if (row.kind !== 'trade') this.#changeBook(row, this.localBook, this.#recorded.local)
  }

  /** Of depth rows: the quantity before. */
  #changeBook(row: NaiveRow, book: NaiveBook, recorded: Map<number, Recorded>): number {
    const { kind, side, ticks, quantity, orderId } = row
    if (kind === 'depth' || kind === 'snapshot') return book.set(side!, ticks, quantity)
    if (kind === 'clear') {
      if (!this.#settings.isByOrder) book.clear(side, ticks)
      else clearOrders(side, book, recorded)
      return 0
    }
    const old = recorded.get(orderId)
    if (kind === 'fill' || (old === undefined && kind !== 'add')) return 0
    if (old !== undefined && kind === 'modify' && old.ticks === ticks) {
      book.change(old.side, ticks, quantity - old.quantity)
    } else {
      if (old !== undefined) book.change(old.side, old.ticks, -old.quantity)
      if (kind !== 'cancel') {
        const own = old?.side ?? side!
        book.set(own, ticks, book.at(own, ticks) + quantity)
      }
    }
    if (kind === 'cancel') recorded.delete(orderId)
    else recorded.set(orderId, { side: old?.side ?? side!, ticks, quantity })
    return 0
  }

  #exchangeRow(row: NaiveRow): void {
    this.#taken.clear()
    if (this.#settings.isByOrder) {
      this.#orderRow(row)
      return
    }
    const { kind, side, ticks, quantity, exchangeNs } = row
    const book = this.exchangeBook
    const [bid, ask] = [book.bid, book.ask]
    if (kind === 'trade') {
      if (side !== null) this.#trade(side === Side.BUY ? Side.SELL : Side.BUY, ticks, quantity, exchangeNs)
      return
    }
    const before = this.#changeBook(row, book, this.#recorded.exchange)
    if (kind === 'clear') return
    for (const order of this.#own) {
      if (order.side === side && order.ticks === ticks) this.#depth(order, before, quantity)
    }
    if (book.bid > bid) this.#fillAll(Side.SELL, (at) => at <= book.bid, exchangeNs)
    if (book.ask < ask) this.#fillAll(Side.BUY, (at) => at >= book.ask, exchangeNs)
  }

  #depth(order: NaiveOrder, before: number, after: number): void {
    const { probability } = this.#settings
    if (probability === null) {
      order.front = minOf(order.front, after)
      return
    }
    const change = before - after - order.traded
    order.traded = 0
    if (change < 0) {
      order.front = minOf(order.front, after)
      return
    }
    const back = before - order.front
    let p = probability(order.front, back)
    if (Math.abs(p) === INFINITY) p = 1
    const estimate = order.front - (1 - p) * change + minOf(back - p * change, 0)
    order.front = minOf(estimate, after)
  }

  #trade(side: Side, ticks: number, quantity: number, nowNs: number): void {
    const { lotSize, fillsWhole } = this.#settings
    let left = quantity
    for (const order of this.#own.filter((own) => own.side === side)) {
      if (side === Side.SELL ? order.ticks < ticks : order.ticks > ticks) {
        this.#fill(order, order.ticks, order.leaves, true, nowNs)
      } else if (order.ticks === ticks) {
        order.front -= quantity
        order.traded += quantity
        const past = rnd(-order.front / lotSize)
        if (!(past > 0)) continue
        order.front = 0
        const got = fillsWhole ? order.leaves : Math.min(past * lotSize, order.leaves, left)
        left -= got
        if (got > 0) this.#fill(order, order.ticks, got, true, nowNs)
      }
    }
  }

  #fillAll(side: Side, isHit: (ticks: number) => boolean, nowNs: number): void {
    for (const order of this.#own.filter((own) => own.side === side && isHit(own.ticks))) {
      this.#fill(order, order.ticks, order.leaves, true, nowNs)
    }
  }

  #fill(order: NaiveOrder, ticks: number, quantity: number, isMaker: boolean, nowNs: number): void {
    order.leaves -= quantity
    const isWhole = rnd(order.leaves / this.#settings.lotSize) <= 0
    if (isWhole) order.leaves = 0
    order.status = isWhole ? FILLED : 'part'
    Object.assign(order, { execTicks: ticks, execQuantity: quantity, isMaker, isPending: false, exchangeNs: nowNs })
    if (isWhole) this.#leave(order)
    this.#respond(order, 'report', nowNs)
    order.execQuantity = 0
  }

  #leave(order: NaiveOrder): void {
    if (this.#own.includes(order)) this.#own.splice(this.#own.indexOf(order), 1)
    for (const queue of this.#queues.values()) {
      const at = queue.findIndex(({ isOwn, id }) => isOwn && id === order.id)
      if (at !== -1) queue.splice(at, 1)
    }
  }

  #end(order: NaiveOrder, status: Status, nowNs: number): void {
    order.status = status
    order.isPending = false
    order.exchangeNs = nowNs
    this.#respond(order, 'report', nowNs)
  }

  #takeRequest({ kind, order }: Message, nowNs: number): void {
    if (kind === 'new') {
      this.#enter(order, nowNs)
      return
    }
    const own = this.#own.find(({ id }) => id === order.id)
    if (own === undefined) {
      order.exchangeNs = nowNs
      this.#respond(order, 'reject', nowNs)
      return
    }
    own.sentNs = order.sentNs
    if (kind === 'cancel') {
      this.#leave(own)
      this.#end(own, 'cancelled', nowNs)
      return
    }
    const keepsPlace = own.ticks === order.ticks && order.leaves <= own.leaves
    own.quantity += order.leaves - own.leaves
    own.leaves = order.leaves
    own.isPending = false
    own.exchangeNs = nowNs
    if (keepsPlace) {
      this.#respond(own, 'report', nowNs)
      return
    }
    this.#leave(own)
    own.ticks = order.ticks
    this.#enter(own, nowNs)
  }

  #enter(order: NaiveOrder, nowNs: number): void {
    const isBuy = order.side === Side.BUY
    const best = isBuy ? this.exchangeBook.ask : this.exchangeBook.bid
    order.exchangeNs = nowNs
    const isCrossing = Number.isFinite(best) && (order.isMarket || (isBuy ? order.ticks >= best : order.ticks <= best))
    if (isCrossing && order.isPostOnly) {
      this.#end(order, EXPIRED, nowNs)
      return
    }
    if (isCrossing && !this.#take(order, best, nowNs)) return
    if (order.status === FILLED) return
    if (order.isMarket || (order.timeInForce !== TimeInForce.GTC && !order.isPostOnly)) {
      this.#end(order, EXPIRED, nowNs)
      return
    }
    if (order.status === 'none') order.status = 'new'
    order.isPending = false
    order.front = this.exchangeBook.at(order.side, order.ticks)
    order.traded = 0
    this.#own.push(order)
    this.#queue(order.side, order.ticks).push({ isOwn: true, id: order.id })
    this.#respond(order, 'report', nowNs)
  }

  /** False: a fill-or-kill order found too little. */
  #take(order: NaiveOrder, best: number, nowNs: number): boolean {
    const { fillsWhole, lotSize } = this.#settings
    if (fillsWhole) {
      this.#fill(order, best, order.leaves, false, nowNs)
      return true
    }
    const isBuy = order.side === Side.BUY
    const opposite = isBuy ? Side.SELL : Side.BUY
    const isReached = (at: number) => {
      if (isBuy ? at < best : at > best) return false
      if (order.isMarket) return this.exchangeBook.isReachable(opposite, at)
      return isBuy ? at <= order.ticks : at >= order.ticks
    }
    const prices = [...this.exchangeBook.levels[opposite].keys()]
      .filter(isReached)
      .sort((a, b) => (isBuy ? a - b : b - a))
    const key = (at: number) => `${opposite} ${at}`
    const shown = (at: number) => this.exchangeBook.at(opposite, at) - (this.#taken.get(key(at)) ?? 0)
    const reach = prices.reduce((sum, at) => sum + Math.max(0, shown(at)), 0)
    if (order.timeInForce === TimeInForce.FOK && reach < order.leaves) {
      this.#end(order, EXPIRED, nowNs)
      return false
    }
    for (const at of prices) {
      const quantity = Math.min(shown(at), order.leaves)
      if (rnd(quantity / lotSize) <= 0) continue
      this.#taken.set(key(at), (this.#taken.get(key(at)) ?? 0) + quantity)
      this.#fill(order, at, quantity, false, nowNs)
      if (order.leaves === 0) break
    }
    return true
  }

  #queue(side: Side, ticks: number): Queued[] {
    const key = `${side} ${ticks}`
    const queue = this.#queues.get(key) ?? []
    this.#queues.set(key, queue)
    return queue
  }

  #orderRow(row: NaiveRow): void {
    const { kind, orderId, exchangeNs, side } = row
    const book = this.exchangeBook
    const recorded = this.#recorded.exchange
    const old = recorded.get(orderId)
    const [bid, ask] = [book.bid, book.ask]
    if (kind === 'fill') {
      if (side !== null && old !== undefined) this.#executed(old, orderId, row.ticks, exchangeNs)
      return
    }
    this.#changeBook(row, book, recorded)
    if (kind === 'clear') {
      for (const own of [...this.#own]) {
        if (side !== null && own.side !== side) continue
        this.#leave(own)
        this.#end(own, EXPIRED, exchangeNs)
      }
      for (const [key, queue] of this.#queues) {
        if (side === null || key.startsWith(`${side} `))
          queue.splice(0, queue.length, ...queue.filter(({ isOwn }) => isOwn))
      }
      return
    }
    const present = recorded.get(orderId)
    const leavesPlace = kind === 'cancel' || present?.ticks !== old?.ticks || present!.quantity > (old?.quantity ?? 0)
    if (old !== undefined && leavesPlace) {
      const queue = this.#queue(old.side, old.ticks)
      queue.splice(
        queue.findIndex(({ isOwn, id }) => !isOwn && id === orderId),
        1,
      )
    }
    if (present === undefined) return
    if (leavesPlace) this.#queue(present.side, present.ticks).push({ isOwn: false, id: orderId })
    if (present.side === Side.BUY && book.bid > bid) this.#fillBetween(Side.SELL, bid + 1, book.bid, exchangeNs)
    if (present.side === Side.SELL && book.ask < ask) this.#fillBetween(Side.BUY, ask - 1, book.ask, exchangeNs)
  }

  #executed({ side, ticks }: Recorded, orderId: number, executedTicks: number, nowNs: number): void {
    const { bid, ask } = this.exchangeBook
    if (side === Side.BUY && executedTicks < bid) this.#fillBetween(Side.BUY, bid, executedTicks + 1, nowNs)
    if (side === Side.SELL && executedTicks > ask) this.#fillBetween(Side.SELL, ask, executedTicks - 1, nowNs)
    const queue = this.#queue(side, ticks)
    const place = queue.findIndex(({ isOwn, id }) => !isOwn && id === orderId)
    for (const { isOwn, id } of queue.slice(0, place)) {
      const own = this.#own.find((order) => order.id === id)
      if (isOwn && own !== undefined) this.#fill(own, own.ticks, own.leaves, true, nowNs)
    }
  }

  #fillBetween(side: Side, from: number, to: number, nowNs: number): void {
    const isUnbounded = this.#own.length < Math.abs(from - to) || !Number.isFinite(from)
    const isHit = (at: number) =>
      side === Side.SELL ? at <= to && (isUnbounded || at >= from) : at >= to && (isUnbounded || at <= from)
    this.#fillAll(side, isHit, nowNs)
  }
}

/** Nothing overtakes: not before the last one that is still under way. */
function append(queue: Message[], message: Message): void {
  queue.push({ ...message, timeNs: Math.max(message.timeNs, queue.at(-1)?.timeNs ?? message.timeNs) })
}

function clearOrders(side: Side | null, book: NaiveBook, recorded: Map<number, Recorded>): void {
  for (const [id, order] of [...recorded]) {
    if (side !== null && order.side !== side) continue
    recorded.delete(id)
    book.change(order.side, order.ticks, -order.quantity)
  }
  if (side === null) book.clear(null, 0)
}
