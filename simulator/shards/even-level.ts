// Max-min fairness in whole lots: the level at which demands, cut to it, fit into what there is.

/** The greatest whole level such that the sum of min(demand, level) is at most `limitLots`; `limitLots` when all fits. */
export function evenLevel(demandLots: Float64Array, limitLots: number): number {
  let low = 0
  let high = limitLots
  while (low < high) {
    const level = Math.ceil((low + high) / 2)
    let sum = 0
    for (const lots of demandLots) sum += Math.min(lots, level)
    if (sum <= limitLots) low = level
    else high = level - 1
  }
  return low
}
