// One part a frame, each at its own pace, none forgotten: with frames that the test makes itself.

import { expect, test } from 'vitest'
import { PaintSchedule } from '../../../../ops/dashboard/page/paint-schedule.ts'

const FRAME_MS = 1_000 / 60

/** A schedule whose frames come when asked for, and what painted in each. */
class Screen {
  readonly schedule = new PaintSchedule((frame) => {
    this.#asked.push(frame)
  })
  readonly #asked: ((nowMs: number) => void)[] = []
  painted: string[] = []
  #nowMs = 0

  part(name: string, intervalMs: number) {
    return this.schedule.add(intervalMs, () => this.painted.push(name))
  }

  /** The next frame; what it painted. Undefined: nobody asked for one. */
  frame(): string[] | undefined {
    this.#nowMs += FRAME_MS
    const frames = this.#asked.splice(0)
    if (frames.length > 1) throw new Error('more than one frame was asked for at a time')
    this.painted = []
    for (const frame of frames) frame(this.#nowMs)
    return frames.length === 0 ? undefined : this.painted
  }
}

test('what is asked for together is painted in frames of its own, each once, and then no frame is asked for', () => {
  const screen = new Screen()
  const parts = ['ladder', 'tape', 'desk'].map((name) => screen.part(name, 100))
  expect(screen.frame()).toBeUndefined()
  for (const part of [...parts, ...parts]) part.ask()
  expect([screen.frame(), screen.frame(), screen.frame(), screen.frame()]).toEqual([
    ['ladder'],
    ['tape'],
    ['desk'],
    undefined,
  ])
})

test('a part that always asks is painted at its pace, and leaves the frames between to others', () => {
  const screen = new Screen()
  const fast = screen.part('fast', 50)
  const slow = screen.part('slow', 250)
  const frames: string[][] = []
  for (let at = 0; at < 60; at++) {
    fast.ask()
    slow.ask()
    frames.push(screen.frame()!)
  }
  const count = (name: string) => frames.flat().filter((painted) => painted === name).length
  expect(count('fast')).toBe(20)
  expect(count('slow')).toBe(4)
  expect(Math.max(...frames.map(({ length }) => length))).toBe(1)
})

test('with more to do than there are frames, each part is later in proportion to its pace', () => {
  const screen = new Screen()
  const parts = Array.from({ length: 8 }, (_, at) => screen.part(`part-${at}`, at < 4 ? 2 * FRAME_MS : 8 * FRAME_MS))
  const counts = new Map<string, number>()
  for (let at = 0; at < 1_000; at++) {
    for (const part of parts) part.ask()
    for (const name of screen.frame()!) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  // Asked for: 4 / 2 + 4 / 8 parts a frame, 2.5 times what there is.
  for (let at = 0; at < 8; at++) expect(counts.get(`part-${at}`)).toBeGreaterThan(at < 4 ? 120 : 60)
  expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(1_000)
})

test('when the reader does something, all that waits is painted at once, and may be again in the next frame', () => {
  const screen = new Screen()
  const ladder = screen.part('ladder', 100)
  const tape = screen.part('tape', 100)
  screen.part('idle', 100)
  ladder.ask()
  tape.ask()
  screen.painted = []
  screen.schedule.paintAll()
  expect(screen.painted).toEqual(['ladder', 'tape'])
  expect(screen.frame()).toEqual([])
  ladder.ask()
  expect(screen.frame()).toEqual(['ladder'])
})

test('a part that has ended is not painted, whether it asked before or asks after', () => {
  const screen = new Screen()
  const ladder = screen.part('ladder', 100)
  ladder.ask()
  ladder.end()
  expect(screen.frame()).toEqual([])
  ladder.ask()
  expect(screen.frame()).toBeUndefined()
})
