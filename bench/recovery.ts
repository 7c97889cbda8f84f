// How long it takes to have again what was missed.
//
//   reports     a client missed reports: the engine sends what it keeps once more, the client reads it
//   snapshot    a reader of market data has a gap: the engine writes the book into frames, the reader takes them
//   catch-up    a backup with an empty disk joins a primary: until both have every record, over TCP, two processes

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert } from '../base/assert.ts'
import { Core } from '../engine/core/core.ts'
import { FileStorage } from '../engine/io/file-storage.ts'
import { TcpPeerLink } from '../engine/io/peer-link.ts'
import { Journal } from '../engine/journal/journal.ts'
import { Role } from '../engine/replication/roles.ts'
import { EngineId } from '../engine/replication/view.ts'
import { FrameFault, FrameReader } from '../protocol/frame-reader.ts'
import { RESEND_COUNT_MAX } from '../protocol/limits.ts'
import { BookMirror } from '../strategies/book-mirror.ts'
import { type BenchReport, joinReports, rounded } from './bench-report.ts'
import { endScript } from './child-process.ts'
import { benchPeer, startBenchEngine } from './engine-bench.ts'
import { median, spreadOf } from './harness.ts'
import { coreWithOrders, JournalledFlow } from './journalled-flow.ts'
import { startBackup } from './replication.ts'
import { FLOW_CLIENT_ID } from './session-flow.ts'

export type RecoveryBenchOptions = {
  readonly recordCount: number
  readonly restingCount: number
  readonly roundCount: number
  readonly onStep: (done: number, total: number) => void
}

const BATCH = 1_024
const POLL_MS = 1

export async function benchRecovery({
  recordCount,
  restingCount,
  roundCount,
  onStep,
}: RecoveryBenchOptions): Promise<BenchReport> {
  const flow = new JournalledFlow(recordCount)
  const reports: BenchReport[] = [benchResend(flow, roundCount)]
  onStep(1, 3)
  reports.push(benchSnapshot(restingCount, roundCount))
  onStep(2, 3)
  reports.push(await benchCatchUp(flow, recordCount, Math.min(roundCount, 5)))
  onStep(3, 3)
  return joinReports(reports)
}

function benchResend(flow: JournalledFlow, roundCount: number): BenchReport {
  const core = Core.fromGenesis(flow.records, 0)
  for (let seq = 2; seq < flow.offsets.length; seq++) {
    core.apply(flow.records, flow.offsets[seq - 1]!)
    // As after each pass of an engine: what has been told is not kept beyond its bound.
    if (seq % BATCH === 0) core.discard()
  }
  core.discard()
  const slot = core.sessions.slotOf(FLOW_CLIENT_ID)
  const firstSeq = core.executions.firstSeq(slot)
  const count = core.sessions.execSeq(slot) - firstSeq + 1
  assert(count <= RESEND_COUNT_MAX, 'no more than the engine keeps')
  const reader = new FrameReader()
  const ms: number[] = []
  for (let round = 0; round <= roundCount; round++) {
    let read = 0
    const startMs = performance.now()
    core.executions.resend(slot, firstSeq, 1, {
      output: (_kind, _streamId, payload) => {
        if (reader.read(payload) === FrameFault.NONE) read += reader.count
      },
    })
    if (round > 0) ms.push(performance.now() - startMs)
    assert(read === count, 'every report came again')
  }
  return {
    checks: [],
    results: [{ ...durationOf(`${count} missed reports`, ms), metric: 'resend' }],
    leavesOut: [
      'recovery: reports and snapshots are written and read in one process; their way over the network is not in it.',
    ],
  }
}

function benchSnapshot(restingCount: number, roundCount: number): BenchReport {
  const core = coreWithOrders(restingCount)
  const reader = new FrameReader()
  const ms: Record<'l2' | 'l3', number[]> = { l2: [], l3: [] }
  for (let round = 0; round <= roundCount; round++) {
    for (const channel of ['l2', 'l3'] as const) {
      const mirror = new BookMirror()
      let entries = 0
      const startMs = performance.now()
      core.marketData.snapshotFrames(0, channel, 1, (frame) => {
        if (channel === 'l2') mirror.onSnapshot(frame)
        else if (reader.read(frame) === FrameFault.NONE) entries += reader.count
      })
      if (round > 0) ms[channel].push(performance.now() - startMs)
      assert(channel === 'l2' ? mirror.bids.count > 0 : entries === restingCount, 'the book came whole')
    }
  }
  return {
    checks: [],
    results: (['l2', 'l3'] as const).map((channel) => ({
      ...durationOf(`book of ${restingCount} orders, ${channel.toUpperCase()}`, ms[channel]),
      metric: 'snapshot',
    })),
    leavesOut: [],
  }
}

async function benchCatchUp(flow: JournalledFlow, recordCount: number, roundCount: number): Promise<BenchReport> {
  const ms: number[] = []
  // The backup is a new process each time: there is nothing to warm up.
  for (let round = 0; round < roundCount; round++) {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-recovery-'))
    try {
      ms.push(await catchUp(flow, recordCount, folder))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const seconds = median(ms) / 1_000
  return {
    checks: [],
    results: [
      { ...durationOf(`backup joins, ${recordCount} records`, ms), metric: 'catch-up' },
      {
        ...{ name: `backup joins, ${recordCount} records`, metric: 'rate', value: Math.round(recordCount / seconds) },
        unit: 'records/s',
      },
    ],
    leavesOut: ['catch-up: from the connection on; both engines share one machine and its disk.'],
  }
}

/** From the connection until the backup has everything. Milliseconds. */
async function catchUp(flow: JournalledFlow, recordCount: number, folder: string): Promise<number> {
  const storage = FileStorage.open(join(folder, 'a'))
  const journal = Journal.open(storage, { clusterId: flow.clusterId, timeBaseUnixMs: 0 })
  for (let seq = 1; seq <= recordCount; seq += BATCH) {
    const last = Math.min(recordCount, seq + BATCH - 1)
    journal.append(flow.between(seq, last), seq, last, 1)
  }
  storage.close()
  const link = await TcpPeerLink.listen({ host: '127.0.0.1', port: 0 }, benchPeer)
  const primary = startBenchEngine(join(folder, 'a'), EngineId.A, link, false)
  const child = startBackup(['engine', String(link.port), join(folder, 'b'), 'pair'])
  try {
    const { replica } = primary.host.engine
    await until(() => link.isConnected)
    const startMs = performance.now()
    await until(() => replica.role === Role.PAIR && replica.leading.ackPosition >= recordCount)
    return performance.now() - startMs
  } finally {
    await endScript(child)
    // A primary that still sees its backup would wait for it to take over.
    await until(() => !link.isConnected)
    await primary.stop()
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
}

function durationOf(name: string, ms: readonly number[]) {
  return { name, value: rounded(median(ms)), unit: 'ms', spread: Number(spreadOf(ms).toFixed(3)) }
}
