// Virtual time: what is to happen, in the order of its time; at the same time, in the order in which it was asked for.

type Entry = { readonly timeNs: number; readonly order: number; readonly run: () => void }

export class Schedule {
  nowNs = 0
  /** Things that have happened. */
  stepCount = 0
  #orderLast = 0
  /** A binary heap: entry i is due no later than 2i+1 and 2i+2. */
  readonly #heap: Entry[] = []

  after(delayNs: number, run: () => void): void {
    this.#orderLast += 1
    const heap = this.#heap
    const entry = { timeNs: this.nowNs + Math.max(0, Math.round(delayNs)), order: this.#orderLast, run }
    let at = heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isEarlier(entry, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  /** Lets the next thing happen. False: there is none. */
  step(): boolean {
    const heap = this.#heap
    const next = heap[0]
    if (next === undefined) return false
    const last = heap.pop()!
    if (heap.length > 0) this.#sink(last)
    this.nowNs = next.timeNs
    this.stepCount += 1
    next.run()
    return true
  }

  #sink(entry: Entry): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isEarlier(heap[child + 1]!, heap[child]!)) child += 1
      if (!isEarlier(heap[child]!, entry)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = entry
  }
}

function isEarlier(one: Entry, other: Entry): boolean {
  return one.timeNs < other.timeNs || (one.timeNs === other.timeNs && one.order < other.order)
}
