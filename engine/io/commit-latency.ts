// How long records wait until they are committed: from the pass that appended one to the pass that saw it committed.
//
// One record is watched at a time, so it costs two comparisons a pass however many records there are.

const SAMPLE_COUNT = 512

export class CommitLatency {
  readonly #onSample: (latencyNs: number) => void
  readonly #samplesNs = new Float64Array(SAMPLE_COUNT)
  #count = 0
  #watchedSeq = 0
  #sinceNs = 0

  /** `onSample` is called with each sample. */
  constructor(onSample: (latencyNs: number) => void) {
    this.#onSample = onSample
  }

  /** To be called after each pass. */
  observe(appendPosition: number, commitPosition: number, nowNs: number): void {
    if (this.#watchedSeq !== 0 && commitPosition >= this.#watchedSeq) {
      const latencyNs = nowNs - this.#sinceNs
      this.#samplesNs[this.#count++ % SAMPLE_COUNT] = latencyNs
      this.#watchedSeq = 0
      this.#onSample(latencyNs)
    }
    if (this.#watchedSeq !== 0 || appendPosition <= commitPosition) return
    this.#watchedSeq = appendPosition
    this.#sinceNs = nowNs
  }

  /** Of the newest samples, in microseconds; 0 before the first. */
  percentilesUs(): { p50: number; p99: number } {
    const sorted = this.#samplesNs.slice(0, Math.min(this.#count, SAMPLE_COUNT)).sort()
    const at = (share: number) => Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) / 1_000)
    return { p50: at(0.5), p99: at(0.99) }
  }
}
