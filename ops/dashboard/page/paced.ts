// How a component follows what changes with the market: not at each change, but when its turn comes.

import { effect, signal, untracked } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { PaintSchedule, type Turn } from './paint-schedule.ts'

/** How often the parts of the page are painted at most. */
export const Pace = {
  /** What one watches for the move itself. */
  FAST_MS: 80,
  /** What one reads. */
  READ_MS: 250,
  /** What changes once a second at its source. */
  SLOW_MS: 500,
} as const

const schedule = new PaintSchedule((frame) => requestAnimationFrame(frame))

/** The reader did something: all that it changed is shown in one frame. */
export function paintAll(): void {
  schedule.paintAll()
}

/** Paints when its turn has come, for as long as the component is there. */
export function useTurn(intervalMs: number, paint: () => void): Turn {
  const current = useRef(paint)
  current.current = paint
  const turn = useMemo(() => schedule.add(intervalMs, () => current.current()), [])
  useEffect(() => () => turn.end(), [])
  return turn
}

/** What `read` makes of signals, and of nothing else, renewed when the component's turn has come. */
export function usePaced<View>(intervalMs: number, read: () => View): View {
  const shown = useMemo(() => signal(untracked(read)), [])
  const turn = useTurn(intervalMs, () => {
    shown.value = untracked(read)
  })
  useEffect(
    () =>
      effect(() => {
        read()
        turn.ask()
      }),
    [],
  )
  return shown.value
}
