// How our orders leave us, whatever exchange they go to: what a new one looks like, and how long a request is under way.

import type { Side, TimeInForce } from '../../protocol/kinds.ts'
import type { LatencyModel } from './latency-model.ts'
import {
  FillCause,
  type Messages,
  OrderStatus,
  Pending,
  type ReplayOrder,
  RequestKind,
  ResponseKind,
} from './replay-order.ts'

export type OrderWish = {
  readonly side: Side
  readonly priceTicks: number
  readonly quantity: number
  readonly timeInForce: TimeInForce
  readonly isPostOnly: boolean
  readonly isMarket?: boolean
}

export function newOrder(id: number, wish: OrderWish, nowNs: number): ReplayOrder {
  return {
    id,
    side: wish.side,
    priceTicks: wish.priceTicks,
    quantity: wish.quantity,
    leaves: wish.quantity,
    timeInForce: wish.timeInForce,
    isPostOnly: wish.isPostOnly,
    isMarket: wish.isMarket === true,
    status: OrderStatus.NONE,
    pending: Pending.NEW,
    sentNs: nowNs,
    ...{ exchangeNs: 0, execTicks: 0, execQuantity: 0, isMaker: false, cause: FillCause.NONE },
    ...{ acceptedNs: 0, frontAtEntry: 0, front: 0, traded: 0, arrival: 0 },
  }
}

/** Puts a copy of the order on its way; a negative entry latency is a refusal at the exchange's door. */
export function sendRequest(
  order: ReplayOrder,
  kind: number,
  nowNs: number,
  latency: LatencyModel,
  requests: Messages,
  responses: Messages,
): void {
  const entryNs = latency.entryNs(nowNs)
  if (entryNs >= 0) {
    requests.push({ ...order }, kind, nowNs + entryNs)
    return
  }
  const refused = { ...order, pending: Pending.NONE, exchangeNs: nowNs - entryNs }
  if (kind === RequestKind.NEW) refused.status = OrderStatus.EXPIRED
  const answer = kind === RequestKind.NEW ? ResponseKind.REPORT : ResponseKind.REJECTED
  responses.push(refused, answer, nowNs - entryNs)
}

/**
 * Puts a change of the order on its way: another price, another open quantity, or both. We take it for done only when the
 * answer says so.
 */
export function sendChange(
  order: ReplayOrder,
  priceTicks: number,
  openQuantity: number,
  nowNs: number,
  latency: LatencyModel,
  requests: Messages,
  responses: Messages,
): void {
  order.pending = Pending.MODIFY
  order.sentNs = nowNs
  const changed = { ...order, priceTicks, leaves: openQuantity }
  sendRequest(changed, RequestKind.MODIFY, nowNs, latency, requests, responses)
}

/** Drops orders that are over. */
export function forgetEnded(orders: Map<number, ReplayOrder>): void {
  for (const [id, { status }] of orders) {
    const isLive = status === OrderStatus.NONE || status === OrderStatus.NEW || status === OrderStatus.PARTLY_FILLED
    if (!isLive) orders.delete(id)
  }
}

/** The order as we know it, after an answer about it came. */
export function takeResponse(orders: Map<number, ReplayOrder>, answer: ReplayOrder, kind: number): void {
  const known = orders.get(answer.id)
  if (kind === ResponseKind.REJECTED) {
    if (known !== undefined && known.sentNs === answer.sentNs) known.pending = Pending.NONE
    return
  }
  if (known !== undefined) answer.sentNs = known.sentNs
  orders.set(answer.id, answer)
}
