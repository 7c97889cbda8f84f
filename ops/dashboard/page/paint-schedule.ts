// Who paints in which frame: one part of the page a frame, the one that has waited longest beyond its own pace.
//
// Messages come faster than a reader reads, and each changes most of the page. Painted together they make a frame several
// times as long as the screen's; painted in turn, each frame has the work of one part.
//
//   frame       1       2       3       4       5       6
//   ladder    paints                  paints
//   tape              paints                  paints
//   desk                      paints

export type Turn = {
  /** Asks to paint in a later frame; asking again before that changes nothing. */
  readonly ask: () => void
  /** Gives the turn up for good. */
  readonly end: () => void
}

type Part = { readonly intervalMs: number; readonly paint: () => void; paintedMs: number; waits: boolean }

/** Frames come at about their time: a part that is due within this is painted rather than left for the frame after. */
const EARLY_MS = 4

export class PaintSchedule {
  readonly #askFrame: (frame: (nowMs: number) => void) => void
  readonly #parts = new Set<Part>()
  #frameAsked = false

  /** `askFrame` calls back once, at the next frame, with its time. */
  constructor(askFrame: (frame: (nowMs: number) => void) => void) {
    this.#askFrame = askFrame
  }

  /** A part that paints at most once in `intervalMs`. */
  add(intervalMs: number, paint: () => void): Turn {
    const part: Part = { intervalMs, paint, paintedMs: Number.NEGATIVE_INFINITY, waits: false }
    this.#parts.add(part)
    return {
      ask: () => {
        if (!this.#parts.has(part)) return
        part.waits = true
        this.#awaitFrame()
      },
      end: () => this.#parts.delete(part),
    }
  }

  /** Paints everything that waits, and lets everything paint again as soon as it asks: the reader did something. */
  paintAll(): void {
    for (const part of this.#parts) {
      part.paintedMs = Number.NEGATIVE_INFINITY
      if (part.waits) paint(part)
    }
  }

  #awaitFrame(): void {
    if (this.#frameAsked) return
    this.#frameAsked = true
    this.#askFrame((nowMs) => {
      this.#frameAsked = false
      this.#paintOne(nowMs)
    })
  }

  #paintOne(nowMs: number): void {
    let next: Part | undefined
    let waitingCount = 0
    for (const part of this.#parts) {
      if (!part.waits) continue
      waitingCount++
      if (next === undefined || dueMs(part) < dueMs(next)) next = part
    }
    if (next !== undefined && dueMs(next) <= nowMs + EARLY_MS) {
      next.paintedMs = nowMs
      paint(next)
      waitingCount--
    }
    if (waitingCount > 0) this.#awaitFrame()
  }
}

function dueMs(part: Part): number {
  return part.paintedMs + part.intervalMs
}

function paint(part: Part): void {
  part.waits = false
  part.paint()
}
