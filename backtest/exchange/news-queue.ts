// News on their way to us, in order: none overtakes an earlier one.

type News = { readonly timeNs: number; readonly tell: (nowNs: number) => void }

export class NewsQueue {
  readonly #news: News[] = []
  #head = 0
  #lastNs = Number.NEGATIVE_INFINITY

  /** When the next one comes; Infinity: none is under way. */
  get firstNs(): number {
    return this.#news[this.#head]?.timeNs ?? Number.POSITIVE_INFINITY
  }

  push(timeNs: number, tell: (nowNs: number) => void): void {
    this.#lastNs = Math.max(this.#lastNs, timeNs)
    this.#news.push({ timeNs: this.#lastNs, tell })
  }

  /** Tells all that has come. */
  advance(nowNs: number): void {
    while (this.firstNs <= nowNs) {
      const news = this.#news[this.#head]!
      this.#head += 1
      if (this.#head === this.#news.length) {
        this.#news.length = 0
        this.#head = 0
      }
      news.tell(nowNs)
    }
  }
}
