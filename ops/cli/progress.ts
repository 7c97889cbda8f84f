// How far something is: a bar on stderr where that is a terminal, else a line every half minute, for logs.

import { Presets, SingleBar } from 'cli-progress'

export type Progress = { update(done: number, total: number): void; stop(): void }

const LINE_MS = 30_000

export function progressBar(title: string, wanted: boolean): Progress {
  if (!process.stderr.isTTY) return progressLines(title)
  if (!wanted) return { update: () => {}, stop: () => {} }
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

function progressLines(title: string): Progress {
  const startMs = performance.now()
  let lineMs = startMs
  return {
    update: (done, total) => {
      const nowMs = performance.now()
      if (nowMs - lineMs < LINE_MS || done === 0 || !(total > 0)) return
      lineMs = nowMs
      const leftS = Math.round(((nowMs - startMs) / 1_000 / done) * (total - done))
      const share = `${done.toLocaleString('en')} of ${total.toLocaleString('en')}`
      process.stderr.write(`${title}: ${share}, about ${leftS.toLocaleString('en')} s left\n`)
    },
    stop: () => {},
  }
}
