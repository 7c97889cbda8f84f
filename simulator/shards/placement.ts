// Which engine pair owns which symbol, and what that makes of the load: pure functions of the symbols' rates.

export type Placement = {
  /** The busiest shard's share of all commands. Even would be 1 / shards. */
  readonly busiestShare: number
  /** How many times what one pair can do all of them can, before the busiest is full. */
  readonly capacity: number
}

/** Rates of symbols of which the n-th most active has 1/n of the first one's commands, adding up to 1. */
export function zipfRates(symbolCount: number): number[] {
  const weights = Array.from({ length: symbolCount }, (_, index) => 1 / (index + 1))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

/** Symbol i belongs to shard i modulo the number of shards: what a hash of the name comes to. */
export function placeInTurn(rates: readonly number[], shardCount: number): Placement {
  const loads = new Float64Array(shardCount)
  for (const [index, rate] of rates.entries()) loads[index % shardCount] = loads[index % shardCount]! + rate
  return placementOf(loads)
}

/** The busiest first, each to the shard with least to do. At most 4/3 of the best there is (Graham, 1969). */
export function placeByLoad(rates: readonly number[], shardCount: number): Placement {
  const loads = new Float64Array(shardCount)
  for (const rate of [...rates].sort((one, other) => other - one)) {
    let least = 0
    for (let shard = 1; shard < shardCount; shard++) if (loads[shard]! < loads[least]!) least = shard
    loads[least] = loads[least]! + rate
  }
  return placementOf(loads)
}

function placementOf(loads: Float64Array): Placement {
  const total = loads.reduce((sum, load) => sum + load, 0)
  const busiestShare = Math.max(...loads) / total
  return { busiestShare, capacity: 1 / busiestShare }
}
