// Load at a constant rate, whether answers come or not: what a stall delays is counted from when it was due, so that no
// stall hides what it held up.
//
// Two ways to keep the time. 'spin' looks at the clock in every turn of the event loop: exact, and it takes a core for
// itself. 'timer' sleeps until something is due, as a process that shares its machine does; a timer is up to a
// millisecond late, so latency then counts from the sending, and what was missed by a stall longer than the interval is
// put back by the histogram (Tene's correction of coordinated omission).

import { build, type Histogram } from 'hdr-histogram-js'

/** Something that takes a command to an end and back. */
export type Hop = {
  readonly name: string
  /** One command; `done` is called when it has come back. */
  send(done: () => void): void
  stop(): Promise<void>
}

export type Pace = 'spin' | 'timer'

export type LoopOptions = {
  readonly roundCount: number
  /** Of a round. */
  readonly commandCount: number
  readonly ratePerS: number
  readonly pace: Pace
  readonly onRound: (done: number, total: number) => void
}

type Load = Pick<LoopOptions, 'commandCount' | 'ratePerS'>

const WARM_UP_ROUNDS = 2
/** Of a round: longer, and the hop has stopped answering. */
const ROUND_S_MAX = 60

/** All hops take turns in each round. For each hop its rounds, in microseconds; those of the warm-up are not among them. */
export async function runHops(hops: readonly Hop[], options: LoopOptions): Promise<Histogram[][]> {
  const rounds = hops.map((): Histogram[] => [])
  for (let round = 0; round < WARM_UP_ROUNDS + options.roundCount; round++) {
    for (const [index, hop] of hops.entries()) {
      const histogram = await runRound(hop, options)
      if (round >= WARM_UP_ROUNDS) rounds[index]!.push(histogram)
    }
    options.onRound(round + 1, WARM_UP_ROUNDS + options.roundCount)
  }
  return rounds
}

export function latencyHistogram(): Histogram {
  return build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 })
}

/** One hop, once, at the rate of `options`. */
export async function runRound(hop: Hop, options: Omit<LoopOptions, 'roundCount' | 'onRound'>): Promise<Histogram> {
  const { promise, resolve, reject } = Promise.withResolvers<Histogram>()
  const timer = setTimeout(
    () => reject(new Error(`${hop.name} did not answer everything within ${ROUND_S_MAX} s`)),
    ROUND_S_MAX * 1_000,
  )
  if (options.pace === 'spin') spin(hop, options, resolve)
  else sleep(hop, options, resolve)
  return promise.finally(() => clearTimeout(timer))
}

function spin(hop: Hop, { commandCount, ratePerS }: Load, finished: (histogram: Histogram) => void): void {
  const histogram = latencyHistogram()
  const startMs = performance.now() + 5
  const intervalMs = 1_000 / ratePerS
  let sent = 0
  let back = 0
  const pass = () => {
    while (sent < commandCount && performance.now() >= startMs + sent * intervalMs) {
      const dueMs = startMs + sent * intervalMs
      sent += 1
      hop.send(() => {
        histogram.recordValue(microseconds(performance.now() - dueMs))
        back += 1
        if (back === commandCount) finished(histogram)
      })
    }
    if (back < commandCount) setImmediate(pass)
  }
  pass()
}

function sleep(hop: Hop, { commandCount, ratePerS }: Load, finished: (histogram: Histogram) => void): void {
  const histogram = latencyHistogram()
  const startMs = performance.now()
  const intervalMs = 1_000 / ratePerS
  const intervalUs = Math.round(intervalMs * 1_000)
  let sent = 0
  let back = 0
  const wake = () => {
    // A timer that comes late sends what it has missed one by one, not at once: that load would be nobody's.
    const sentMs = performance.now()
    sent += 1
    hop.send(() => {
      histogram.recordValueWithExpectedInterval(microseconds(performance.now() - sentMs), intervalUs)
      back += 1
      if (back === commandCount) finished(histogram)
    })
    if (sent === commandCount) return
    setTimeout(wake, Math.max(0, startMs + sent * intervalMs - performance.now()))
  }
  wake()
}

function microseconds(ms: number): number {
  return Math.max(1, Math.round(ms * 1_000))
}
