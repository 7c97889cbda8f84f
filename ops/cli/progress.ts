// A progress bar on stderr, when stderr is a terminal; otherwise nothing.

import { Presets, SingleBar } from 'cli-progress'

export type Progress = { update(done: number, total: number): void; stop(): void }

export function progressBar(title: string, wanted: boolean): Progress {
  if (!wanted || !process.stderr.isTTY) return { update: () => {}, stop: () => {} }
  const format = `${title} [{bar}] {percentage}% | {eta_formatted} left`
  const bar = new SingleBar({ format, clearOnComplete: true, hideCursor: true }, Presets.rect)
  let started = false
  return {
    update: (done, total) => {
      if (!started) bar.start(total, 0)
      started = true
      bar.update(done)
    },
    stop: () => bar.stop(),
  }
}
