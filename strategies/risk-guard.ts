// What a node does not let its strategies do, beside what the desk does not let it: limits on the inventory of a symbol, on
// what the node may lose, and on how far from the reference price it may quote.
//
// Profit counts from when the node took a symbol over: cash of its fills plus what the inventory is worth at the reference
// price, in money over all symbols. A loss of `lossMax` makes the node reduce-only: it quotes only the side that makes the
// inventory smaller. A loss of twice that switches it off: its quotes are withdrawn. Neither ends by itself: a node is
// started again by somebody who knows why.

import { Reason, RiskState, Side } from '../protocol/kinds.ts'
import type { MarketView, QuoteProposal } from './strategy.ts'

export type RiskLimits = {
  /** Lots of one symbol, long or short; the side that would exceed it is made smaller. */
  readonly inventoryLotsMax: number
  /** Money. */
  readonly lossMax: number
  /** Distance of a price from the reference price, in hundredths of a percent. */
  readonly distanceBpMax: number
}

export const RISK_LIMITS_DEFAULT: RiskLimits = {
  inventoryLotsMax: Number.POSITIVE_INFINITY,
  lossMax: Number.POSITIVE_INFINITY,
  distanceBpMax: 1_000,
}

/** Which limit was reached: the symbol's last quote was cut or left out for it, or the node's state changed. */
export type RiskListener = (reason: Reason, symbolId: number, state: RiskState, loss: number) => void

type Account = { moneyPerTickLot: number; cashTickLots: number; netLots: number; markTicks: number }

const SIDES = [Side.BUY, Side.SELL] as const

export class RiskGuard {
  state: RiskState = RiskState.NORMAL
  reachedCount = 0
  readonly #limits: RiskLimits
  readonly #onReached: RiskListener
  readonly #accounts = new Map<number, Account>()
  /** What was reached last in each symbol and has not been clear since: told once. */
  readonly #standing = new Set<string>()
  /** Profit in symbols that other nodes have taken over. Money. */
  #banked = 0

  constructor(limits: RiskLimits, onReached: RiskListener) {
    this.#limits = limits
    this.#onReached = onReached
  }

  /** The position is known, for the first time or anew: from here on profit counts. */
  begin(symbolId: number, moneyPerTickLot: number, netLots: number, markTicks: number): void {
    this.#banked += this.#profitOf(this.#accounts.get(symbolId))
    this.#accounts.set(symbolId, { moneyPerTickLot, cashTickLots: -netLots * markTicks, netLots, markTicks })
  }

  onFill(symbolId: number, netLots: number, priceTicks: number): void {
    const account = this.#accounts.get(symbolId)
    if (account === undefined) return
    account.cashTickLots -= (netLots - account.netLots) * priceTicks
    account.netLots = netLots
  }

  /** Money; below 0 a loss. */
  get profit(): number {
    let profit = this.#banked
    for (const account of this.#accounts.values()) profit += this.#profitOf(account)
    return profit
  }

  /** Cuts what the strategy proposes for a symbol down to what is allowed. */
  limit(symbolId: number, netLots: number, market: Readonly<MarketView>, proposal: QuoteProposal): void {
    const account = this.#accounts.get(symbolId)
    if (account !== undefined) account.markTicks = market.referenceTicks
    this.#checkLoss(symbolId)
    this.#note(Reason.STALE_MARKET, symbolId, false)
    const before = proposal.bidLots + proposal.askLots
    for (const side of SIDES) this.#cut(side, proposal, this.#roomLots(side, netLots))
    this.#note(
      Reason.INVENTORY_LIMIT,
      symbolId,
      this.state === RiskState.NORMAL && proposal.bidLots + proposal.askLots < before,
    )
    const reach = (market.referenceTicks * this.#limits.distanceBpMax) / 10_000
    let isFar = false
    for (const side of SIDES) {
      const [ticks, lots] =
        side === Side.BUY ? [proposal.bidTicks, proposal.bidLots] : [proposal.askTicks, proposal.askLots]
      if (lots === 0 || Math.abs(ticks - market.referenceTicks) <= reach) continue
      isFar = true
      this.#cut(side, proposal, 0)
    }
    this.#note(Reason.FAR_FROM_REFERENCE, symbolId, isFar)
  }

  /** A quote was due, and nothing had been heard of the market for too long. */
  onStaleMarket(symbolId: number): void {
    this.#note(Reason.STALE_MARKET, symbolId, true)
  }

  #checkLoss(symbolId: number): void {
    const loss = -this.profit
    const { lossMax } = this.#limits
    const wanted = loss >= 2 * lossMax ? RiskState.OFF : loss >= lossMax ? RiskState.REDUCE_ONLY : RiskState.NORMAL
    if (wanted <= this.state) return
    this.state = wanted
    this.reachedCount += 1
    this.#onReached(Reason.LOSS_LIMIT, symbolId, this.state, loss)
  }

  /** How many lots the side may be. */
  #roomLots(side: Side, netLots: number): number {
    const signed = side === Side.BUY ? netLots : -netLots
    if (this.state === RiskState.OFF) return 0
    if (this.state === RiskState.REDUCE_ONLY) return Math.max(0, -signed)
    return Math.max(0, this.#limits.inventoryLotsMax - signed)
  }

  #cut(side: Side, proposal: QuoteProposal, roomLots: number): void {
    if (side === Side.BUY) {
      proposal.bidLots = Math.min(proposal.bidLots, roomLots)
      if (proposal.bidLots === 0) proposal.bidTicks = 0
    } else {
      proposal.askLots = Math.min(proposal.askLots, roomLots)
      if (proposal.askLots === 0) proposal.askTicks = 0
    }
  }

  #note(reason: Reason, symbolId: number, isReached: boolean): void {
    const key = `${reason} ${symbolId}`
    if (!isReached) this.#standing.delete(key)
    else if (!this.#standing.has(key)) {
      this.#standing.add(key)
      this.reachedCount += 1
      this.#onReached(reason, symbolId, this.state, -this.profit)
    }
  }

  #profitOf(account: Account | undefined): number {
    if (account === undefined) return 0
    return (account.cashTickLots + account.netLots * account.markTicks) * account.moneyPerTickLot
  }
}
