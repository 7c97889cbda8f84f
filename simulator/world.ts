// What everything in a simulation shares: time, chance, and somebody who listens.

import { Prng } from '../base/prng.ts'
import { Schedule } from './schedule.ts'

/** A promise of the product was broken. */
export class BrokenPromiseError extends Error {
  override name = 'BrokenPromiseError'
}

export type World = {
  readonly schedule: Schedule
  readonly random: Prng
  /** Hears one line of the story; costs nothing where nobody listens. */
  readonly tell: (who: string, what: () => string) => void
}

export function makeWorld(seed: number, onLine: ((line: string) => void) | null): World {
  const schedule = new Schedule()
  return {
    schedule,
    random: new Prng(seed),
    tell: (who, what) => {
      if (onLine === null) return
      onLine(`${(schedule.nowNs / 1e6).toFixed(3).padStart(11)} ms  ${who.padEnd(10)} ${what()}`)
    },
  }
}

/** Throws BrokenPromiseError with the text, unless `holds`. */
export function promise(holds: boolean, text: () => string): void {
  if (!holds) throw new BrokenPromiseError(text())
}
