// A thread that simulates seeds, one range after the other, with a planted fault where it is told to.

import { parentPort, workerData } from 'node:worker_threads'
import { type Mutation, plant } from './mutation.ts'

export type SeedRange = {
  readonly from: number
  readonly count: number
  readonly steps: number
  readonly stop: boolean
}

export type RangeOutcome = {
  readonly from: number
  readonly count: number
  readonly recordCount: number
  readonly answeredCount: number
  readonly faultCount: number
  readonly stepCount: number
  readonly virtualMs: number
  /** Seeds that broke a promise, and how. */
  readonly failures: readonly { readonly seed: number; readonly failure: string }[]
}

const port = parentPort
if (port === null) throw new Error('this is a worker')
const { mutation } = workerData as { mutation: Mutation | null }
if (mutation !== null) plant(mutation)
// After the fault is planted, so that it is the mutated engine that is loaded.
const { runSimulation } = await import('../../simulator/simulation.ts')

port.on('message', ({ from, count, steps, stop }: SeedRange) => {
  const sum = { recordCount: 0, answeredCount: 0, faultCount: 0, stepCount: 0, virtualMs: 0 }
  const failures: { seed: number; failure: string }[] = []
  let done = 0
  while (done < count && !(stop && failures.length > 0)) {
    const outcome = runSimulation({ seed: from + done, steps })
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += outcome[key]
    if (outcome.failure !== null) failures.push({ seed: outcome.seed, failure: outcome.failure })
    done += 1
  }
  port.postMessage({ from, count: done, ...sum, failures } satisfies RangeOutcome)
})
