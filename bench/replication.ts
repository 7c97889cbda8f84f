// What replication costs: from a command that reaches the primary to its answer leaving, with the backup's journal written
// in between, against the barest program that does the same hop.
//
//   engine:  command in ─► sequence, apply, journal ─► TCP ─► backup: check, journal, apply ─► TCP ─► answer out
//   bare:    bytes in   ─► write to a file          ─► TCP ─► write to a file               ─► TCP ─► done
//
// Both are two processes on one machine, at the same constant rate; latency counts from the moment at which a command was
// due, so that a stall is not hidden. Left out: how the command got to the primary and the answer to its client.

import { fdatasync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Histogram } from 'hdr-histogram-js'
import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { TcpPeerLink } from '../engine/io/peer-link.ts'
import { PEER_HEADER_LENGTH } from '../engine/replication/peer-codec.ts'
import { Role } from '../engine/replication/roles.ts'
import { EngineId } from '../engine/replication/view.ts'
import { NewOrderField } from '../protocol/command.ts'
import { stampSession, writeNewOrder, writeOpenSession } from '../protocol/command-writer.ts'
import { ExecutionField, FrameHeader } from '../protocol/frame.ts'
import { OrderType, Side, TimeInForce } from '../protocol/kinds.ts'
import { COMMAND_SIZE_MAX } from '../protocol/limits.ts'
import { RecordHeader } from '../protocol/record.ts'
import { type BenchReport, curveOf, latencyFigures, rounded } from './bench-report.ts'
import { endScript, startScript } from './child-process.ts'
import { benchPeer, startBenchEngine } from './engine-bench.ts'
import { median } from './harness.ts'
import { type Hop, type LoopOptions, runHops } from './open-loop.ts'

export type ReplicationOptions = LoopOptions & { readonly isDiskDurable: boolean }

const CLIENT_ID = 10
/** An order that finds nobody: accepted, and the rest of it cancelled. */
const REPORTS_PER_COMMAND = 2
const RATIO_MAX = 1.5
/** The bytes that a command takes on the peer link: the bare program sends as many. */
const FRAME_SIZE = PEER_HEADER_LENGTH + RecordHeader.LENGTH + NewOrderField.LENGTH

export async function benchReplication(options: ReplicationOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-replication-'))
  const hops: Hop[] = []
  try {
    hops.push(await startBareHop(join(folder, 'bare'), options.isDiskDurable))
    hops.push(await startEngineHop(folder, options.isDiskDurable))
    const [bare, engine] = await runHops(hops, options)
    return reportOf(bare!, engine!, options)
  } finally {
    for (const hop of hops) await hop.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function reportOf(
  bare: readonly Histogram[],
  engine: readonly Histogram[],
  { isDiskDurable, ratePerS }: ReplicationOptions,
): BenchReport {
  const what = isDiskDurable ? 'synced on both' : 'written on both'
  const p50 = (histogram: Histogram) => histogram.getValueAtPercentile(50)
  const ratio = rounded(median(engine.map((round, index) => p50(round) / p50(bare[index]!))))
  const bareName = `bare hop, ${what}, ${ratePerS}/s`
  const name = `replicated command, ${what}, ${ratePerS}/s`
  return {
    checks: [
      {
        ...{ name: `replication: p50 against the bare hop, ${what}`, ok: ratio <= RATIO_MAX },
        ...{ value: ratio, limit: RATIO_MAX },
      },
    ],
    results: [
      { name: bareName, metric: 'roundTrip', ...latencyFigures(bare, 'us') },
      { name, metric: 'commit', ...latencyFigures(engine, 'us'), against: 'bare hop', ratio },
    ],
    curves: [curveOf(bareName, bare, 'us'), curveOf(name, engine, 'us')],
    leavesOut: ['replication: how the command got to the primary, and the answer to its client.'],
  }
}

export function startBackup(args: readonly string[]): ReturnType<typeof startScript> {
  return startScript(new URL('replication-backup.ts', import.meta.url), args, { BENCH_FRAME_SIZE: String(FRAME_SIZE) })
}

async function startBareHop(folder: string, isDiskDurable: boolean): Promise<Hop> {
  mkdirSync(folder)
  const server = createServer({ noDelay: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const connected = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const child = startBackup(['bare', String(port), folder, isDiskDurable ? 'disk' : 'pair'])
  const socket = await connected
  const file = openSync(join(folder, 'own.bytes'), 'w')
  const bytes = new Uint8Array(FRAME_SIZE).fill(7)
  const waiting: (() => void)[] = []
  let received = 0
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
    for (; received >= PEER_HEADER_LENGTH; received -= PEER_HEADER_LENGTH) waiting.shift()?.()
  })
  let position = 0
  const send = (done: () => void) => {
    writeSync(file, bytes, 0, bytes.length, position)
    position = (position + bytes.length) % (31 << 20)
    socket.write(bytes)
    if (!isDiskDurable) {
      waiting.push(done)
      return
    }
    // Done when both disks have it.
    let left = 2
    const half = () => {
      left -= 1
      if (left === 0) done()
    }
    waiting.push(half)
    fdatasync(file, half)
  }
  const stop = async () => {
    socket.destroy()
    server.close()
    await endScript(child)
  }
  return { name: 'bare hop', send, stop }
}

async function startEngineHop(folder: string, isDiskDurable: boolean): Promise<Hop> {
  const link = await TcpPeerLink.listen({ host: '127.0.0.1', port: 0 }, benchPeer)
  const primary = startBenchEngine(join(folder, 'a'), EngineId.A, link, isDiskDurable)
  const child = startBackup(['engine', String(link.port), join(folder, 'b'), isDiskDurable ? 'disk' : 'pair'])
  const { host, bus, subjects } = primary
  while (host.engine.replica.role !== Role.PAIR) await new Promise((resolve) => setTimeout(resolve, 10))
  const waiting: (() => void)[] = []
  const executions = subjects.executions(CLIENT_ID)
  let entryCount = 0
  bus.onPublish = (subject, payload) => {
    if (subject !== executions) return
    entryCount += (payload.length - FrameHeader.LENGTH) / ExecutionField.LENGTH
    for (; entryCount >= REPORTS_PER_COMMAND; entryCount -= REPORTS_PER_COMMAND) waiting.shift()?.()
  }
  const commands = subjects.commands(CLIENT_ID)
  const message = new AlignedBuffer(COMMAND_SIZE_MAX)
  const opening = writeOpenSession(message, 0, 1, false)
  stampSession(message, 0, CLIENT_ID, 0, 0)
  bus.deliver(commands, message.bytes.subarray(0, opening))
  while (entryCount === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  entryCount = 0
  let clientSeq = 0
  const order = {
    ...{ symbolId: 0, side: Side.BUY, orderType: OrderType.LIMIT, timeInForce: TimeInForce.IOC },
    ...{ quantityLots: 1, priceTicks: 9_000, clientOrderId: 1 },
  }
  const send = (done: () => void) => {
    clientSeq += 1
    const length = writeNewOrder(message, 0, order)
    stampSession(message, 0, CLIENT_ID, 1, clientSeq)
    waiting.push(done)
    bus.deliver(commands, message.bytes.subarray(0, length))
  }
  const stop = async () => {
    // The backup first: a primary that stops gives its place to it.
    await endScript(child)
    await primary.stop()
  }
  return { name: 'replicated command', send, stop }
}
