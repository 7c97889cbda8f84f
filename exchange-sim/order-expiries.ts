// When orders that are good till a time end: a binary heap of times and order ids. Of equal times the lower id is first.
//
// An order that ends otherwise leaves its entry behind; whoever asks drops what is not live any more. When most entries
// are dead, the heap is built anew from the live ones, so that it stays in proportion to what lives.

const REBUILD_SIZE_MIN = 64

export class OrderExpiries {
  #timesNs = new Float64Array(REBUILD_SIZE_MIN)
  #orderIds = new Float64Array(REBUILD_SIZE_MIN)
  #size = 0
  #liveCount = 0

  get isEmpty(): boolean {
    return this.#size === 0
  }

  /** Of the first entry, whether live or not. There is one. */
  firstNs(): number {
    return this.#timesNs[0]!
  }

  firstId(): number {
    return this.#orderIds[0]!
  }

  add(timeNs: number, orderId: number): void {
    if (this.#size === this.#timesNs.length) this.#grow()
    this.#liveCount += 1
    this.#push(timeNs, orderId)
  }

  /** An order of the heap is live no more; `isLive` tells of every other one. */
  noteEnd(isLive: (orderId: number) => boolean): void {
    this.#liveCount -= 1
    if (this.#size < REBUILD_SIZE_MIN || this.#size < 2 * this.#liveCount) return
    const size = this.#size
    this.#size = 0
    // What is put back takes a place at or before the one that it is read from.
    for (let place = 0; place < size; place++) {
      if (isLive(this.#orderIds[place]!)) this.#push(this.#timesNs[place]!, this.#orderIds[place]!)
    }
  }

  dropFirst(): void {
    this.#size -= 1
    const timeNs = this.#timesNs[this.#size]!
    const orderId = this.#orderIds[this.#size]!
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= this.#size) break
      const right = child + 1
      if (right < this.#size && this.#isBefore(right, this.#timesNs[child]!, this.#orderIds[child]!)) child = right
      if (!this.#isBefore(child, timeNs, orderId)) break
      this.#put(place, this.#timesNs[child]!, this.#orderIds[child]!)
      place = child
    }
    this.#put(place, timeNs, orderId)
  }

  #push(timeNs: number, orderId: number): void {
    let place = this.#size
    this.#size += 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (this.#isBefore(parent, timeNs, orderId)) break
      this.#put(place, this.#timesNs[parent]!, this.#orderIds[parent]!)
      place = parent
    }
    this.#put(place, timeNs, orderId)
  }

  #put(place: number, timeNs: number, orderId: number): void {
    this.#timesNs[place] = timeNs
    this.#orderIds[place] = orderId
  }

  #isBefore(place: number, timeNs: number, orderId: number): boolean {
    const ownNs = this.#timesNs[place]!
    return ownNs !== timeNs ? ownNs < timeNs : this.#orderIds[place]! < orderId
  }

  #grow(): void {
    const timesNs = new Float64Array(2 * this.#size)
    const orderIds = new Float64Array(2 * this.#size)
    timesNs.set(this.#timesNs)
    orderIds.set(this.#orderIds)
    this.#timesNs = timesNs
    this.#orderIds = orderIds
  }
}
