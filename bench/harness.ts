// Runs subjects against each other: all of them once per round, in turn, so that a noisy machine hits all alike.

import { assert } from '../base/assert.ts'

export type Subject = {
  readonly name: string
  /** Operations of one run. */
  readonly operationCount: number
  /** Makes everything ready for one run, untimed. */
  prepare(): void
  /** The run that is timed. A subject in a process of its own gives the seconds that it measured there. */
  run(): number | void
  /** Looks at what the run has done, untimed; throws where it is not what was expected. */
  verify(): void
}

export type Timing = {
  readonly name: string
  readonly operationCount: number
  /** Of each round. */
  readonly seconds: readonly number[]
}

/** The first `warmUpCount` rounds are not counted. `onRound` hears of each one that ended. */
export function timeSubjects(
  subjects: readonly Subject[],
  roundCount: number,
  warmUpCount: number,
  onRound: (done: number, total: number) => void = () => {},
): Timing[] {
  const seconds = subjects.map((): number[] => [])
  for (let round = 0; round < warmUpCount + roundCount; round++) {
    for (const [index, subject] of subjects.entries()) {
      subject.prepare()
      globalThis.gc?.()
      const startMs = performance.now()
      const ownSeconds = subject.run()
      const elapsed = ownSeconds ?? (performance.now() - startMs) / 1_000
      subject.verify()
      if (round >= warmUpCount) seconds[index]!.push(elapsed)
    }
    onRound(round + 1, warmUpCount + roundCount)
  }
  return subjects.map(({ name, operationCount }, index) => ({ name, operationCount, seconds: seconds[index]! }))
}

export function median(values: readonly number[]): number {
  assert(values.length > 0, 'there are values')
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Distance between the first and the third quartile, as a share of the median. */
export function spreadOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const quartile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  return (quartile(0.75) - quartile(0.25)) / median(values)
}

/** How many times as many operations a second the first does, round by round: median, least and most. */
export function ratioOf(
  one: Timing,
  other: Timing,
): { readonly median: number; readonly low: number; readonly high: number } {
  const perSecond = ({ operationCount, seconds }: Timing, round: number) => operationCount / seconds[round]!
  const ratios = one.seconds.map((_, round) => perSecond(one, round) / perSecond(other, round))
  return { median: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) }
}
