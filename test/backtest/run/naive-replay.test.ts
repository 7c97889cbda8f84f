// The replay against a plain one, over random markets, orders and settings that the recorded results do not reach: clears
// of one side and of both, rows that one side alone sees, crossed books, every kind of order, changes of orders, latency
// rows that refuse, every queue model with several powers, whole and partial fills, queues by order.

import { describe, expect, test } from 'vitest'
import { RowChunks } from '../../../backtest/feed-rows.ts'
import { FeeBasis, type FeeModel } from '../../../backtest/replay/account.ts'
import { interpolatedLatency, type LatencyTable } from '../../../backtest/replay/latency-model.ts'
import { queueModelOf } from '../../../backtest/replay/queue-model.ts'
import { Replay } from '../../../backtest/replay/replay.ts'
import { NO_ASK, NO_BID, type ReplayBook } from '../../../backtest/replay/replay-book.ts'
import { FillRule } from '../../../backtest/replay/replay-exchange.ts'
import { OrderStatus, Pending } from '../../../backtest/replay/replay-order.ts'
import { Prng } from '../../../base/prng.ts'
import { Side, TimeInForce } from '../../../protocol/kinds.ts'
import { type NaiveBook, NaiveReplay, type NaiveRow } from '../../support/naive-replay.ts'

const TICK_SIZE = 0.5
const LOT_SIZE = 0.25
const MIDDLE = 100
const ROW_COUNT = 1_200
const SEED_COUNT = 24

const KIND_CODES = { depth: 1, trade: 2, clear: 3, snapshot: 4, add: 10, cancel: 11, modify: 12, fill: 13 } as const

/** The probabilities as they are written down, by model. */
const MODELS: readonly (readonly [string, ((f: number, b: number) => number) | null])[] = [
  ['RiskAdverse', null],
  ['PowerProb2.0', (f, b) => b ** 2 / (b ** 2 + f ** 2)],
  ['PowerProb2_1.5', (f, b) => b ** 1.5 / (b + f) ** 1.5],
  ['PowerProb3_0.7', (f, b) => 1 - (f / (f + b)) ** 0.7],
  ['LogProb', (f, b) => Math.log(1 + b) / (Math.log(1 + b) + Math.log(1 + f))],
  ['LogProb2', (f, b) => Math.log(1 + b) / Math.log(1 + (b + f))],
]

function randomRows(prng: Prng, isByOrder: boolean): NaiveRow[] {
  const rows: NaiveRow[] = []
  const live = new Map<number, { side: Side; ticks: number; quantity: number }>()
  let [exchangeNs, localNs, lastId] = [1_000, 1_500, 0]
  const lots = (most: number) => prng.nextBetween(1, most) * LOT_SIZE
  const near = () => MIDDLE + prng.nextBetween(-8, 8)
  while (rows.length < ROW_COUNT) {
    if (prng.nextChance(0.7)) exchangeNs += prng.nextBetween(0, 60)
    localNs = Math.max(localNs, exchangeNs + prng.nextBetween(0, 90))
    const side = prng.nextChance(0.5) ? Side.BUY : Side.SELL
    const seen = prng.nextBelow(10)
    const times = { exchangeNs, localNs, isExchange: seen !== 0, isLocal: seen !== 1 }
    const push = (row: Pick<NaiveRow, 'kind' | 'side' | 'ticks' | 'quantity' | 'orderId'>) =>
      rows.push({ ...row, ...times })
    if (prng.nextChance(0.01)) {
      const isOneSide = prng.nextChance(0.7)
      // By order both sides must know the same orders.
      if (isByOrder) Object.assign(times, { isExchange: true, isLocal: true })
      push({ kind: 'clear', side: isOneSide ? side : null, ticks: near(), quantity: 0, orderId: 0 })
      for (const [id, order] of live) if (!isOneSide || order.side === side) live.delete(id)
      continue
    }
    if (!isByOrder) {
      const away = prng.nextBetween(-1, 7)
      const ticks = side === Side.BUY ? MIDDLE - away : MIDDLE + away
      if (prng.nextChance(0.3)) push({ kind: 'trade', side, ticks: near(), quantity: lots(12), orderId: 0 })
      else {
        const quantity = prng.nextChance(0.3) ? 0 : lots(30)
        push({ kind: prng.nextChance(0.1) ? 'snapshot' : 'depth', side, ticks, quantity, orderId: 0 })
      }
      continue
    }
    Object.assign(times, { isExchange: true, isLocal: true })
    const ids = [...live.keys()]
    const id = ids[prng.nextBelow(Math.max(1, ids.length))]
    const known = id === undefined ? undefined : live.get(id)
    if (known === undefined || ids.length < 12 || prng.nextChance(0.3)) {
      lastId += 1
      const order = {
        side,
        ticks: side === Side.BUY ? MIDDLE - prng.nextBetween(-1, 6) : MIDDLE + prng.nextBetween(-1, 6),
        quantity: lots(20),
      }
      live.set(lastId, order)
      push({ kind: 'add', ...order, orderId: lastId })
    } else if (prng.nextChance(0.4)) {
      push({
        kind: 'fill',
        side: known.side,
        ticks: known.ticks + prng.nextBetween(-1, 1),
        quantity: LOT_SIZE,
        orderId: id!,
      })
    } else if (prng.nextChance(0.5)) {
      if (prng.nextChance(0.4)) known.ticks += prng.nextBetween(-2, 2)
      known.quantity = lots(20)
      push({ kind: 'modify', ...known, orderId: id! })
    } else {
      live.delete(id!)
      push({ kind: 'cancel', ...known, quantity: 0, orderId: id! })
    }
  }
  return rows
}

/** A table of recorded latencies, some of them refusals, and the same as plain functions. */
function randomLatency(prng: Prng) {
  const [sent, exchange, answered]: [number[], number[], number[]] = [[], [], []]
  let [sentNs, exchangeNs] = [900, 900]
  for (let row = 0; row < 60; row++) {
    sentNs += prng.nextBetween(200, 900)
    // Before it was sent: a refusal, after as long. No time at all: a refusal, after its answer's time.
    const isBefore = prng.nextChance(0.15)
    exchangeNs = Math.max(exchangeNs + 1, sentNs + (isBefore ? -prng.nextBetween(1, 150) : prng.nextBetween(0, 150)))
    sent.push(sentNs)
    exchange.push(prng.nextChance(0.1) ? Number.NaN : exchangeNs)
    answered.push(Math.max(sentNs, exchangeNs) + prng.nextBetween(0, 200))
  }
  const columns = [sent, exchange, answered].map((column) => Float64Array.from(column))
  const table: LatencyTable = { sentNs: columns[0]!, exchangeNs: columns[1]!, answeredNs: columns[2]! }
  const between = (from: number[], to: number[], timeNs: number) => {
    const last = from.length - 1
    if (timeNs < from[0]!) return to[0]! - from[0]!
    if (timeNs >= from[last]!) return to[last]! - from[last]!
    const i = from.findLastIndex((at) => at <= timeNs)
    const [y0, y1] = [to[i]! - from[i]!, to[i + 1]! - from[i + 1]!]
    return Math.trunc(((y1 - y0) / (from[i + 1]! - from[i]!)) * (timeNs - from[i]!)) + y0
  }
  const [acceptedExchange, acceptedAnswered] = [exchange, answered].map((column) =>
    column.filter((_, at) => !Number.isNaN(exchange[at]!)),
  )
  return {
    table,
    entryNs: (timeNs: number) => {
      const latencyNs = between(sent, exchange, timeNs)
      return Number.isNaN(latencyNs) ? -between(sent, answered, timeNs) : latencyNs
    },
    responseNs: (timeNs: number) => between(acceptedExchange!, acceptedAnswered!, timeNs),
  }
}

const FEES: readonly (readonly [
  FeeModel,
  (side: Side, amount: number, quantity: number, isMaker: boolean) => number,
])[] = [
  [
    { basis: FeeBasis.VALUE, maker: -0.0001, taker: 0.0007, buyerExtra: 0.0005, sellerExtra: 0 },
    (side, amount, _, isMaker) => ((isMaker ? -0.0001 : 0.0007) + (side === Side.BUY ? 0.0005 : 0)) * amount,
  ],
  [
    { basis: FeeBasis.QUANTITY, maker: 0.01, taker: 0.03, buyerExtra: 0, sellerExtra: 0.02 },
    (side, _, quantity, isMaker) => ((isMaker ? 0.01 : 0.03) + (side === Side.SELL ? 0.02 : 0)) * quantity,
  ],
  [
    { basis: FeeBasis.FLAT, maker: 1, taker: 2, buyerExtra: 0, sellerExtra: 0 },
    (_, _amount, _quantity, isMaker) => (isMaker ? 1 : 2),
  ],
]

const STATUS_NAMES = {
  [OrderStatus.NONE]: 'none',
  [OrderStatus.NEW]: 'new',
  [OrderStatus.FILLED]: 'filled',
  [OrderStatus.CANCELLED]: 'cancelled',
  [OrderStatus.EXPIRED]: 'expired',
  [OrderStatus.PARTLY_FILLED]: 'part',
} as const

function runBoth(seed: number, isByOrder: boolean): { fills: number; kinds: Set<string> } {
  const prng = new Prng(seed)
  const rows = randomRows(prng, isByOrder)
  const latency = randomLatency(prng)
  const [modelName, probability] = MODELS[seed % MODELS.length]!
  const [fees, fee] = FEES[seed % FEES.length]!
  const fillsWhole = isByOrder || seed % 2 === 0
  const naive = new NaiveReplay(rows, {
    ...{ tickSize: TICK_SIZE, lotSize: LOT_SIZE, probability, fillsWhole, isByOrder, fee },
    ...{ entryNs: latency.entryNs, responseNs: latency.responseNs },
  })
  const chunks = new RowChunks(isByOrder, TICK_SIZE)
  for (const row of rows) {
    const side = row.side === null ? 0 : row.side === Side.BUY ? 2 ** 29 : 2 ** 28
    const word = KIND_CODES[row.kind] + side + (row.isExchange ? 2 ** 31 : 0) + (row.isLocal ? 2 ** 30 : 0)
    chunks.push(word, row.exchangeNs, row.localNs, row.ticks * TICK_SIZE, row.quantity, row.orderId)
  }
  chunks.finish()
  const source = { isByOrder, pull: () => chunks.full.shift() ?? null }
  const fills: string[] = []
  const replay = new Replay(
    source.pull(),
    source,
    {
      ...{ tickSize: TICK_SIZE, lotSize: LOT_SIZE, fees, contract: { size: 1, isInverse: false } },
      ...{ latency: interpolatedLatency(latency.table), queueModel: queueModelOf(modelName)! },
      fillRule: fillsWhole ? FillRule.WHOLE : FillRule.PARTIAL,
    },
    {
      onFill: ({ exchangeNs, id, side, execTicks, execQuantity, isMaker }, _fee, nowNs) =>
        fills.push([exchangeNs, nowNs, id, side, execTicks, execQuantity, isMaker].join(',')),
    },
  )
  const kinds = new Set<string>()
  for (let step = 0; ; step++) {
    const durationNs = prng.nextBetween(1, 250)
    const isOn = naive.elapse(durationNs)
    expect(replay.elapse(durationNs), `step ${step}`).toBe(isOn)
    expect(fills, `step ${step}`).toEqual(naive.fills)
    if (!isOn) break
    expect(describeReal(replay), `step ${step}`).toEqual(describeNaive(naive))
    for (const { status } of naive.orders.values()) kinds.add(status)
    naive.forgetEnded()
    replay.forgetEnded()
    act(prng, naive, replay)
  }
  expect(replay.account).toMatchObject({ position: naive.position, balance: naive.balance, fee: naive.fee })
  return { fills: fills.length, kinds }
}

function act(prng: Prng, naive: NaiveReplay, replay: Replay): void {
  for (const { id, status, isPending, ticks, leaves } of [...naive.orders.values()]) {
    if (isPending || (status !== 'new' && status !== 'part') || !prng.nextChance(0.15)) continue
    if (prng.nextChance(0.5)) {
      naive.cancel(id)
      replay.cancel(id)
      continue
    }
    const wantedTicks = prng.nextChance(0.5) ? ticks : ticks + prng.nextBetween(-2, 2)
    const wanted = prng.nextChance(0.5) ? prng.nextBetween(1, 12) * LOT_SIZE : leaves
    naive.modify(id, wantedTicks, wanted)
    replay.modify(id, wantedTicks, wanted)
  }
  if (naive.orders.size > 7 || prng.nextChance(0.3)) return
  const side = prng.nextChance(0.5) ? Side.BUY : Side.SELL
  const kind = prng.nextBelow(10)
  const isPostOnly = kind < 5
  const timeInForce = kind === 5 ? TimeInForce.IOC : kind === 6 ? TimeInForce.FOK : TimeInForce.GTC
  const isMarket = kind === 7
  const reach = isPostOnly ? prng.nextBetween(-1, 3) : prng.nextBetween(-3, 2)
  const ticks = side === Side.BUY ? MIDDLE - reach : MIDDLE + reach
  const quantity = prng.nextBetween(1, 16) * LOT_SIZE
  naive.submit({ side, ticks, quantity, timeInForce, isPostOnly, isMarket })
  replay.submit({ side, priceTicks: ticks, quantity, timeInForce, isPostOnly, isMarket })
}

function describeNaive({ localBook, exchangeBook, orders, position, balance, fee }: NaiveReplay) {
  const touch = ({ bid, ask }: NaiveBook) => [bid === -Infinity ? null : bid, ask === Infinity ? null : ask]
  const list = [...orders.values()].map(({ id, status, leaves, ticks, isPending }) => {
    return [id, status, leaves, ticks, isPending].join(' ')
  })
  return { touches: [touch(localBook), touch(exchangeBook)], orders: list, position, balance, fee }
}

function describeReal({ book, exchange, orders, account }: Replay) {
  const touch = ({ bestBid, bestAsk }: ReplayBook) => [
    bestBid === NO_BID ? null : bestBid,
    bestAsk === NO_ASK ? null : bestAsk,
  ]
  const list = [...orders.values()].map(({ id, status, leaves, priceTicks, pending }) => {
    return [id, STATUS_NAMES[status], leaves, priceTicks, pending !== Pending.NONE].join(' ')
  })
  const { position, balance, fee } = account
  return { touches: [touch(book), touch(exchange.book)], orders: list, position, balance, fee }
}

describe.each([
  ['by level', false],
  ['by order', true],
] as const)('%s', (_, isByOrder) => {
  test('the replay and a plain one do the same, event by event', () => {
    let fills = 0
    const kinds = new Set<string>()
    for (let seed = 1; seed <= SEED_COUNT; seed++) {
      const outcome = runBoth(seed, isByOrder)
      fills += outcome.fills
      for (const kind of outcome.kinds) kinds.add(kind)
    }
    expect(fills).toBeGreaterThan(SEED_COUNT * 10)
    expect([...kinds].sort()).toEqual([
      ...['cancelled', 'expired', 'filled', 'new', 'none'],
      ...(isByOrder ? [] : ['part']),
    ])
  })
})
