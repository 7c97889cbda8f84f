// What quoting models learn of a market as they watch it: how much its middle moves, and how far from the middle trades
// reach. Both forget: an observation's weight falls by half every half-life.

/** Variance of the middle's changes, in ticks^2 per second. */
export class VarianceEstimate {
  readonly #sampleNs: number
  readonly #halfLifeNs: number
  #lastTicks = Number.NaN
  #lastNs = 0
  #variance = 0
  #weight = 0

  constructor(sampleNs: number, halfLifeS: number) {
    this.#sampleNs = sampleNs
    this.#halfLifeNs = halfLifeS * 1e9
  }

  /** Looks at the middle, at most once in a sampling time. */
  observe(midTicks: number, nowNs: number): void {
    const elapsedNs = nowNs - this.#lastNs
    if (Number.isNaN(this.#lastTicks)) {
      this.#lastTicks = midTicks
      this.#lastNs = nowNs
      return
    }
    if (elapsedNs < this.#sampleNs) return
    const change = midTicks - this.#lastTicks
    const kept = 2 ** (-elapsedNs / this.#halfLifeNs)
    this.#variance = this.#variance * kept + (change * change * 1e9 * (1 - kept)) / elapsedNs
    this.#weight = this.#weight * kept + (1 - kept)
    this.#lastTicks = midTicks
    this.#lastNs = nowNs
  }

  /** `fallback` until anything is known. */
  ticks2PerS(fallback: number): number {
    return this.#weight > 0 ? this.#variance / this.#weight : fallback
  }
}

/** Trades at least so far from the middle arrive at a rate of A exp(-k distance) per second. */
export type Intensity = {
  /** Per second. */
  a: number
  /** Per tick. */
  k: number
}

const BUCKET_COUNT = 500
const BUCKETS_PER_TICK = 2
const BUCKET_COUNT_MIN = 3

/** Fits A and k to the distances that trades reached, by least squares of ln(rate) over the distance. */
export class IntensityEstimate {
  readonly #halfLifeNs: number
  readonly #fitTicks: number
  /** By bucket of half a tick: the weight of the trades that reached it and no further. */
  readonly #reached = new Float64Array(BUCKET_COUNT)
  #observedS = 0
  #lastNs = Number.NaN
  #decayedNs = 0

  constructor(halfLifeS: number, fitTicks: number) {
    this.#halfLifeNs = halfLifeS * 1e9
    this.#fitTicks = fitTicks
  }

  /** Time passes, with or without trades. */
  advance(nowNs: number): void {
    if (Number.isNaN(this.#lastNs)) {
      this.#lastNs = nowNs
      this.#decayedNs = nowNs
      return
    }
    this.#observedS += (nowNs - this.#lastNs) / 1e9
    this.#lastNs = nowNs
    const sinceNs = nowNs - this.#decayedNs
    // Rarely: it touches every bucket.
    if (sinceNs < this.#halfLifeNs / 32) return
    const kept = 2 ** (-sinceNs / this.#halfLifeNs)
    this.#decayedNs = nowNs
    this.#observedS *= kept
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) this.#reached[bucket]! *= kept
  }

  onTrade(distanceTicks: number): void {
    if (!(distanceTicks >= 0)) return
    const bucket = Math.min(BUCKET_COUNT - 1, Math.floor(distanceTicks * BUCKETS_PER_TICK))
    this.#reached[bucket]! += 1
  }

  /** Writes the fit into `into`; false, and nothing written, as long as the trades do not show one. */
  fit(into: Intensity): boolean {
    const last = Math.min(BUCKET_COUNT, Math.ceil(this.#fitTicks * BUCKETS_PER_TICK)) - 1
    let above = 0
    for (let bucket = BUCKET_COUNT - 1; bucket > last; bucket--) above += this.#reached[bucket]!
    let [count, sumX, sumY, sumXx, sumXy] = [0, 0, 0, 0, 0]
    for (let bucket = last; bucket >= 0; bucket--) {
      above += this.#reached[bucket]!
      if (above < 1) continue
      const x = (bucket + 0.5) / BUCKETS_PER_TICK
      const y = Math.log(above / this.#observedS)
      count += 1
      sumX += x
      sumY += y
      sumXx += x * x
      sumXy += x * y
    }
    if (count < BUCKET_COUNT_MIN || this.#observedS < 1) return false
    const slope = (count * sumXy - sumX * sumY) / (count * sumXx - sumX * sumX)
    const a = Math.exp((sumY - slope * sumX) / count)
    if (!(slope < 0) || !Number.isFinite(a)) return false
    into.k = -slope
    into.a = a
    return true
  }
}
