// Quoting on more than one level: an addition to the strategy contract for venues that take many orders.
//
// The live exchange has one two-sided quote per symbol; there a ladder strategy is asked by `propose` like any other, and
// answers with its innermost level. A backtest asks for the whole ladder.

import { PRICE_TICKS_MAX } from '../protocol/limits.ts'
import type { QuoteProposal, Strategy, StrategyContext } from './strategy.ts'

export const LADDER_LEVEL_COUNT_MAX = 64

/** Levels of both sides, best first. Reused between questions. */
export class QuoteLadder {
  bidCount = 0
  askCount = 0
  /** Ask again at this time even if nothing happens; 0: no wish. */
  askAgainNs = 0
  readonly bidTicks = new Int32Array(LADDER_LEVEL_COUNT_MAX)
  readonly bidLots = new Float64Array(LADDER_LEVEL_COUNT_MAX)
  readonly askTicks = new Int32Array(LADDER_LEVEL_COUNT_MAX)
  readonly askLots = new Float64Array(LADDER_LEVEL_COUNT_MAX)

  clear(): void {
    this.bidCount = 0
    this.askCount = 0
    this.askAgainNs = 0
  }

  /** Passed over: no quantity, a price that does not exist, or one that a better level has already. */
  addBid(ticks: number, lots: number): void {
    const last = this.bidCount - 1
    if (lots < 1 || ticks < 1 || this.bidCount === LADDER_LEVEL_COUNT_MAX) return
    if (last >= 0 && ticks >= this.bidTicks[last]!) return
    this.bidTicks[this.bidCount] = ticks
    this.bidLots[this.bidCount] = lots
    this.bidCount += 1
  }

  addAsk(ticks: number, lots: number): void {
    const last = this.askCount - 1
    if (lots < 1 || ticks > PRICE_TICKS_MAX || this.askCount === LADDER_LEVEL_COUNT_MAX) return
    if (last >= 0 && ticks <= this.askTicks[last]!) return
    this.askTicks[this.askCount] = ticks
    this.askLots[this.askCount] = lots
    this.askCount += 1
  }
}

export type LadderStrategy = Strategy & {
  /** Writes the levels that should stand now into `ladder`, which comes empty. */
  proposeLadder(context: StrategyContext, ladder: QuoteLadder): void
}

export function isLadderStrategy(strategy: Strategy): strategy is LadderStrategy {
  return 'proposeLadder' in strategy
}

/** The innermost level of a ladder, as the answer of a strategy that is asked for one quote. */
export function proposeInnermost(
  strategy: LadderStrategy,
  context: StrategyContext,
  ladder: QuoteLadder,
  proposal: QuoteProposal,
): void {
  ladder.clear()
  strategy.proposeLadder(context, ladder)
  proposal.askAgainNs = ladder.askAgainNs
  if (ladder.bidCount > 0) {
    proposal.bidTicks = ladder.bidTicks[0]!
    proposal.bidLots = ladder.bidLots[0]!
  }
  if (ladder.askCount > 0) {
    proposal.askTicks = ladder.askTicks[0]!
    proposal.askLots = ladder.askLots[0]!
  }
}
