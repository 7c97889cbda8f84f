// The desk part of one engine pair that owns some of the symbols: grants quotes from its own budget, without asking anybody.
//
// Invariant: what its quotes hold is at most its budget, which is what it has heard to be granted less what it gave back.

import { assert } from '../../base/assert.ts'
import { evenLevel } from './even-level.ts'

export class BudgetShard {
  readonly #heldLots: Float64Array
  readonly #wantedLots: Float64Array
  readonly #cutLots: Float64Array
  #grantedLots: number
  #returnedLots = 0
  #targetLots: number
  #round = 0

  /** `budgetLots`: what it has from the beginning, known to the desk as granted. */
  constructor(symbolCount: number, budgetLots: number) {
    this.#heldLots = new Float64Array(symbolCount)
    this.#wantedLots = new Float64Array(symbolCount)
    this.#cutLots = new Float64Array(symbolCount)
    this.#grantedLots = budgetLots
    this.#targetLots = budgetLots
  }

  get heldLots(): number {
    return sumOf(this.#heldLots)
  }

  get budgetLots(): number {
    return this.#grantedLots - this.#returnedLots
  }

  /** All that it ever gave back. */
  get returnedLots(): number {
    return this.#returnedLots
  }

  /** What its symbols have or want, whichever is more. */
  get demandLots(): number {
    let sum = 0
    for (let symbol = 0; symbol < this.#heldLots.length; symbol++) {
      sum += Math.max(this.#heldLots[symbol]!, this.#wantedLots[symbol]!)
    }
    return sum
  }

  /** A quote takes the place of the symbol's last one. Returns the lots granted: at once, from what is here. */
  quote(symbol: number, wantedLots: number): number {
    this.#wantedLots[symbol] = wantedLots
    const others = this.heldLots - this.#heldLots[symbol]!
    const free = Math.max(0, Math.min(this.budgetLots, this.#targetLots) - others)
    const share = this.demandLots > this.#targetLots ? this.#shareOf(symbol) : wantedLots
    const lots = Math.min(wantedLots, free, share)
    this.#heldLots[symbol] = lots
    this.#giveBack()
    assert(this.heldLots <= this.budgetLots, 'quotes hold more than the budget')
    return lots
  }

  /** So much of the symbol's quote was filled. */
  fill(symbol: number, lots: number): void {
    this.#heldLots[symbol] = Math.max(0, this.#heldLots[symbol]! - lots)
    this.#giveBack()
  }

  /** The desk's word: all that it ever granted, and what the shard is to have. An older one changes nothing. */
  hear(round: number, grantedLots: number, targetLots: number): void {
    this.#grantedLots = Math.max(this.#grantedLots, grantedLots)
    if (round <= this.#round) return
    this.#round = round
    this.#targetLots = targetLots
    this.#giveBack()
  }

  /** What is over the target and free goes back at once; what quotes hold, as they end or are refreshed. */
  #giveBack(): void {
    const over = this.budgetLots - Math.max(this.#targetLots, this.heldLots)
    if (over > 0) this.#returnedLots += over
  }

  /** While there is less than is wanted, the symbols share what there is evenly. */
  #shareOf(symbol: number): number {
    for (let index = 0; index < this.#cutLots.length; index++) {
      this.#cutLots[index] = Math.max(index === symbol ? 0 : this.#heldLots[index]!, this.#wantedLots[index]!)
    }
    return evenLevel(this.#cutLots, this.#targetLots)
  }
}

function sumOf(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}
