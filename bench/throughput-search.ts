// How many commands a second hold: the rate goes up in steps until answers fall behind the rate or behind time.
//
// Commands are due at a constant rate, go to the sessions in turn, and what is due leaves once a millisecond: so batches
// grow with the load. A command that finds its session full waits. Latency is from when a command was due: both waits count.

import type { Histogram } from 'hdr-histogram-js'
import { latencyHistogram } from './open-loop.ts'

/** A session that takes commands in batches. */
export type BatchedHop = {
  readonly room: number
  write(done: () => void): void
  flush(): void
}

export type Throughput = {
  /** Highest rate of all steps that held. */
  readonly sustainedPerS: number
  /** What was answered in the step that did not hold, or in the last one. */
  readonly highestPerS: number
  /** Latencies at half of the sustained rate. Microseconds. */
  readonly half: Histogram
}

type Step = { readonly answeredPerS: number; readonly histogram: Histogram }

const FIRST_PER_S = 10_000
const GROWTH = 1.4
const STEP_COUNT_MAX = 16
/** Less of what was offered has been answered by the end: it did not hold. */
const ANSWERED_SHARE_MIN = 0.97
/** Between two messages of a session. */
const BATCH_MS = 1
/** The last of a step that holds have this long. */
const DRAIN_MS_MAX = 10_000

export async function searchThroughput(sessions: readonly BatchedHop[], stepMs: number): Promise<Throughput> {
  // Once, for the compilers on all sides.
  await runStep(sessions, FIRST_PER_S, stepMs)
  let sustainedPerS = 0
  let highestPerS = 0
  let ratePerS = FIRST_PER_S
  for (let step = 0; step < STEP_COUNT_MAX; step++) {
    const { answeredPerS } = await runStep(sessions, ratePerS, stepMs)
    highestPerS = Math.max(highestPerS, answeredPerS)
    if (answeredPerS < ratePerS * ANSWERED_SHARE_MIN) break
    sustainedPerS = Math.round(ratePerS)
    ratePerS *= GROWTH
  }
  const { histogram } = await runStep(sessions, Math.max(FIRST_PER_S, sustainedPerS) / 2, stepMs)
  return { sustainedPerS, highestPerS: Math.round(highestPerS), half: histogram }
}

async function runStep(sessions: readonly BatchedHop[], ratePerS: number, stepMs: number): Promise<Step> {
  const { promise, resolve, reject } = Promise.withResolvers<Step>()
  const histogram = latencyHistogram()
  const commandCount = Math.max(1, Math.floor((ratePerS * stepMs) / 1_000))
  const startMs = performance.now()
  const perMs = ratePerS / 1_000
  let written = 0
  let back = 0
  let turn = 0
  const writeDue = () => {
    const due = Math.min(commandCount, Math.floor((performance.now() - startMs) * perMs) + 1)
    for (let full = 0; written < due && full < sessions.length; ) {
      const session = sessions[turn++ % sessions.length]!
      if (session.room === 0) {
        full += 1
        continue
      }
      full = 0
      const dueMs = startMs + written / perMs
      written += 1
      session.write(() => {
        back += 1
        const nowMs = performance.now()
        histogram.recordValue(Math.max(1, Math.round((nowMs - dueMs) * 1_000)))
        if (back === commandCount) resolve({ answeredPerS: (back * 1_000) / (nowMs - startMs), histogram })
      })
    }
    for (const session of sessions) session.flush()
  }
  const pass = () => {
    if (back === commandCount) return
    if (performance.now() - startMs > stepMs + DRAIN_MS_MAX) {
      reject(
        new Error(`${commandCount - back} commands were not answered ${DRAIN_MS_MAX / 1_000} s after the last was due`),
      )
      return
    }
    writeDue()
    setTimeout(pass, BATCH_MS)
  }
  pass()
  return promise
}
