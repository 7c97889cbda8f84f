// Instruments: what is traded, and the cluster configuration that names them.

import type { TradingPhase } from './kinds.ts'

/** In a field that holds a symbol id: no symbol, or all of them. */
export const NO_SYMBOL_ID = -1

/** A phase that begins at a record time. */
export type PhaseTime = { readonly atNs: number; readonly phase: TradingPhase }

/** How far prices may move before an auction interrupts trading. 0 basis points: no such bound. */
export type PriceBand = {
  /** Around the price of the last auction, before the first one the opening price. */
  readonly staticBasisPoints: number
  /** Around the reference price. */
  readonly dynamicBasisPoints: number
  /** How long the auction lasts. */
  readonly auctionNs: number
}

export type TickTableEntry = { readonly fromTicks: number; readonly stepTicks: number }

/** How much of a quote may trade within a window before what is left of it is pulled. 0: no such bound. */
export type QuoteProtectionLimits = {
  readonly windowNs: number
  readonly quantityLots: number
  readonly fillCount: number
  /** Of both sides of the quote as they were granted. */
  readonly percent: number
}

/** What a fill costs per lot, in thousandths of a tick; below 0 a rebate. */
export type FeeRates = { readonly makerMilliTicks: number; readonly takerMilliTicks: number }

/** At most so many commands of one session in each window of record time. */
export type ThrottleLimits = { readonly commandCount: number; readonly windowNs: number }

/** How long a strategy node may be silent before it is gone, and a lease before it ends; how often a node renews both. */
export type MembershipTimes = { readonly presenceNs: number; readonly leaseNs: number; readonly renewalNs: number }

export const MEMBERSHIP_DEFAULT: MembershipTimes = {
  presenceNs: 1_000_000_000,
  leaseNs: 1_000_000_000,
  renewalNs: 250_000_000,
}

export type Instrument = {
  /** 1 .. 16 characters of A-Z, 0-9, '.', '-' and '_'. Its index in the list is its symbol id. */
  readonly symbol: string
  /** Decimal string: the currency value of one tick of price. */
  readonly tickSize: string
  /** Decimal string: how much one lot is. */
  readonly lotSize: string
  /** The reference price before the first trade. */
  readonly openingPriceTicks: number
  /** In the order of their times. With it the symbol begins CLOSED, without it in CONTINUOUS. */
  readonly schedule?: readonly PhaseTime[]
  readonly priceBand?: PriceBand
  /** Price limits: no order is priced outside them. */
  readonly lowestTicks?: number
  readonly highestTicks?: number
  /** In the order of their prices: from each on, prices are multiples of its step. */
  readonly tickTable?: readonly TickTableEntry[]
  /** Least and greatest quantity of an order. */
  readonly minimumLots?: number
  readonly maximumLots?: number
  readonly quoteProtection?: QuoteProtectionLimits
  readonly fees?: FeeRates
}

/** What every replica must agree on: the body of the GENESIS record, as canonical JSON (keys in this order). */
export type ClusterConfig = {
  readonly clusterId: string
  readonly instruments: readonly Instrument[]
  /** Per side: sum of active quote quantities over all symbols; also the bound of each symbol's position. */
  readonly exposureLots: number
  readonly quoteTtlNs: number
  readonly throttle?: ThrottleLimits
  readonly membership?: MembershipTimes
  /** Client orders that may rest at once, over all symbols. Absent: as many as the exchange takes by default. */
  readonly orderCountMax?: number
}
