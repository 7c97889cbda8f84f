// Quantity by price of one side of a book, for any price: pages of neighbouring ticks, made when first written to.
//
//   tick   ... page number | place (10 bits)
//   table  page number, counted from the lowest that was ever needed -> where the page starts in the pool; 0: no page
//
// The first page of the pool stays all zero: it stands for every page that does not exist. The table spans only the
// prices that came, so that it stays small, and a book costs little to make.

const PAGE_BITS = 10
const PAGE_SIZE = 1 << PAGE_BITS
const PLACE_MASK = PAGE_SIZE - 1
const INITIAL_PAGE_COUNT = 16
/** Pages added below and above those that are needed when the table grows. */
const MARGIN = 64

export class PriceLevels {
  #table = new Int32Array(0)
  /** Number of the page of the table's first entry. */
  #first = 0
  #pool = new Float64Array(PAGE_SIZE * INITIAL_PAGE_COUNT)
  #poolSize = PAGE_SIZE

  /** 0: nothing rests there. */
  at(ticks: number): number {
    return this.#pool[this.#pageOf(ticks) + (ticks & PLACE_MASK)]!
  }

  set(ticks: number, quantity: number): void {
    let page = this.#pageOf(ticks)
    if (page === 0) {
      if (quantity === 0) return
      page = this.#addPage(ticks >> PAGE_BITS)
    }
    this.#pool[page + (ticks & PLACE_MASK)] = quantity
  }

  /** Highest price in [lowest, highest] with a quantity; `none` if there is none. */
  highestIn(lowest: number, highest: number, none: number): number {
    for (let ticks = highest; ticks >= lowest; ) {
      const page = this.#pageOf(ticks)
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
      const page = this.#pageOf(ticks)
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

  /** Where the page of a price starts in the pool. */
  #pageOf(ticks: number): number {
    const index = (ticks >> PAGE_BITS) - this.#first
    return index >>> 0 < this.#table.length ? this.#table[index]! : 0
  }

  #addPage(number: number): number {
    const page = this.#poolSize
    if (page + PAGE_SIZE > this.#pool.length) {
      const grown = new Float64Array(this.#pool.length * 2)
      grown.set(this.#pool)
      this.#pool = grown
    }
    this.#poolSize = page + PAGE_SIZE
    if ((number - this.#first) >>> 0 >= this.#table.length) this.#span(number)
    this.#table[number - this.#first] = page
    return page
  }

  /** Makes the table reach this page. */
  #span(number: number): void {
    const isEmpty = this.#table.length === 0
    const first = isEmpty ? number - MARGIN : Math.min(this.#first, number - MARGIN)
    const end = isEmpty ? number + MARGIN : Math.max(this.#first + this.#table.length, number + MARGIN)
    const table = new Int32Array(end - first)
    table.set(this.#table, isEmpty ? 0 : this.#first - first)
    this.#table = table
    this.#first = first
  }
}
