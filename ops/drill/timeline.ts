// What happened when in a drill: how many answers came, and what was done and said.

/** Width of one column of the picture. */
export const BUCKET_MS = 20

export type Moment = { readonly ms: number; readonly text: string }

export class Timeline {
  /** Answers in each bucket since the beginning. */
  readonly answerCounts: number[] = []
  readonly moments: Moment[] = []
  readonly #startMs = performance.now()

  /** An answer came at `nowMs`, of performance.now(). */
  onAnswer(nowMs: number): void {
    const bucket = Math.floor((nowMs - this.#startMs) / BUCKET_MS)
    while (this.answerCounts.length <= bucket) this.answerCounts.push(0)
    this.answerCounts[bucket]! += 1
  }

  /** Something happened just now. */
  note(text: string): void {
    this.moments.push({ ms: performance.now() - this.#startMs, text })
  }
}
