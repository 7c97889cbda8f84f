// Quantity by price of one side of a book, for any price: pages of neighbouring ticks, made when first written to.
//
//   tick   ... page number (20 bits) | place (12 bits)
//   table  page number -> where the page starts in the pool; 0: no page
//
// The first page of the pool stays all zero: it stands for every page that does not exist.

const PAGE_BITS = 12
const PAGE_SIZE = 1 << PAGE_BITS
const PLACE_MASK = PAGE_SIZE - 1
const PAGE_COUNT = 2 ** (32 - PAGE_BITS)

export class PriceLevels {
  readonly #table = new Int32Array(PAGE_COUNT)
  #pool = new Float64Array(PAGE_SIZE * 4)
  #poolSize = PAGE_SIZE

  /** 0: nothing rests there. */
  at(ticks: number): number {
    return this.#pool[this.#table[ticks >>> PAGE_BITS]! + (ticks & PLACE_MASK)]!
  }

  set(ticks: number, quantity: number): void {
    let page = this.#table[ticks >>> PAGE_BITS]!
    if (page === 0) {
      if (quantity === 0) return
      page = this.#addPage(ticks >>> PAGE_BITS)
    }
    this.#pool[page + (ticks & PLACE_MASK)] = quantity
  }

  /** Highest price in [lowest, highest] with a quantity; `none` if there is none. */
  highestIn(lowest: number, highest: number, none: number): number {
    for (let ticks = highest; ticks >= lowest; ) {
      const page = this.#table[ticks >>> PAGE_BITS]!
      const start = ticks - (ticks & PLACE_MASK)
      if (page === 0) {
        ticks = start - 1
        continue
      }
      const end = start > lowest ? start : lowest
      for (; ticks >= end; ticks--) if (this.#pool[page + (ticks & PLACE_MASK)]! > 0) return ticks
    }
    return none
  }

  /** Lowest price in [lowest, highest] with a quantity; `none` if there is none. */
  lowestIn(lowest: number, highest: number, none: number): number {
    for (let ticks = lowest; ticks <= highest; ) {
      const page = this.#table[ticks >>> PAGE_BITS]!
      const last = ticks - (ticks & PLACE_MASK) + PLACE_MASK
      if (page === 0) {
        ticks = last + 1
        continue
      }
      const end = last < highest ? last : highest
      for (; ticks <= end; ticks++) if (this.#pool[page + (ticks & PLACE_MASK)]! > 0) return ticks
    }
    return none
  }

  /** Takes out all levels in [lowest, highest]. */
  clear(lowest: number, highest: number): void {
    for (let ticks = this.lowestIn(lowest, highest, highest + 1); ticks <= highest; ) {
      this.set(ticks, 0)
      ticks = this.lowestIn(ticks + 1, highest, highest + 1)
    }
  }

  #addPage(number: number): number {
    const page = this.#poolSize
    if (page + PAGE_SIZE > this.#pool.length) {
      const grown = new Float64Array(this.#pool.length * 2)
      grown.set(this.#pool)
      this.#pool = grown
    }
    this.#poolSize = page + PAGE_SIZE
    this.#table[number] = page
    return page
  }
}
