// The desk of several engine pairs: owns the exposure limit of all of them together, and hands it out as budgets.
//
//   granted[shard]    lots ever given to the shard; only grows          told with each GRANT
//   returned[shard]   lots that it is known to have given back; only grows
//   out[shard]      = granted - returned: what the shard may have       the sum of all is at most the limit
//
// The invariant: no message, lost, late or repeated, can make the shards' budgets together exceed the limit. Both numbers only
// grow, and messages carry the totals: a shard that has not heard of a grant has less than `out` says, and one whose return
// was not heard has less, too. So nothing has to be acknowledged, and there is no lease whose clock could be wrong.

import { assert } from '../../base/assert.ts'
import { evenLevel } from './even-level.ts'

export class BudgetDesk {
  readonly #limitLots: number
  readonly #grantedLots: Float64Array
  readonly #returnedLots: Float64Array
  readonly #demandLots: Float64Array
  readonly #targetLots: Float64Array
  #round = 0

  constructor(shardCount: number, limitLots: number) {
    this.#limitLots = limitLots
    this.#grantedLots = new Float64Array(shardCount)
    this.#returnedLots = new Float64Array(shardCount)
    this.#demandLots = new Float64Array(shardCount)
    this.#targetLots = new Float64Array(shardCount)
  }

  /** What no shard has. Never below 0. */
  get freeLots(): number {
    return this.#limitLots - this.outLots
  }

  /** What the shards may have, all together. */
  get outLots(): number {
    let sum = 0
    for (let shard = 0; shard < this.#grantedLots.length; shard++) sum += this.#out(shard)
    return sum
  }

  /** Number of the last apportionment: a shard obeys the newest that it has heard of. */
  get round(): number {
    return this.#round
  }

  grantedLots(shard: number): number {
    return this.#grantedLots[shard]!
  }

  targetLots(shard: number): number {
    return this.#targetLots[shard]!
  }

  /** A shard's report: all that it ever gave back, and what its symbols have or want now. */
  hear(shard: number, returnedLots: number, demandLots: number): void {
    assert(returnedLots <= this.#grantedLots[shard]!, 'a shard gives back only what it was given')
    this.#returnedLots[shard] = Math.max(this.#returnedLots[shard]!, returnedLots)
    this.#demandLots[shard] = demandLots
  }

  /** Decides anew what each shard is to have, and gives what is free to those that have less. */
  apportion(): void {
    const shardCount = this.#demandLots.length
    const level = evenLevel(this.#demandLots, this.#limitLots)
    let wanted = 0
    for (let shard = 0; shard < shardCount; shard++) wanted += Math.min(level, this.#demandLots[shard]!)
    // What nobody wants now lies where it may be wanted next: spread evenly, it saves most shards the round trip.
    const spare = Math.floor((this.#limitLots - wanted) / shardCount)
    for (let shard = 0; shard < shardCount; shard++) {
      this.#targetLots[shard] = Math.min(level, this.#demandLots[shard]!) + spare
    }
    let free = this.freeLots
    for (let shard = 0; shard < shardCount; shard++) {
      const lots = Math.max(0, Math.min(free, this.#targetLots[shard]! - this.#out(shard)))
      this.#grantedLots[shard] = this.#grantedLots[shard]! + lots
      free -= lots
    }
    this.#round += 1
    assert(free >= 0 && this.outLots <= this.#limitLots, 'more was handed out than there is')
  }

  #out(shard: number): number {
    return this.#grantedLots[shard]! - this.#returnedLots[shard]!
  }
}
