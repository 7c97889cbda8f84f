// Many workloads through the exchange and its oracle, one after the other; the first difference, made short.
//
// An episode is one workload of its own seed, from an empty exchange: any difference is found again from the episode's
// seed alone, and the steps to look through are few.

import type { ClusterConfig } from '../../protocol/symbol.ts'
import { Differential, firstDifference } from './differential.ts'
import { shrink } from './shrink.ts'
import type { Step } from './step.ts'
import type { AnyExchange } from './step-runner.ts'
import { stepText } from './step-text.ts'
import { Workload } from './workload.ts'

export const EPISODE_STEP_COUNT = 4_000

export type MakeExchange = (config: ClusterConfig, options: { orderCountMax: number }) => AnyExchange

export type Finding = {
  readonly seed: number
  readonly symbolCount: number
  readonly orderCountMax: number
  readonly openingTicks: number
  readonly message: string
  /** The shortest list of steps found that shows a difference. */
  readonly steps: readonly Step[]
}

/** Runs the episode of `seed`. Undefined: no difference. */
export function fuzzEpisode(
  seed: number,
  stepCount: number,
  makeSubject: MakeExchange,
  makeOracle: MakeExchange,
): Finding | undefined {
  const workload = new Workload(seed)
  const { config, orderCountMax } = workload
  const makeDifferential = () =>
    new Differential(
      () => makeSubject(config, { orderCountMax }),
      () => makeOracle(config, { orderCountMax }),
      config.instruments.length,
    )
  const differential = makeDifferential()
  const steps: Step[] = []
  for (let index = 0; index < stepCount; index++) {
    const step = workload.next()
    steps.push(step)
    const message = differential.run(step, index === stepCount - 1)
    workload.observe(differential.events)
    if (message === undefined) continue
    const shortest = shrink(steps, (shorter) => firstDifference(shorter, makeDifferential) !== undefined)
    const openingTicks = config.instruments[0]?.openingPriceTicks ?? 0
    const finalMessage = firstDifference(shortest, makeDifferential)?.message ?? message
    return {
      seed,
      symbolCount: config.instruments.length,
      orderCountMax,
      openingTicks,
      message: finalMessage,
      steps: shortest,
    }
  }
  return undefined
}

/** A finding as text: a scenario that can be pasted into a scenario table. */
export function findingText(finding: Finding): string {
  const { seed, symbolCount, orderCountMax, openingTicks } = finding
  return [
    `episode seed ${seed}: after the last of these steps ${finding.message}`,
    '',
    `setup symbols ${symbolCount} opening ${openingTicks} orders ${orderCountMax} ttl 400ns`,
    ...finding.steps.map((step) => `> ${stepText(step)}`),
  ].join('\n')
}
