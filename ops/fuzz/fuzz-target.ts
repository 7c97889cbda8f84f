// What a fuzz target is, and the loop that feeds it for a chosen time. A run follows from its seed: the same seed gives
// the same inputs in the same order.

import { Prng } from '../../base/prng.ts'

/** Something that takes hostile input. */
export type FuzzSubject = {
  /** Makes one input and gives it. Undefined: it was taken or refused as it should be; else what is wrong. */
  execute(random: Prng): string | undefined | Promise<string | undefined>
  /** What became of the inputs, and how often. */
  readonly outcomes: Outcomes
  close(): void | Promise<void>
}

export type FuzzTarget = {
  readonly name: string
  readonly summary: string
  /** Source files, from the project's root, that its inputs are meant to reach. */
  readonly covers: readonly string[]
  open(): FuzzSubject | Promise<FuzzSubject>
}

export type FuzzOptions = {
  readonly seed: number
  readonly seconds: number
  /** Ends earlier after so many inputs. */
  readonly executionCount: number
  readonly onProgress: (elapsedS: number, totalS: number) => void
}

export type FuzzOutcome = {
  readonly executed: number
  readonly elapsedS: number
  readonly slowestMs: number
  /** Growth of the resident memory over the run. */
  readonly memoryBytes: number
  /** What is wrong, and with which input; undefined: nothing. */
  readonly finding: string | undefined
  readonly outcomes: Outcomes
}

/** Between two looks at the clock and a turn of the event loop. */
const PASS_COUNT = 64

export class Outcomes {
  readonly counts = new Map<string, number>()

  add(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
  }
}

export async function runFuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzOutcome> {
  const subject = await target.open()
  const random = new Prng(options.seed)
  const startMs = performance.now()
  const startBytes = process.memoryUsage().rss
  let executed = 0
  let slowestMs = 0
  let finding: string | undefined
  try {
    while (finding === undefined && executed < options.executionCount) {
      const elapsedS = (performance.now() - startMs) / 1_000
      if (elapsedS >= options.seconds) break
      const passCount = Math.min(PASS_COUNT, options.executionCount - executed)
      for (let index = 0; index < passCount && finding === undefined; index++) {
        const beginMs = performance.now()
        const tried = attempt(subject, random)
        // Most targets answer at once, and a turn of the promises would cost more than they do.
        const wrong = tried instanceof Promise ? await tried.catch(textOf) : tried
        slowestMs = Math.max(slowestMs, performance.now() - beginMs)
        executed += 1
        if (wrong !== undefined) finding = `input ${executed} of seed ${options.seed}: ${wrong}`
      }
      options.onProgress(elapsedS, options.seconds)
      // Lets the bar be drawn and a Ctrl-C be heard.
      await new Promise((resolve) => setImmediate(resolve))
    }
  } finally {
    await subject.close()
  }
  const elapsedS = (performance.now() - startMs) / 1_000
  const memoryBytes = process.memoryUsage().rss - startBytes
  return { executed, elapsedS, slowestMs, memoryBytes, finding, outcomes: subject.outcomes }
}

/** Whatever is thrown that the target does not expect is a finding. */
function attempt(subject: FuzzSubject, random: Prng): string | undefined | Promise<string | undefined> {
  try {
    return subject.execute(random)
  } catch (error) {
    return textOf(error)
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
