// Runs the reference strategy over a feed and writes down what it did, in the words of the expected results.

import { Side } from '../../protocol/kinds.ts'
import { ReferenceQuoter } from '../reference-quoter.ts'
import { FeeBasis } from '../replay/account.ts'
import type { LatencyModel } from '../replay/latency-model.ts'
import type { QueueModel } from '../replay/queue-model.ts'
import { Replay } from '../replay/replay.ts'
import { NO_ASK, NO_BID, type ReplayBook } from '../replay/replay-book.ts'
import { FillRule } from '../replay/replay-exchange.ts'
import type { ReplayOrder } from '../replay/replay-order.ts'
import type { RowChunk, RowSource } from '../replay/replay-rows.ts'

const MAKER_FEE = -0.00005
const TAKER_FEE = 0.0007

export type GoldenMarket = {
  readonly rows: RowSource
  readonly first: RowChunk | null
  /** Seconds from 1970 (or the midnight of the day) to time 0 of the rows. */
  readonly timeBaseS: number
  readonly tickSize: number
  readonly lotSize: number
}

export type GoldenSettings = {
  readonly modelName: string
  readonly queueModel: QueueModel
  readonly latency: LatencyModel
  readonly quantity: number
  readonly takerQuantity: number
}

export type GoldenOutcome = {
  readonly fills: string[]
  readonly requests: string[]
  readonly steps: string[]
  readonly end: string
  readonly rowCount: number
}

export function runGolden(market: GoldenMarket, settings: GoldenSettings): GoldenOutcome {
  const { modelName } = settings
  const replay = goldenReplay(market, settings)
  const fills: string[] = []
  const requests: string[] = []
  const steps: string[] = []
  const time = (ns: number) => timeText(market.timeBaseS, ns)
  let before = ''
  const quoter = new ReferenceQuoter(replay, settings.quantity, settings.takerQuantity, {
    onFilled: (order, seenNs) => {
      const { id, exchangeNs, execTicks, isMaker } = order
      const facts = [id, sideText(order), execTicks, order.quantity, isMaker ? 1 : 0]
      fills.push([modelName, time(exchangeNs), time(seenNs), ...facts].join(','))
    },
    onRequest: (action, order, nowNs) => {
      const quantity = action === 'N' ? order.quantity : order.leaves
      const timeInForce = order.isPostOnly ? 'GTX' : 'IOC'
      const facts = [order.id, sideText(order), order.priceTicks, quantity, timeInForce]
      requests.push([modelName, time(nowNs), action, ...facts].join(','))
    },
    onStep: (step) => {
      const state = `${touchText(replay.book)},${replay.account.position.toFixed(6)}`
      if (market.rows.isByOrder && state === before) return
      before = state
      steps.push(`${modelName},${step},${time(replay.nowNs)},${state}`)
    },
  })
  quoter.run()
  return { fills, requests, steps, end: endText(settings, replay, quoter), rowCount: replay.exchange.rowCount }
}

/** The same run with nothing written down: what benches time. Gives the number of fills. */
export function goldenReplay(market: GoldenMarket, { queueModel, latency }: GoldenSettings): Replay {
  return new Replay(market.first, market.rows, {
    tickSize: market.tickSize,
    lotSize: market.lotSize,
    latency,
    queueModel,
    fillRule: FillRule.WHOLE,
    fees: { basis: FeeBasis.VALUE, maker: MAKER_FEE, taker: TAKER_FEE, buyerExtra: 0, sellerExtra: 0 },
    contract: { size: 1, isInverse: false },
  })
}

function endText({ modelName, takerQuantity }: GoldenSettings, replay: Replay, { counts }: ReferenceQuoter): string {
  const { account, book } = replay
  const { tickSize } = replay.settings
  const mid = (book.bestBid * tickSize + book.bestAsk * tickSize) / 2
  const fields = [
    `${modelName} end=EndOfData steps=${counts.steps} subs=${counts.subs} cancels=${counts.cancels}`,
    `fills=${counts.fills} pos=${account.position.toFixed(6)} balance=${account.balance.toFixed(6)}`,
    `fee=${account.fee.toFixed(8)} trades=${account.tradeCount} vol=${account.quantity.toFixed(6)}`,
    `value=${account.value.toFixed(4)} mid=${mid} equity=${account.equity(mid).toFixed(6)} expired=${counts.expired}`,
  ]
  if (takerQuantity > 0) {
    fields.push(`takers=${counts.takers} taker_fills=${counts.takerFills} taker_expired=${counts.takerExpired}`)
  }
  return fields.join(' ')
}

function touchText({ bestBid, bestAsk }: ReplayBook): string {
  return `${bestBid === NO_BID ? '' : bestBid},${bestAsk === NO_ASK ? '' : bestAsk}`
}

function sideText({ side }: ReplayOrder): string {
  return side === Side.BUY ? 'B' : 'S'
}

/** Nanoseconds since 1970, of which a double holds too few digits. */
export function timeText(baseS: number, ns: number): string {
  const seconds = Math.floor(ns / 1e9)
  const whole = baseS + seconds
  const rest = ns - seconds * 1e9
  return whole === 0 ? `${rest}` : `${whole}${String(rest).padStart(9, '0')}`
}
