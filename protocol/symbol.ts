// Instruments: what is traded, and the cluster configuration that names them.

/** In a field that holds a symbol id: no symbol, or all of them. */
export const NO_SYMBOL_ID = -1

export type Instrument = {
  /** 1 .. 16 characters of A-Z, 0-9, '.', '-' and '_'. Its index in the list is its symbol id. */
  readonly symbol: string
  /** Decimal string: the currency value of one tick of price. */
  readonly tickSize: string
  /** Decimal string: how much one lot is. */
  readonly lotSize: string
  /** The reference price before the first trade. */
  readonly openingPriceTicks: number
}

/** What every replica must agree on: the body of the GENESIS record, as canonical JSON (keys in this order). */
export type ClusterConfig = {
  readonly clusterId: string
  readonly instruments: readonly Instrument[]
  /** Per side: sum of active quote quantities over all symbols; also the bound of each symbol's position. */
  readonly exposureLots: number
  readonly quoteTtlNs: number
  /** Client orders that may rest at once, over all symbols. Absent: as many as the exchange takes by default. */
  readonly orderCountMax?: number
}
