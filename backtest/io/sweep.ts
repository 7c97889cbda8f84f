// Runs many backtests that differ in their parameters, on worker threads. Each one that is done is a line of sweep.jsonl
// at once, so that a sweep that was stopped goes on where it was; the lines say what they belong to.

import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { InputFileError } from '../../feeds/io/input-file.ts'
import type { Parameters } from '../../strategies/strategy.ts'
import { programDigest } from './program-digest.ts'
import type { BacktestSettings } from './run-settings.ts'

/** Sums over the symbols of a run, and the worst drawdown of one. */
export type SweepFigures = {
  readonly netProfit: number
  readonly grossProfit: number
  readonly fees: number
  readonly fills: number
  readonly turnover: number
  readonly maxDrawdown: number
  /** The mean over the symbols. */
  readonly sharpePerDay: number
}

export type SweepOutcome = { readonly parameters: Parameters; readonly figures: SweepFigures }

export type SweepOptions = {
  readonly feeds: readonly string[]
  readonly settings: BacktestSettings
  readonly points: readonly Parameters[]
  readonly out: string
  readonly threadCount: number
  readonly onProgress?: (done: number, total: number) => void
}

export type SweepTask = {
  readonly index: number
  readonly feeds: readonly string[]
  readonly settings: BacktestSettings
}
export type SweepAnswer =
  | { readonly index: number; readonly figures: SweepFigures }
  | { readonly index: number; readonly fault: string }

type Line = { readonly key: string; readonly parameters: Parameters; readonly figures: SweepFigures }

/** In the order of the points. */
export async function runSweep(options: SweepOptions): Promise<{ outcomes: SweepOutcome[]; resumedCount: number }> {
  const { feeds, settings, points, out, onProgress } = options
  mkdirSync(out, { recursive: true })
  const path = join(out, 'sweep.jsonl')
  const known = readLines(path)
  const base = baseKey(feeds, settings)
  const keys = points.map((point) => createHash('sha256').update(base).update(JSON.stringify(point)).digest('hex'))
  const figures = keys.map((key) => known.get(key))
  const missing = figures.flatMap((found, index) => (found === undefined ? [index] : []))
  const resumedCount = points.length - missing.length
  onProgress?.(resumedCount, points.length)
  const take = (answer: SweepAnswer) => {
    if ('fault' in answer) throw new InputFileError(`${JSON.stringify(points[answer.index])}: ${answer.fault}`)
    figures[answer.index] = answer.figures
    const line: Line = { key: keys[answer.index]!, parameters: points[answer.index]!, figures: answer.figures }
    appendFileSync(path, `${JSON.stringify(line)}\n`)
    onProgress?.(figures.filter((found) => found !== undefined).length, points.length)
  }
  const tasks = missing.map((index) => ({
    ...{ index, feeds },
    settings: { ...settings, parameters: { ...settings.parameters, ...points[index] } },
  }))
  await runTasks(tasks, Math.min(options.threadCount, tasks.length), take)
  return { outcomes: points.map((parameters, index) => ({ parameters, figures: figures[index]! })), resumedCount }
}

/** Feeds are told apart by name, size and time of change. What an earlier program computed is computed again. */
function baseKey(feeds: readonly string[], settings: BacktestSettings): string {
  const files = feeds.map((path) => {
    if (!existsSync(path)) throw new InputFileError(`${path} does not exist`)
    const { size, mtimeMs } = statSync(path)
    return [path, size, mtimeMs]
  })
  return JSON.stringify([programDigest(), files, settings])
}

/** A last line that was cut off as the sweep was stopped is run again. */
function readLines(path: string): Map<string, SweepFigures> {
  const known = new Map<string, SweepFigures>()
  if (!existsSync(path)) return known
  const text = readFileSync(path, 'utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  if (whole !== text) writeFileSync(path, whole)
  for (const [at, line] of whole.split('\n').entries()) {
    if (line === '') continue
    try {
      const { key, figures } = JSON.parse(line) as Line
      known.set(key, figures)
    } catch {
      throw new InputFileError(`${path}:${at + 1}: this line is damaged\n  Take it out; its point is then run again.`)
    }
  }
  return known
}

async function runTasks(tasks: SweepTask[], threadCount: number, take: (answer: SweepAnswer) => void): Promise<void> {
  const queue = [...tasks]
  const threads = Array.from({ length: threadCount }, () => new Worker(new URL('./sweep-worker.ts', import.meta.url)))
  try {
    await Promise.all(
      threads.map(
        (thread) =>
          new Promise<void>((resolve, reject) => {
            const give = () => {
              const task = queue.shift()
              if (task === undefined) resolve()
              else thread.postMessage(task)
            }
            thread.on('error', reject)
            thread.on('message', (answer: SweepAnswer) => {
              try {
                take(answer)
                give()
              } catch (error) {
                reject(error instanceof Error ? error : new Error(String(error)))
              }
            })
            give()
          }),
      ),
    )
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()))
  }
}
