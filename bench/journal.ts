// What the journal costs: appending, waiting for the disk, and starting again.
//
//   append    records of orders, so many a write, into preallocated segments; the system takes them, nobody waits
//   sync      the same, and the next write waits until the disk has answered
//   start     a new process opens the journal: finds its end, applies every record; and the same from a snapshot
//   restore   a state with very many resting orders, from its snapshot's bytes to its hash
//
// The reading side finds its files in the page cache, as after a restart of the process alone.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert } from '../base/assert.ts'
import { Core } from '../engine/core/core.ts'
import { FileStorage } from '../engine/io/file-storage.ts'
import { Journal } from '../engine/journal/journal.ts'
import { recoverCore } from '../engine/recovery.ts'
import type { Check, Result } from '../ops/cli/output.ts'
import { type BenchReport, joinReports } from './bench-report.ts'
import { median, spreadOf } from './harness.ts'
import { coreWithOrders, JournalledFlow } from './journalled-flow.ts'

export type JournalBenchOptions = {
  /** Lengths of the journals that are recovered. Records. */
  readonly recordCounts: readonly number[]
  readonly restingCount: number
  readonly syncCount: number
  /** Of the journal's files; the default is that of an engine. */
  readonly segmentSize?: number
  readonly roundCount: number
  readonly onStep: (done: number, total: number) => void
}

const REPLAY_TARGET = 2_000_000
const RESTORE_TARGET_S = 2
const BATCHES = [1, 64]

export async function benchJournal(options: JournalBenchOptions): Promise<BenchReport> {
  const { recordCounts, restingCount, onStep } = options
  const total = BATCHES.length * 2 + recordCounts.length + 1
  let done = 0
  const step = (report: BenchReport) => {
    onStep(++done, total)
    return report
  }
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-journal-'))
  try {
    const longest = Math.max(...recordCounts)
    const journalled = new JournalledFlow(longest)
    const reports: BenchReport[] = []
    for (const batch of BATCHES)
      reports.push(step(benchAppend(journalled, join(folder, `append-${batch}`), batch, options)))
    for (const batch of BATCHES)
      reports.push(step(await benchSync(journalled, join(folder, `sync-${batch}`), batch, options)))
    for (const count of recordCounts) {
      reports.push(
        step(await benchStart(journalled, join(folder, `start-${count}`), count, count === longest, options)),
      )
    }
    reports.push(step(benchRestore(restingCount, options.roundCount)))
    return joinReports(reports)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function openJournal(
  folder: string,
  clusterId: string,
  { segmentSize }: JournalBenchOptions,
): { readonly storage: FileStorage; readonly journal: Journal } {
  const storage = FileStorage.open(folder)
  const size = segmentSize === undefined ? {} : { segmentSize }
  return { storage, journal: Journal.open(storage, { clusterId, timeBaseUnixMs: 0, ...size }) }
}

function write(journal: Journal, flow: JournalledFlow, toSeq: number, batch: number): void {
  for (let seq = journal.appendPosition + 1; seq <= toSeq; ) {
    const last = Math.min(toSeq, seq + batch - 1)
    journal.append(flow.between(seq, last), seq, last, 1)
    seq = last + 1
  }
}

/** All records but a few of the flow that others recover; a small batch gets fewer, as it takes longer. */
function benchAppend(flow: JournalledFlow, folder: string, batch: number, options: JournalBenchOptions): BenchReport {
  const { roundCount } = options
  const count = Math.min(flow.offsets.length - 1, batch === 1 ? 100_000 : 1_000_000)
  const seconds: number[] = []
  for (let round = 0; round <= roundCount; round++) {
    const { storage, journal } = openJournal(folder, flow.clusterId, options)
    const startMs = performance.now()
    write(journal, flow, count, batch)
    if (round > 0) seconds.push((performance.now() - startMs) / 1_000)
    storage.close()
    rmSync(folder, { recursive: true })
  }
  return {
    checks: [],
    results: [
      {
        ...{ name: `journal append, ${batch} a write`, metric: 'rate', value: Math.round(count / median(seconds)) },
        ...{ unit: 'records/s', spread: Number(spreadOf(seconds).toFixed(3)) },
      },
    ],
    leavesOut: [
      'journal append: the system has the bytes, the disk need not; rolling to the next segment is part of it.',
    ],
  }
}

async function benchSync(
  flow: JournalledFlow,
  folder: string,
  batch: number,
  options: JournalBenchOptions,
): Promise<BenchReport> {
  const { syncCount } = options
  const { storage, journal } = openJournal(folder, flow.clusterId, options)
  const latenciesUs: number[] = []
  const count = Math.min(syncCount, Math.floor((flow.offsets.length - 1) / batch))
  const startMs = performance.now()
  for (let index = 0; index < count; index++) {
    const writeMs = performance.now()
    const { promise, resolve } = Promise.withResolvers<void>()
    journal.onSynced = resolve
    write(journal, flow, (index + 1) * batch, batch)
    journal.requestSync()
    await promise
    assert(journal.syncPosition === (index + 1) * batch, 'the disk has it')
    latenciesUs.push((performance.now() - writeMs) * 1_000)
  }
  const seconds = (performance.now() - startMs) / 1_000
  storage.close()
  const sorted = latenciesUs.sort((one, other) => one - other)
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)
  const name = `journal sync, ${batch} a write`
  return {
    checks: [],
    results: [
      { name, metric: 'rate', value: Math.round((count * batch) / seconds), unit: 'records/s' },
      { name, metric: 'latency', value: at(0.5), unit: 'us', p50: at(0.5), p99: at(0.99), max: at(1) },
    ],
    leavesOut: ['journal sync: one write in flight; the disk is that of the temporary folder.'],
  }
}

async function benchStart(
  flow: JournalledFlow,
  folder: string,
  count: number,
  isJudged: boolean,
  options: JournalBenchOptions,
): Promise<BenchReport> {
  const { roundCount } = options
  const written = openJournal(folder, flow.clusterId, options)
  write(written.journal, flow, count, 1_024)
  written.storage.close()
  const openSeconds: number[] = []
  const replaySeconds: number[] = []
  let hash = 0
  for (let round = 0; round <= roundCount; round++) {
    const startMs = performance.now()
    const { storage, journal } = openJournal(folder, flow.clusterId, options)
    const openedMs = performance.now()
    const core = recoverCore(journal, () => {})
    const endMs = performance.now()
    assert(core.seq === count, 'every record was applied')
    hash = core.hash()
    storage.close()
    if (round === 0) continue
    openSeconds.push((openedMs - startMs) / 1_000)
    replaySeconds.push((endMs - openedMs) / 1_000)
  }
  const fromSnapshot = await startFromSnapshot(flow, folder, hash, options)
  const name = `start, ${count} records`
  const ms = (seconds: readonly number[]) => Number((median(seconds) * 1_000).toPrecision(3))
  const rate = Math.round(count / median(replaySeconds))
  const total = openSeconds.map((seconds, round) => seconds + replaySeconds[round]!)
  const check: Check = {
    name: 'records replayed a second',
    ok: rate >= REPLAY_TARGET,
    value: rate,
    limit: REPLAY_TARGET,
  }
  const results: Result[] = [
    { name, metric: 'duration', value: ms(total), unit: 'ms', spread: Number(spreadOf(total).toFixed(3)) },
    { name, metric: 'checking the files', value: ms(openSeconds), unit: 'ms' },
    { name, metric: 'replay', value: rate, unit: 'records/s', spread: Number(spreadOf(replaySeconds).toFixed(3)) },
    { name: `${name}, from a snapshot of the last`, metric: 'duration', value: ms(fromSnapshot), unit: 'ms' },
  ]
  return {
    checks: isJudged ? [check] : [],
    results,
    leavesOut: ['start: files in the page cache; Node itself takes another 0.3 s to come up.'],
  }
}

/** The records stay in the journal, and are checked as it is opened; none has to be applied. */
async function startFromSnapshot(
  flow: JournalledFlow,
  folder: string,
  hash: number,
  options: JournalBenchOptions,
): Promise<number[]> {
  const { storage, journal } = openJournal(folder, flow.clusterId, options)
  const core = recoverCore(journal, () => {})
  const { seq, timeNs, epoch } = core
  const saved = Promise.withResolvers<void>()
  journal.saveSnapshot({ seq, timeNs, epoch, stateHash: hash, body: core.snapshot() }, (error) =>
    error === null ? saved.resolve() : saved.reject(error),
  )
  await saved.promise
  storage.close()
  const seconds: number[] = []
  for (let round = 0; round <= options.roundCount; round++) {
    const startMs = performance.now()
    const opened = openJournal(folder, flow.clusterId, options)
    const restored = recoverCore(opened.journal, () => {})
    if (round > 0) seconds.push((performance.now() - startMs) / 1_000)
    assert(restored.seq === seq && restored.hash() === hash, 'the same state')
    opened.storage.close()
  }
  return seconds
}

/** One order a level is the worst case; here a level holds a hundred. */
function benchRestore(restingCount: number, roundCount: number): BenchReport {
  const core = coreWithOrders(restingCount)
  const hash = core.hash()
  let body = core.snapshot()
  const restoreSeconds: number[] = []
  const snapshotSeconds: number[] = []
  for (let round = 0; round <= roundCount; round++) {
    const startMs = performance.now()
    body = core.snapshot()
    const writtenMs = performance.now()
    const restored = Core.restore(body)
    const isSame = restored.hash() === hash
    const endMs = performance.now()
    assert(isSame && restored.exchange.orderCount() === restingCount, 'the same state')
    if (round === 0) continue
    snapshotSeconds.push((writtenMs - startMs) / 1_000)
    restoreSeconds.push((endMs - writtenMs) / 1_000)
  }
  const name = `snapshot of ${restingCount} orders`
  const restoreS = Number(median(restoreSeconds).toPrecision(3))
  return {
    checks: [
      { name: `${name}: restored, s`, ok: restoreS < RESTORE_TARGET_S, value: restoreS, limit: RESTORE_TARGET_S },
    ],
    results: [
      { name, metric: 'restore', value: restoreS, unit: 's', spread: Number(spreadOf(restoreSeconds).toFixed(3)) },
      { name, metric: 'write', value: Number(median(snapshotSeconds).toPrecision(3)), unit: 's' },
      { name, metric: 'size', value: body.length, unit: 'bytes' },
    ],
    leavesOut: ['snapshot: in memory, the comparison of the hash included; reading the file is not.'],
  }
}
