// Simulates many seeds on several threads.

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Mutation } from './mutation.ts'
import type { RangeOutcome, SeedRange } from './seed-worker.ts'

export type SeedRun = {
  readonly firstSeed: number
  readonly seedCount: number
  readonly steps: number
  /** null: the engine as it is. */
  readonly mutation: Mutation | null
  /** Ends with the first failure. */
  readonly stopsAtFailure: boolean
  readonly threadCount?: number
  readonly onProgress: (done: number) => void
  /** Each as it is found. */
  readonly onFailure?: (seed: number, failure: string) => void
  readonly signal: AbortSignal
}

export type SeedTotals = Omit<RangeOutcome, 'from'>

const RANGE_COUNT = 10

/** A thread ended by itself: the failure is not that of a simulation. */
export class SeedWorkerError extends Error {
  override name = 'SeedWorkerError'
}

export async function runSeeds(run: SeedRun): Promise<SeedTotals> {
  const failures: { seed: number; failure: string }[] = []
  const totals = { count: 0, recordCount: 0, answeredCount: 0, faultCount: 0, stepCount: 0, virtualMs: 0 }
  let next = 0
  const isOver = () => run.signal.aborted || next >= run.seedCount || (run.stopsAtFailure && failures.length > 0)
  const work = async () => {
    const worker = new Worker(new URL('seed-worker.ts', import.meta.url), { workerData: { mutation: run.mutation } })
    const died = new Promise<never>((_, reject) => {
      worker.once('error', (error) =>
        reject(new SeedWorkerError(`a thread failed: ${String(error)}`, { cause: error })),
      )
    })
    try {
      while (!isOver()) {
        const count = Math.min(RANGE_COUNT, run.seedCount - next)
        const range: SeedRange = { from: run.firstSeed + next, count, steps: run.steps, stop: run.stopsAtFailure }
        next += count
        const answer = new Promise<RangeOutcome>((resolve) => worker.once('message', resolve))
        worker.postMessage(range)
        const outcome = await Promise.race([answer, died])
        for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += outcome[key]
        for (const { seed, failure } of outcome.failures) run.onFailure?.(seed, failure)
        failures.push(...outcome.failures)
        run.onProgress(totals.count)
      }
    } finally {
      await worker.terminate()
    }
  }
  const threadCount = Math.min(run.threadCount ?? availableParallelism(), Math.ceil(run.seedCount / RANGE_COUNT))
  await Promise.all(Array.from({ length: threadCount }, work))
  return { ...totals, failures: failures.sort((one, other) => one.seed - other.seed) }
}
