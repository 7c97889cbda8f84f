// The strategy node against a real engine, message by message: when it quotes, what it asks for, and how it repairs what
// it missed.

import { beforeEach, describe, expect, test } from 'vitest'
import { OutputKind } from '../../engine/core/output.ts'
import { MemoryStorage } from '../../engine/journal/memory-storage.ts'
import { ClientSession, SessionState } from '../../protocol/client-session.ts'
import { ExecutionField } from '../../protocol/frame.ts'
import { EventKind, Reason, RiskState, Side } from '../../protocol/kinds.ts'
import { inventoryQuoter } from '../../strategies/inventory-quoter.ts'
import { type QuoteOutcome, StrategyNode } from '../../strategies/node.ts'
import { RISK_LIMITS_DEFAULT, RiskGuard } from '../../strategies/risk-guard.ts'
import { checkParameters, type Strategy } from '../../strategies/strategy.ts'
import { QUOTER_SETTINGS_DEFAULT } from '../../strategies/symbol-quoter.ts'
import { orderMessage, SoloEngine, soloConfig } from '../support/solo-engine.ts'

const NODE = 101
const TRADER = 10
const MS = 1_000_000

class Desk {
  readonly engine = new SoloEngine(new MemoryStorage())
  readonly outcomes: QuoteOutcome[] = []
  readonly node: StrategyNode
  readonly risk = new RiskGuard({ ...RISK_LIMITS_DEFAULT, lossMax: 100 }, (reason, symbolId, state, loss) => {
    this.node.authority.report({ symbolId, reason, state, lossHundredths: Math.max(0, loss * 100) })
  })
  /** Limits of its own that stand in the journal: reason, state, loss in hundredths. */
  readonly limitsReached: [reason: number, state: number, lossHundredths: number][] = []
  readonly session: ClientSession
  /** Market data for which this says so never arrives. */
  isLost: (kind: OutputKind) => boolean = () => false
  snapshotCount = 0
  /** The node is asked to decide with each book, as one in the engine's process is; and whether it wrote a quote. */
  isActing = false
  readonly acted: boolean[] = []
  /** While it is false the strategy wants no quote. */
  isQuoteWanted = true
  #clientSeq = 0
  #incarnation = 0

  constructor() {
    const parameters = checkParameters(inventoryQuoter, { halfSpreadTicks: 5, quantityLots: 10, skewTicksPerLot: 1 })
    if (typeof parameters === 'string') throw new Error(parameters)
    const quoting = inventoryQuoter.create(parameters)
    const strategy: Strategy = {
      name: quoting.name,
      propose: (context, proposal) => {
        if (this.isQuoteWanted) quoting.propose(context, proposal)
      },
    }
    const [first] = soloConfig.instruments
    const symbol = { symbol: first!.symbol, symbolId: 0, openingTicks: first!.openingPriceTicks }
    this.node = new StrategyNode(
      [{ ...symbol, strategy }],
      { ...QUOTER_SETTINGS_DEFAULT, quoteTtlNs: 20_000 * MS, risk: this.risk },
      250 * MS,
      {
        watch: () => {},
        onGranted: () => {},
        onLost: () => {},
        requestSnapshot: (symbolId) => {
          this.snapshotCount += 1
          const { core, epoch } = this.engine.engine
          this.node.onSnapshot(symbolId, core.marketData.snapshotFrame(symbolId, 'l2', epoch).slice(), this.nowNs)
        },
        requestPositions: () => {
          const { positions } = this.engine.engine.core.desk
          this.node.onPosition(0, positions.netLots(0), positions.version(0), this.nowNs)
        },
        onOutcome: (outcome) => this.outcomes.push(outcome),
        onQuoteEnded: () => {},
        schedule: () => {},
      },
    )
    this.session = new ClientSession(
      { clientId: NODE, nonce: 7 },
      { transmit: (message) => this.engine.engine.offer(NODE, message), requestResend: () => {} },
      {
        onReport: (reader, index) => {
          this.node.onReport(reader, index, this.nowNs)
          if (reader.uint8(index, ExecutionField.KIND) !== EventKind.NODE_LIMIT_REACHED) return
          const state = reader.int32(index, ExecutionField.QUANTITY_LOTS)
          const lossHundredths = reader.float64(index, ExecutionField.TRADE_ID)
          this.limitsReached.push([reader.uint8(index, ExecutionField.REASON), state, lossHundredths])
        },
        onState: (state) => {
          if (state === SessionState.OPEN) this.node.onSessionOpened(this.session)
        },
      },
    )
    this.engine.onOutput = (kind, streamId, payload) => this.#hear(kind, streamId, payload)
    this.session.open(this.nowNs)
    this.run(5 * MS)
    this.#incarnation = this.engine.open(TRADER)
  }

  get nowNs(): number {
    return this.engine.nowNs
  }

  get quote(): string {
    const { exchange } = this.engine.engine.core
    const side = (side: Side) => `${exchange.quoteLots(0, side)}@${exchange.quoteTicks(0, side)}`
    return exchange.quoteClientId(0) === NODE ? `${side(Side.BUY)} ${side(Side.SELL)}` : 'none'
  }

  get netLots(): number {
    return this.engine.engine.core.desk.positions.netLots(0)
  }

  /** Time passes in steps of a millisecond. */
  run(durationNs: number): void {
    for (const untilNs = this.nowNs + durationNs; this.nowNs < untilNs; ) {
      this.node.onEngineHeard(this.nowNs)
      this.node.poll(this.nowNs)
      this.session.poll(this.nowNs)
      this.engine.pass(MS)
    }
  }

  trade(side: Side, quantityLots: number, priceTicks: number): void {
    this.#clientSeq += 1
    this.engine.send(
      TRADER,
      orderMessage(TRADER, this.#incarnation, this.#clientSeq, { side, quantityLots, priceTicks }),
    )
  }

  #hear(kind: OutputKind, streamId: number, payload: Uint8Array): void {
    if (this.isLost(kind)) return
    const frame = payload.slice()
    if (kind === OutputKind.EXECUTIONS && streamId === NODE) this.session.onFrame(frame, this.nowNs)
    else if (kind === OutputKind.L2) {
      this.node.onL2(streamId, frame, this.nowNs)
      if (this.isActing) this.acted.push(this.node.act(streamId, this.nowNs))
    } else if (kind === OutputKind.L1) this.node.onL1(streamId, frame, this.nowNs)
    else if (kind === OutputKind.TRADES) this.node.onTrades(streamId, frame, this.nowNs)
    else if (kind === OutputKind.POSITION) this.node.onPositionFrame(streamId, frame, this.nowNs)
  }
}

let desk: Desk
beforeEach(() => {
  desk = new Desk()
  desk.run(50 * MS)
})

test('it quotes both sides around the opening price as soon as it knows the market', () => {
  expect(desk.quote).toBe('10@995 10@1005')
  expect(desk.outcomes).toMatchObject([{ outcome: 'granted', quoteId: 1, positionVersion: 0 }])
})

describe('it replaces its quote', () => {
  test('at once after a committed fill, shifted against the inventory', () => {
    desk.trade(Side.SELL, 4, 995)
    expect(desk.netLots).toBe(4)
    desk.run(25 * MS)
    // The last trade stands for a market without others; four lots long, both sides four ticks lower.
    expect(desk.quote).toBe('10@986 10@996')
    expect(desk.outcomes.at(-1)).toMatchObject({ outcome: 'granted', positionVersion: 1 })
  })

  test('when the market moves, and not for its own prices', () => {
    desk.trade(Side.BUY, 7, 1_003)
    desk.trade(Side.SELL, 7, 1_007)
    desk.run(50 * MS)
    expect(desk.quote).toBe('10@1000 10@1010')
    const { length } = desk.outcomes
    desk.run(1_000 * MS)
    expect(desk.outcomes.length).toBe(length)
  })

  test('at least every five seconds', () => {
    const { length } = desk.outcomes
    desk.run(5_100 * MS)
    expect(desk.outcomes.length).toBe(length + 1)
    expect(desk.outcomes.at(-1)).toMatchObject({ outcome: 'granted' })
    expect(desk.outcomes.at(-1)?.tickToQuoteNs).toBeNaN()
  })
})

test('what a quote took is counted from the news it answers, or from when its pace allowed it', () => {
  // News while a quote is under way, and while the next one has to wait.
  for (const priceTicks of [1_003, 1_002, 1_001, 1_004]) {
    desk.trade(Side.BUY, 7, priceTicks)
    desk.run(3 * MS)
  }
  desk.run(50 * MS)
  const taken = desk.outcomes.map(({ tickToQuoteNs }) => tickToQuoteNs).filter((ns) => !Number.isNaN(ns))
  expect(taken.length).toBeGreaterThan(0)
  expect(Math.min(...taken)).toBeGreaterThanOrEqual(0)
  // A pass of this market takes a millisecond.
  expect(Math.max(...taken)).toBeLessThanOrEqual(MS)
})

describe('in the process of the engine', () => {
  test('it quotes with the book itself, before anything else is told', () => {
    desk.isActing = true
    desk.trade(Side.BUY, 7, 1_003)
    expect(desk.acted).toEqual([true])
    desk.run(5 * MS)
    expect(desk.quote).toBe('10@998 10@1008')
  })

  test('after a trade it waits until the position is known', () => {
    desk.isActing = true
    desk.trade(Side.SELL, 4, 995)
    expect(desk.acted).toEqual([false])
    desk.run(25 * MS)
    expect(desk.outcomes.at(-1)).toMatchObject({ outcome: 'granted', positionVersion: 1 })
    // The book of the next tick holds no trade.
    desk.acted.length = 0
    desk.trade(Side.SELL, 7, 994)
    expect(desk.acted).toEqual([true])
  })
})

test('a fill that it has not heard of makes its quote stale: it asks for the position and quotes again', () => {
  desk.isLost = (kind) => kind === OutputKind.POSITION
  desk.trade(Side.SELL, 4, 995)
  // Moves the market, so that it wants to quote.
  desk.trade(Side.BUY, 7, 1_003)
  desk.run(20 * MS)
  desk.isLost = () => false
  desk.run(1_000 * MS)
  expect(desk.outcomes).toContainEqual(expect.objectContaining({ outcome: 'refused', reason: Reason.STALE_POSITION }))
  expect(desk.outcomes.at(-1)).toMatchObject({ outcome: 'granted', positionVersion: 1 })
})

test('a gap in the market data is seen with the next frame, and closed by a snapshot', () => {
  const asked = desk.snapshotCount
  desk.isLost = (kind) => kind === OutputKind.L2
  desk.trade(Side.BUY, 7, 990)
  desk.isLost = () => false
  desk.trade(Side.BUY, 7, 989)
  desk.run(600 * MS)
  expect(desk.snapshotCount).toBe(asked + 1)
  expect(desk.node.counts).toMatchObject({ gapCount: 1, gapRepairedCount: 1 })
  const [quoter] = desk.node.quoters
  const { bids } = quoter!.mirror
  expect(Array.from({ length: bids.count }, (_, index) => bids.ticksAt(index))).toEqual([995, 990, 989])
})

test('while nothing is heard of the engine, no quote is sent', () => {
  const { writtenSeq } = desk.session
  for (let ms = 0; ms < 10_000; ms += 10) desk.node.poll(desk.nowNs + ms * MS)
  desk.session.poll(desk.nowNs)
  // But one renewal, which is not repeated while it is not answered, and that the limit of the market's age was reached.
  expect(desk.session.writtenSeq).toBe(writtenSeq + 2)
})

test('when the strategy wants no quote any more, the one that stands is withdrawn, and no attempt is made', () => {
  desk.isQuoteWanted = false
  desk.trade(Side.BUY, 7, 1_003)
  desk.run(25 * MS)
  expect(desk.quote).toBe('none')
  const { length } = desk.outcomes
  const { writtenSeq } = desk.session
  desk.run(100 * MS)
  expect(desk.outcomes.length).toBe(length)
  expect(desk.session.writtenSeq).toBe(writtenSeq)
  desk.isQuoteWanted = true
  desk.trade(Side.BUY, 7, 1_004)
  desk.run(25 * MS)
  expect(desk.quote).toBe('10@999 10@1009')
})

test('a node that has lost too much withdraws its quote, and quotes no more', () => {
  const desk = new Desk()
  desk.run(1_000 * MS)
  expect(desk.quote).toBe('10@995 10@1005')
  desk.trade(Side.BUY, 10, 1_005)
  desk.run(100 * MS)
  expect(desk.netLots).toBe(-10)
  // As if it had been sold at 900: far below what it is worth.
  desk.risk.begin(0, 1, -10, 900)
  desk.run(6_000 * MS)
  expect(desk.risk.state).toBe(RiskState.OFF)
  expect(desk.limitsReached).toEqual([[Reason.LOSS_LIMIT, RiskState.OFF, Math.round(-desk.risk.profit * 100)]])
  expect(desk.quote).toBe('none')
})
