// A series of values over time in a bounded number of buckets, whose length is not known beforehand: when the buckets
// are used up, neighbours are joined and each covers twice the time.

const BUCKET_COUNT = 128
const FIRST_BUCKET_NS = 1_000_000

export class TimeSeries {
  startNs = 0
  bucketNs = FIRST_BUCKET_NS
  /** Buckets in use. */
  count = 0
  readonly lowest = new Float64Array(BUCKET_COUNT).fill(Infinity)
  readonly highest = new Float64Array(BUCKET_COUNT).fill(-Infinity)
  readonly #last = new Float64Array(BUCKET_COUNT).fill(Number.NaN)

  add(timeNs: number, value: number): void {
    if (this.count === 0) this.startNs = timeNs
    let bucket = Math.floor((timeNs - this.startNs) / this.bucketNs)
    while (bucket >= BUCKET_COUNT) {
      this.#join()
      bucket = Math.floor((timeNs - this.startNs) / this.bucketNs)
    }
    bucket = Math.max(bucket, 0)
    this.lowest[bucket] = Math.min(this.lowest[bucket]!, value)
    this.highest[bucket] = Math.max(this.highest[bucket]!, value)
    this.#last[bucket] = value
    this.count = Math.max(this.count, bucket + 1)
  }

  /** Low and high of each of `columnCount` equal spans of time; a span without values keeps the value before it. */
  columns(columnCount: number): { low: number; high: number }[] {
    const columns = []
    let before = Number.NaN
    for (let column = 0; column < columnCount; column++) {
      const from = Math.floor((column * this.count) / columnCount)
      const to = Math.max(from + 1, Math.floor(((column + 1) * this.count) / columnCount))
      let low = Infinity
      let high = -Infinity
      for (let bucket = from; bucket < to; bucket++) {
        low = Math.min(low, this.lowest[bucket]!)
        high = Math.max(high, this.highest[bucket]!)
        if (!Number.isNaN(this.#last[bucket]!)) before = this.#last[bucket]!
      }
      columns.push(low === Infinity ? { low: before, high: before } : { low, high })
    }
    return columns
  }

  #join(): void {
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
      const first = 2 * bucket
      const isInside = first < BUCKET_COUNT
      const last = isInside ? this.#last[first + 1]! : Number.NaN
      this.lowest[bucket] = isInside ? Math.min(this.lowest[first]!, this.lowest[first + 1]!) : Infinity
      this.highest[bucket] = isInside ? Math.max(this.highest[first]!, this.highest[first + 1]!) : -Infinity
      this.#last[bucket] = isInside ? (Number.isNaN(last) ? this.#last[first]! : last) : Number.NaN
    }
    this.bucketNs *= 2
    this.count = Math.ceil(this.count / 2)
  }
}
