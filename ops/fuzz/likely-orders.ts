// Orders of every kind that may well be accepted, and cancels and replaces that may well meet one of them: so that there is
// something to trade with, to change, and to write down in a snapshot.

import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import type { Prng } from '../../base/prng.ts'
import { type NewOrder, writeCancelOrder, writeNewOrder, writeReplaceOrder } from '../../protocol/command-writer.ts'
import { OrderFlag, OrderType, type SelfTradePrevention, type Side, TimeInForce } from '../../protocol/kinds.ts'
import { ICEBERG_SLICE_COUNT_MAX } from '../../protocol/limits.ts'
import { pick } from './mutate.ts'

/** Around this everybody trades. */
export const LIKELY_PRICE_TICKS = 1_000
const REACH_TICKS = 20
/** Few, so that a live order is met. */
const CLIENT_ORDER_ID_MAX = 64
const ORDER_ID_MAX = 400
const EXPIRE_S_MAX = 400
const PLAIN_CHANCE = 0.5

type Terms = Partial<NewOrder>

/** What makes an order more than a plain one, each kind with the prices and times that it asks for. */
const TERMS: readonly ((random: Prng) => Terms)[] = [
  (random) => ({ displayLots: random.nextBetween(1, 5), quantityLots: random.nextBetween(1, 60) }),
  (random) => ({ orderType: OrderType.STOP, priceTicks: 0, triggerTicks: likelyTicks(random) }),
  (random) => ({ orderType: OrderType.STOP_LIMIT, triggerTicks: likelyTicks(random) }),
  (random) => ({ orderType: OrderType.TRAILING_STOP, priceTicks: 0, triggerTicks: random.nextBetween(1, REACH_TICKS) }),
  () => ({ orderType: OrderType.MARKET_TO_LIMIT, priceTicks: 0 }),
  (random) => ({ flags: pick(random, Object.values(OrderFlag)) }),
  (random) => ({ timeInForce: TimeInForce.GTD, expireTimeNs: random.nextBetween(1, EXPIRE_S_MAX) * 1e9 }),
  (random) => ({ timeInForce: pick(random, [TimeInForce.DAY, TimeInForce.AT_THE_OPEN, TimeInForce.AT_THE_CLOSE]) }),
  (random) => ({ timeInForce: TimeInForce.IOC, minimumLots: random.nextBetween(1, 20) }),
  (random) => ({ linkedClientOrderId: likelyClientOrderId(random) }),
  (random) => ({
    ownerGroup: random.nextBetween(1, 2),
    selfTradePrevention: random.nextBelow(5) as SelfTradePrevention,
  }),
]

export function writeLikelyOrder(random: Prng, target: AlignedBuffer): number {
  const order: NewOrder = {
    symbolId: 0,
    side: random.nextBelow(2) as Side,
    orderType: OrderType.LIMIT,
    timeInForce: TimeInForce.GTC,
    priceTicks: likelyTicks(random),
    quantityLots: random.nextBetween(1, 50),
    clientOrderId: likelyClientOrderId(random),
  }
  if (!random.nextChance(PLAIN_CHANCE)) return writeNewOrder(target, 0, { ...order, ...pick(random, TERMS)(random) })
  const [orderType, priceTicks] = random.nextChance(0.9) ? [order.orderType, order.priceTicks] : [OrderType.MARKET, 0]
  const timeInForce = pick(random, [TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK])
  return writeNewOrder(target, 0, { ...order, orderType, priceTicks, timeInForce })
}

export function writeLikelyCancel(random: Prng, target: AlignedBuffer): number {
  return writeCancelOrder(target, 0, 0, likelyOrderId(random), likelyClientOrderId(random))
}

export function writeLikelyReplace(random: Prng, target: AlignedBuffer): number {
  // More than an iceberg of one lot could be shown in.
  const lots = random.nextChance(0.05) ? 2 * ICEBERG_SLICE_COUNT_MAX : random.nextBetween(1, 60)
  const flags = random.nextBelow(2)
  const [orderId, clientOrderId] = [likelyOrderId(random), likelyClientOrderId(random)]
  return writeReplaceOrder(target, 0, 0, orderId, clientOrderId, likelyTicks(random), lots, flags)
}

function likelyTicks(random: Prng): number {
  return LIKELY_PRICE_TICKS + random.nextBetween(-REACH_TICKS, REACH_TICKS)
}

function likelyClientOrderId(random: Prng): number {
  return random.nextBetween(1, CLIENT_ORDER_ID_MAX)
}

/** 0: the client's own name counts. Else whoever's order that is. */
function likelyOrderId(random: Prng): number {
  return random.nextChance(0.8) ? 0 : random.nextBetween(1, ORDER_ID_MAX)
}
