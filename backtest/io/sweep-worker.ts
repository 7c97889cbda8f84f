// One thread of a sweep: takes tasks, answers each with its figures.

import { parentPort } from 'node:worker_threads'
import { assert } from '../../base/assert.ts'
import { runBacktest } from './run-backtest.ts'
import { totalsOf } from './run-results.ts'
import type { SweepAnswer, SweepTask } from './sweep.ts'

const port = parentPort
assert(port !== null, 'this file runs as a thread of a sweep')

port.on('message', (task: SweepTask) => {
  void answer(task).then((reply) => port.postMessage(reply))
})

async function answer({ index, feeds, settings }: SweepTask): Promise<SweepAnswer> {
  try {
    const runs = await runBacktest({ feeds, settings })
    const sharpe = runs.reduce((sum, { figures }) => sum + (figures.sharpePerDay ?? 0), 0) / runs.length
    const maxDrawdown = Math.max(...runs.map(({ figures }) => figures.maxDrawdown))
    return { index, figures: { ...totalsOf(runs), maxDrawdown, sharpePerDay: sharpe } }
  } catch (error) {
    return { index, fault: error instanceof Error ? error.message : String(error) }
  }
}
