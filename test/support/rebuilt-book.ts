// Books rebuilt from market data frames alone, by the rules of protocol/frame.ts: from L3 order by order, from L2 level
// by level. Both notice gaps and are repaired by a snapshot.

import { L2Field, L3Field } from '../../protocol/frame.ts'
import { FrameFault, FrameReader } from '../../protocol/frame-reader.ts'
import { FrameKind, L3Action, nameOf, Side } from '../../protocol/kinds.ts'

/** What became of a frame. */
export type Reception = 'applied' | 'seen already' | 'gap'

abstract class RebuiltBook {
  protected readonly reader = new FrameReader()
  protected have = 0

  receive(frame: Uint8Array): Reception {
    this.read(frame)
    const { reader } = this
    if (reader.previousSeq > this.have) return 'gap'
    if (reader.lastSeq <= this.have) return 'seen already'
    this.apply()
    this.have = reader.lastSeq
    return 'applied'
  }

  /** Takes over a snapshot, given as all of its parts. */
  repair(parts: readonly Uint8Array[]): void {
    this.clear()
    for (const [index, part] of parts.entries()) {
      this.read(part)
      // What follows in further parts is told, so that a reader knows when it has all.
      if ((this.reader.previousSeq === 0) !== (index === parts.length - 1)) throw new Error('parts are missing')
      this.load()
      this.have = this.reader.lastSeq
    }
  }

  protected read(frame: Uint8Array): void {
    const fault = this.reader.read(frame)
    if (fault !== FrameFault.NONE) throw new Error(`a frame that is wrong: ${nameOf(FrameFault, fault)}`)
  }

  /** The levels, as text: both sides, best first. */
  abstract levelsText(): string
  protected abstract clear(): void
  protected abstract load(): void
  protected abstract apply(): void
}

function sorted(side: Side, prices: Iterable<number>): number[] {
  return [...prices].sort((a, b) => (side === Side.BUY ? b - a : a - b))
}

export class BookFromLevels extends RebuiltBook {
  readonly #levels = [new Map<number, [number, number]>(), new Map<number, [number, number]>()] as const

  override levelsText(): string {
    return [Side.BUY, Side.SELL]
      .flatMap((side) =>
        sorted(side, this.#levels[side].keys()).map(
          (ticks) => `${side} ${ticks} ${this.#levels[side].get(ticks)?.join(',')}`,
        ),
      )
      .join('; ')
  }

  protected override clear(): void {
    for (const levels of this.#levels) levels.clear()
  }

  protected override load(): void {
    if (this.reader.kind !== FrameKind.L2_SNAPSHOT) throw new Error('no snapshot of levels')
    this.apply()
  }

  protected override apply(): void {
    const { reader } = this
    for (let index = 0; index < reader.count; index++) {
      const levels = this.#levels[reader.uint8(index, L2Field.SIDE) as Side]
      const priceTicks = reader.int32(index, L2Field.PRICE_TICKS)
      const quantityLots = reader.int32(index, L2Field.QUANTITY_LOTS)
      if (quantityLots === 0) levels.delete(priceTicks)
      else levels.set(priceTicks, [quantityLots, reader.int32(index, L2Field.ORDER_COUNT)])
    }
  }
}

type RebuiltOrder = { readonly orderId: number; readonly side: Side; readonly priceTicks: number; lots: number }

export class BookFromOrders extends RebuiltBook {
  readonly #orders = new Map<number, RebuiltOrder>()
  /** By side: price to orders, oldest first. */
  readonly #queues = [new Map<number, RebuiltOrder[]>(), new Map<number, RebuiltOrder[]>()] as const

  override levelsText(): string {
    return [Side.BUY, Side.SELL]
      .flatMap((side) =>
        sorted(side, this.#queues[side].keys()).map((ticks) => {
          const queue = this.#queues[side].get(ticks) ?? []
          return `${side} ${ticks} ${queue.reduce((sum, order) => sum + order.lots, 0)},${queue.length}`
        }),
      )
      .join('; ')
  }

  /** The orders in the order in which they would trade, as text. */
  ordersText(): string {
    return [Side.BUY, Side.SELL]
      .flatMap((side) =>
        sorted(side, this.#queues[side].keys()).flatMap((ticks) =>
          (this.#queues[side].get(ticks) ?? []).map((order) => `${side} ${ticks} #${order.orderId} ${order.lots}`),
        ),
      )
      .join('; ')
  }

  /** What trades at the order's price before it does. */
  lotsAhead(orderId: number): number {
    const order = this.#order(orderId)
    const queue = this.#queues[order.side].get(order.priceTicks) ?? []
    return queue.slice(0, queue.indexOf(order)).reduce((sum, ahead) => sum + ahead.lots, 0)
  }

  protected override clear(): void {
    this.#orders.clear()
    for (const queues of this.#queues) queues.clear()
  }

  protected override load(): void {
    if (this.reader.kind !== FrameKind.L3_SNAPSHOT) throw new Error('no snapshot of orders')
    for (let index = 0; index < this.reader.count; index++) this.#add(index)
  }

  protected override apply(): void {
    const { reader } = this
    for (let index = 0; index < reader.count; index++) {
      // A snapshot may have brought us into the middle of a frame.
      if (reader.float64(index, L3Field.SEQ) > this.have) this.#change(index)
    }
  }

  #change(index: number): void {
    const { reader } = this
    const orderId = reader.float64(index, L3Field.ORDER_ID)
    const action = reader.uint8(index, L3Field.ACTION)
    if (action === L3Action.HIDDEN_TRADE) return
    if (action === L3Action.ADD) {
      this.#add(index)
      return
    }
    const order = this.#order(orderId)
    const quantityLots = reader.int32(index, L3Field.QUANTITY_LOTS)
    const leavesLots = reader.int32(index, L3Field.LEAVES_LOTS)
    if (order.lots - quantityLots !== leavesLots) throw new Error(`order ${orderId} does not add up`)
    order.lots = leavesLots
    if (leavesLots === 0) this.#remove(order)
  }

  #add(index: number): void {
    const { reader } = this
    const order: RebuiltOrder = {
      orderId: reader.float64(index, L3Field.ORDER_ID),
      side: reader.uint8(index, L3Field.SIDE) as Side,
      priceTicks: reader.int32(index, L3Field.PRICE_TICKS),
      lots: reader.int32(index, L3Field.LEAVES_LOTS),
    }
    if (this.#orders.has(order.orderId)) throw new Error(`order ${order.orderId} is there already`)
    this.#orders.set(order.orderId, order)
    const queue = this.#queues[order.side].get(order.priceTicks)
    if (queue === undefined) this.#queues[order.side].set(order.priceTicks, [order])
    else queue.push(order)
  }

  #remove(order: RebuiltOrder): void {
    this.#orders.delete(order.orderId)
    const queues = this.#queues[order.side]
    const left = (queues.get(order.priceTicks) ?? []).filter((other) => other !== order)
    if (left.length === 0) queues.delete(order.priceTicks)
    else queues.set(order.priceTicks, left)
  }

  #order(orderId: number): RebuiltOrder {
    const order = this.#orders.get(orderId)
    if (order === undefined) throw new Error(`order ${orderId} is not there`)
    return order
  }
}
