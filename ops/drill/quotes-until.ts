// Waits for the quotes of a drill's strategy node to be there, or to be gone.

import type { DrillCluster } from './drill-cluster.ts'
import { NotInTimeError } from './engine-watch.ts'
import { pauseMs } from './scenario.ts'

/** The strategy node of a drill. */
export const NODE = 'strategy-1'
const WAIT_MS_MAX = 20_000
const LOOK_MS = 20

export async function quotesUntil(
  cluster: DrillCluster,
  isWanted: (count: number) => boolean,
  what: string,
): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS_MAX
  for (;;) {
    const { quotes } = await cluster.ask('quotes')
    if (Array.isArray(quotes) && isWanted(quotes.length)) return
    if (performance.now() > deadlineMs) throw new NotInTimeError(`waited ${WAIT_MS_MAX / 1_000} s for ${what}`)
    await pauseMs(LOOK_MS)
  }
}
