// The body of POST /orders: what an order may say, and how that becomes a command. Here is checked what the words mean and
// that the numbers are on the grid; which of them go together the exchange says (docs/exchange-rules.md), with its reason.

import { z } from 'zod'
import { OrderFlag, OrderType, SelfTradePrevention, Side, TimeInForce } from '../../protocol/kinds.ts'
import type { Instrument } from '../../protocol/symbol.ts'
import { lotsOf, ticksOf } from './grid.ts'
import type { OrderRequest } from './order-entry.ts'
import { Problem } from './problem.ts'
import { decimal, side, symbol } from './schemas.ts'

const TYPES = {
  limit: OrderType.LIMIT,
  market: OrderType.MARKET,
  stop: OrderType.STOP,
  'stop-limit': OrderType.STOP_LIMIT,
  'trailing-stop': OrderType.TRAILING_STOP,
  'market-to-limit': OrderType.MARKET_TO_LIMIT,
} as const
const TIMES = {
  gtc: TimeInForce.GTC,
  day: TimeInForce.DAY,
  gtd: TimeInForce.GTD,
  ioc: TimeInForce.IOC,
  fok: TimeInForce.FOK,
  'at-the-open': TimeInForce.AT_THE_OPEN,
  'at-the-close': TimeInForce.AT_THE_CLOSE,
} as const
const PREVENTIONS = {
  'cancel-newest': SelfTradePrevention.CANCEL_NEWEST,
  'cancel-oldest': SelfTradePrevention.CANCEL_OLDEST,
  'cancel-both': SelfTradePrevention.CANCEL_BOTH,
  'decrement-and-cancel': SelfTradePrevention.DECREMENT_AND_CANCEL,
} as const
const NS_PER_MS = 1_000_000

const id = z.int().min(1).max(2_147_483_647)

function oneOf<T extends Readonly<Record<string, number>>>(table: T) {
  const names = Object.keys(table) as [keyof T & string, ...(keyof T & string)[]]
  return z.enum(names, { error: `must be one of ${names.map((name) => `"${name}"`).join(', ')}` })
}

export const OrderBody = z.strictObject({
  symbol,
  side,
  type: oneOf(TYPES).default('limit'),
  price: decimal.optional().describe('On the tick grid; of limit and stop-limit orders'),
  quantity: decimal.describe('On the lot grid, above zero'),
  timeInForce: oneOf(TIMES)
    .optional()
    .describe('gtc when left out, ioc of a market order; gtd needs goodTill; the last two are for that auction only'),
  goodTill: z.iso.datetime().optional().describe('When a gtd order ends, as an ISO 8601 time in UTC'),
  triggerPrice: decimal.optional().describe('Of stop and stop-limit: enters when a trade reaches it'),
  trailBy: decimal.optional().describe('Of trailing-stop: how far its trigger stays behind the market'),
  displayQuantity: decimal.optional().describe('An iceberg: shows this much of its quantity'),
  minimumQuantity: decimal.optional().describe('Refused unless so much can be had at once'),
  postOnly: z
    .union([z.boolean(), z.literal('slide')])
    .optional()
    .describe('Never takes: refused if it would (true), or moved next to the best price (slide)'),
  hidden: z.boolean().optional().describe('Shown to nobody'),
  allOrNone: z.boolean().optional().describe('Waits until all of it can be had'),
  linkedClientOrderId: id.optional().describe('One cancels the other: a live order of this gateway on the same side'),
  ownerGroup: z.int().min(0).max(4_294_967_295).optional().describe('Whose orders are not to trade with each other'),
  selfTradePrevention: oneOf(PREVENTIONS).optional().describe('Instead of a trade within the ownerGroup'),
  clientOrderId: id.optional().describe('Chosen by you, unique; given by the gateway when left out'),
})

export type OrderBody = z.infer<typeof OrderBody>

/** Throws a Problem that names the field. `timeBaseUnixMs`: when the cluster's record time is 0. */
export function orderRequestOf(
  body: OrderBody,
  symbolId: number,
  instrument: Instrument,
  timeBaseUnixMs: number,
  clientOrderId: number,
): OrderRequest {
  checkPrice(body)
  const isMarket = body.type === 'market'
  const { triggerPrice, displayQuantity, minimumQuantity } = body
  const optional: Partial<OrderRequest> = {
    ...(triggerPrice !== undefined && { triggerTicks: ticksOf(triggerPrice, 'triggerPrice', instrument) }),
    ...(body.trailBy !== undefined && { triggerTicks: ticksOf(body.trailBy, 'trailBy', instrument) }),
    ...(displayQuantity !== undefined && { displayLots: lotsOf(displayQuantity, 'displayQuantity', instrument) }),
    ...(minimumQuantity !== undefined && { minimumLots: lotsOf(minimumQuantity, 'minimumQuantity', instrument) }),
    ...(body.goodTill !== undefined && { expireTimeNs: recordTimeNs(body.goodTill, timeBaseUnixMs) }),
    ...(body.linkedClientOrderId !== undefined && { linkedClientOrderId: body.linkedClientOrderId }),
    ...(body.ownerGroup !== undefined && { ownerGroup: body.ownerGroup }),
    ...(body.selfTradePrevention !== undefined && { selfTradePrevention: PREVENTIONS[body.selfTradePrevention] }),
    ...(flagsOf(body) !== 0 && { flags: flagsOf(body) }),
  }
  return {
    symbolId,
    side: body.side === 'buy' ? Side.BUY : Side.SELL,
    orderType: TYPES[body.type],
    timeInForce: TIMES[body.timeInForce ?? (isMarket ? 'ioc' : 'gtc')],
    priceTicks: body.price === undefined ? 0 : ticksOf(body.price, 'price', instrument),
    quantityLots: lotsOf(body.quantity, 'quantity', instrument),
    clientOrderId,
    ...optional,
  }
}

function checkPrice(body: OrderBody): void {
  const hasPrice = body.type === 'limit' || body.type === 'stop-limit'
  const article = `a ${body.type} order`
  if (!hasPrice && body.price !== undefined) {
    throw new Problem(422, {
      error: `${article} has no price`,
      field: 'price',
      value: body.price,
      remedy: 'Leave it out.',
    })
  }
  if (hasPrice && body.price === undefined) {
    throw new Problem(422, {
      error: `${article} needs a price`,
      field: 'price',
      remedy: 'Send a price, or type "market".',
    })
  }
  if (body.type === 'market' && body.timeInForce === 'gtc') {
    throw new Problem(422, {
      error: 'a market order cannot rest',
      field: 'timeInForce',
      value: 'gtc',
      remedy: 'Leave it out.',
    })
  }
}

function flagsOf(body: OrderBody): number {
  const postOnly =
    body.postOnly === 'slide' ? OrderFlag.POST_ONLY_SLIDE : body.postOnly === true ? OrderFlag.POST_ONLY : 0
  const hidden = body.hidden === true ? OrderFlag.HIDDEN : 0
  return postOnly | hidden | (body.allOrNone === true ? OrderFlag.ALL_OR_NONE : 0)
}

function recordTimeNs(goodTill: string, timeBaseUnixMs: number): number {
  const timeNs = (Date.parse(goodTill) - timeBaseUnixMs) * NS_PER_MS
  if (timeNs > 0 && timeNs <= Number.MAX_SAFE_INTEGER) return timeNs
  throw new Problem(422, {
    error: 'goodTill is not within the time that the cluster knows',
    field: 'goodTill',
    value: goodTill,
    remedy: 'Send a time in the future, within some weeks.',
  })
}
