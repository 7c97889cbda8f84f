// Position, balance and fees of one instrument, booked fill by fill in the order in which we learn of them.
//
//   linear    value = price * quantity * contract size      equity = balance + contract size * position * price - fee
//   inverse   value = contract size * quantity / price      equity = -balance - contract size * position / price - fee

import { Side } from '../../protocol/kinds.ts'

export const FeeBasis = { VALUE: 1, QUANTITY: 2, FLAT: 3 } as const
export type FeeBasis = (typeof FeeBasis)[keyof typeof FeeBasis]

/** Negative: a rebate. The extras are added for buys and for sells (stamp duty and the like), on the same basis. */
export type FeeModel = {
  readonly basis: FeeBasis
  readonly maker: number
  readonly taker: number
  readonly buyerExtra: number
  readonly sellerExtra: number
}

export type Contract = { readonly size: number; readonly isInverse: boolean }

export class Account {
  position = 0
  balance = 0
  fee = 0
  tradeCount = 0
  quantity = 0
  value = 0
  readonly #fees: FeeModel
  readonly #contract: Contract

  constructor(fees: FeeModel, contract: Contract) {
    this.#fees = fees
    this.#contract = contract
  }

  /** Gives the fee of the fill. */
  book(side: Side, price: number, quantity: number, isMaker: boolean): number {
    const { size, isInverse } = this.#contract
    // A size of one must not change how the product rounds.
    const amount = isInverse ? (size * quantity) / price : size === 1 ? price * quantity : size * price * quantity
    const sign = side === Side.BUY ? 1 : -1
    this.position += quantity * sign
    this.balance -= amount * sign
    const fee = this.#feeOf(side, amount, quantity, isMaker)
    this.fee += fee
    this.tradeCount += 1
    this.quantity += quantity
    this.value += amount
    return fee
  }

  /** Before fees. */
  grossEquity(price: number): number {
    const { size, isInverse } = this.#contract
    if (isInverse) return -this.balance - (size * this.position) / price
    return this.balance + (size === 1 ? this.position * price : size * this.position * price)
  }

  equity(price: number): number {
    return this.grossEquity(price) - this.fee
  }

  #feeOf(side: Side, amount: number, quantity: number, isMaker: boolean): number {
    const { basis, maker, taker, buyerExtra, sellerExtra } = this.#fees
    const rate = (isMaker ? maker : taker) + (side === Side.SELL ? sellerExtra : buyerExtra)
    if (basis === FeeBasis.VALUE) return rate * amount
    return basis === FeeBasis.QUANTITY ? rate * quantity : rate
  }
}
