// Market data to many: how many events a second reach 1, 10 and 100 subscribers over NATS, and how late.
//
//   flow ─► core.apply, 64 commands a pass ─► frames ─► NATS ─► subscribers, each with a connection of its own
//
// The frames are made before, by the state machine, from a flow of orders; published are those of L3, L2, L1 and trades,
// as an engine would. The subscribers are in one other process; each reads every frame and counts its entries. A frame
// carries when it was published, on a clock that both processes share. Throughput is measured with as many frames on their
// way as the subscribers let through, latency at half of that rate.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Core } from '../engine/core/core.ts'
import { OutputKind } from '../engine/core/output.ts'
import { UserError } from '../ops/cli/output.ts'
import { findNats } from '../ops/nats/nats-binary.ts'
import { startNatsServer } from '../ops/nats/nats-server.ts'
import { FrameHeader } from '../protocol/frame.ts'
import { connectNats } from '../protocol/io/nats-transport.ts'
import type { Transport } from '../protocol/io/transport.ts'
import { type BenchReport, joinReports, rounded } from './bench-report.ts'
import { endScript, nextMessage, startScript } from './child-process.ts'
import { median, spreadOf } from './harness.ts'
import { JournalledFlow } from './journalled-flow.ts'

export type FanoutOptions = {
  readonly subscriberCounts: readonly number[]
  /** Of the flow behind the frames. */
  readonly commandCount: number
  readonly roundCount: number
  readonly onStep: (done: number, total: number) => void
}

/** What a subscriber process tells when all of its subscribers have had the last frame. */
export type FanoutTally = {
  /** Entries of all frames, over all subscribers. */
  readonly eventCount: number
  readonly p50Us: number
  readonly p99Us: number
  readonly maxUs: number
}

/** To the subscriber process: a round begins, in which each subscriber gets so many frames. */
export type FanoutRound = { readonly frameCount: number }

const PASS_COUNT = 64
const EVENTS_TARGET = 2_000_000
const MARKET_SUBJECT = 'bench.md'
/** Of a round, over all subscribers: less than the server keeps for one that is slow. */
const DELIVERY_COUNT_MAX = 100_000
/** Frames that are published before the event loop turns. */
const FRAMES_PER_TURN = 16
const CHANNELS: ReadonlySet<OutputKind> = new Set([OutputKind.L1, OutputKind.L2, OutputKind.L3, OutputKind.TRADES])

type Frames = { readonly frames: readonly Uint8Array[]; readonly eventCount: number }

export async function benchFanout(options: FanoutOptions): Promise<BenchReport> {
  const source = findNats({ ...process.env, NATS_URL: '' })
  if (source.kind !== 'binary') throw new UserError('this benchmark needs a nats-server of its own')
  const frames = framesOf(options.commandCount)
  const dataDir = mkdtempSync(join(tmpdir(), 'tandem-bench-fanout-'))
  const server = await startNatsServer({
    binary: source.path,
    dataDir,
    host: '127.0.0.1',
    port: 0,
    authorization: null,
  })
  try {
    const reports: BenchReport[] = []
    for (const [index, subscriberCount] of options.subscriberCounts.entries()) {
      reports.push(await fanOut(server.url, partOf(frames, subscriberCount), subscriberCount, options))
      options.onStep(index + 1, options.subscriberCounts.length)
    }
    return joinReports(reports)
  } finally {
    await server.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

function framesOf(commandCount: number): Frames {
  const flow = new JournalledFlow(commandCount + 2)
  const core = Core.fromGenesis(flow.records, 0)
  const frames: Uint8Array[] = []
  let eventCount = 0
  for (let seq = 2; seq < flow.offsets.length; seq++) {
    core.apply(flow.records, flow.offsets[seq - 1]!)
    if (seq % PASS_COUNT !== 0) continue
    core.flush(1, {
      output: (kind, _streamId, payload) => {
        if (!CHANNELS.has(kind)) return
        const frame = payload.slice()
        frames.push(frame)
        eventCount += entryCount(frame)
      },
    })
  }
  return { frames, eventCount }
}

/** As many as all subscribers together can take in a round. */
function partOf({ frames }: Frames, subscriberCount: number): Frames {
  const part = frames.slice(0, Math.ceil(DELIVERY_COUNT_MAX / subscriberCount))
  return { frames: part, eventCount: part.reduce((sum, frame) => sum + entryCount(frame), 0) }
}

function entryCount(frame: Uint8Array): number {
  return frame[FrameHeader.COUNT]! | (frame[FrameHeader.COUNT + 1]! << 8)
}

async function fanOut(
  url: string,
  { frames, eventCount }: Frames,
  subscriberCount: number,
  { roundCount }: FanoutOptions,
): Promise<BenchReport> {
  const child = startScript(new URL('fanout-subscribers.ts', import.meta.url), [
    url,
    MARKET_SUBJECT,
    String(subscriberCount),
  ])
  await nextMessage(child)
  const transport = await connectNats({ url, name: 'bench publisher' })
  const round = async (framesPerS: number) => {
    child.send({ frameCount: frames.length } satisfies FanoutRound)
    await nextMessage(child)
    const answer = nextMessage<FanoutTally>(child)
    const startMs = performance.now()
    await publish(transport, frames, framesPerS)
    const tally = await answer
    return { seconds: (performance.now() - startMs) / 1_000, tally }
  }
  try {
    await round(Number.POSITIVE_INFINITY)
    const seconds: number[] = []
    const halves: FanoutTally[] = []
    let received = 0
    for (let index = 0; index < roundCount; index++) {
      const whole = await round(Number.POSITIVE_INFINITY)
      seconds.push(whole.seconds)
      received = whole.tally.eventCount
      halves.push((await round(frames.length / whole.seconds / 2)).tally)
    }
    return reportOf(subscriberCount, eventCount, received, seconds, halves)
  } finally {
    await transport.close()
    await endScript(child)
  }
}

function reportOf(
  subscriberCount: number,
  eventCount: number,
  received: number,
  seconds: readonly number[],
  halves: readonly FanoutTally[],
): BenchReport {
  const name = `market data to ${subscriberCount} ${subscriberCount === 1 ? 'subscriber' : 'subscribers'}`
  const perSubscriber = Math.round(eventCount / median(seconds))
  const spread = Number(spreadOf(seconds).toFixed(3))
  const at = (key: 'p50Us' | 'p99Us' | 'maxUs') => rounded(median(halves.map((tally) => tally[key])))
  const arrived = { name: `${name}: events that arrived`, ok: received === eventCount * subscriberCount }
  const checks = [{ ...arrived, value: received, limit: eventCount * subscriberCount }]
  if (subscriberCount === 1) {
    const isFast = perSubscriber >= EVENTS_TARGET
    checks.push({ name: `${name}: events a second`, ok: isFast, value: perSubscriber, limit: EVENTS_TARGET })
  }
  return {
    checks,
    results: [
      { name, metric: 'events to each', value: perSubscriber, unit: 'events/s', spread },
      { name, metric: 'events to all', value: perSubscriber * subscriberCount, unit: 'events/s', spread },
      {
        ...{ name: `${name}, at half of it`, metric: 'latency', value: at('p50Us'), unit: 'us' },
        ...{ p50: at('p50Us'), p99: at('p99Us'), max: at('maxUs') },
      },
    ],
    leavesOut: [
      'fanout: making the frames (see match); subscribers share one process, so that of many none is as fast as alone.',
    ],
  }
}

/** In its time slot each; latency counts from there. */
async function publish(transport: Transport, frames: readonly Uint8Array[], framesPerS: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const startMs = performance.now()
  let next = 0
  const turn = () => {
    const dueCount = Math.min(frames.length, Math.floor(((performance.now() - startMs) / 1_000) * framesPerS) + 1)
    const until = Math.min(dueCount, next + FRAMES_PER_TURN)
    for (; next < until; next++) {
      const frame = frames[next]!
      stamp(frame, startMs + (next * 1_000) / framesPerS)
      transport.publish(MARKET_SUBJECT, frame)
    }
    if (next < frames.length) setImmediate(turn)
    else resolve()
  }
  turn()
  await promise
  await transport.flush()
}

/** Microseconds since 1970, where the frame has its record's time; no slot: now. */
function stamp(frame: Uint8Array, dueMs: number): void {
  const atMs = performance.timeOrigin + (Number.isFinite(dueMs) && dueMs > 0 ? dueMs : performance.now())
  new DataView(frame.buffer, frame.byteOffset).setFloat64(FrameHeader.TIME_NS, Math.round(atMs * 1_000), true)
}
