// From an order to its acknowledgement over NATS, with real processes, against a bare NATS request in the same run.
//
//   bare:    client ─► nats-server ─► a program that answers ─► nats-server ─► client
//   engine:  client ─► nats-server ─► primary: sequence, apply, journal ─► TCP ─► backup: journal, apply ─► TCP
//                                     primary: report, market data ─► nats-server ─► client
//
// The client is one session of the client library that everybody uses. Orders rest behind the market and are cancelled
// again, so that each command changes the book and is told to the market.
//
// `search` raises the rate of several sessions until answers fall behind, then measures latency at half of what held.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Histogram } from 'hdr-histogram-js'
import { type ClusterShape, DrillCluster } from '../ops/drill/drill-cluster.ts'
import { askInstruments } from '../ops/roles/ask-instruments.ts'
import { NewOrderField } from '../protocol/command.ts'
import { connectNats } from '../protocol/io/nats-transport.ts'
import { type BenchReport, curveOf, joinReports, latencyFigures, rounded } from './bench-report.ts'
import { endScript, nextMessage, startScript } from './child-process.ts'
import { median } from './harness.ts'
import { type Hop, type LoopOptions, runHops } from './open-loop.ts'
import { SessionHop } from './session-hop.ts'
import { searchThroughput } from './throughput-search.ts'

/** What commits a record: both engines have it in their journals; both have synced it; one engine alone has synced it. */
export type Commit = 'pair' | 'disk' | 'alone'

export type AckOptions = LoopOptions & {
  readonly commit: Commit
  readonly isSearching: boolean
  /** Of each step of the search. */
  readonly stepMs: number
}

const CLIENT_ID = 10
const SESSION_COUNT = 16
const RATIO_MAX = 2
const THROUGHPUT_TARGET = 400_000
const REQUEST_MS = 10_000

const WORDS: Readonly<Record<Commit, string>> = {
  pair: 'written by both engines',
  disk: 'synced by both engines',
  alone: 'synced by one engine alone',
}

export function clusterShape(commit: Commit): ClusterShape {
  const engineArgs = commit === 'disk' ? ['--durability', 'disk'] : []
  return { isPair: commit !== 'alone', hasStrategy: false, engineArgs }
}

export async function benchAck(options: AckOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-ack-'))
  const cluster = new DrillCluster(folder, clusterShape(options.commit))
  const hops: Hop[] = []
  try {
    await cluster.start()
    const bare = await startNatsEcho(cluster)
    hops.push(bare)
    const sessions = await openSessions(cluster, options.isSearching ? SESSION_COUNT : 1)
    hops.push(...sessions)
    const [bareRounds, engineRounds] = await runHops([bare, sessions[0]!], options)
    const latency = latencyReport(bareRounds!, engineRounds!, options)
    if (!options.isSearching) return latency
    return joinReports([latency, await searchReport(sessions, options)])
  } finally {
    for (const hop of hops) await hop.stop()
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Each session has a symbol of its own, and prices below any other order. */
async function openSessions(cluster: DrillCluster, count: number): Promise<SessionHop[]> {
  const instruments = await askInstruments(cluster.transport, cluster.subjects)
  const transport = await connectNats({
    url: cluster.natsUrl,
    name: 'bench client',
    credentials: cluster.credentialsOf('tester'),
  })
  return Promise.all(
    Array.from({ length: count }, (_, index) => {
      const symbolId = index % instruments.length
      const priceTicks = Math.max(1, Math.floor(instruments[symbolId]!.openingPriceTicks / 2))
      const clientId = CLIENT_ID + index
      const close = () => (index === 0 ? transport.close() : Promise.resolve())
      return SessionHop.open('order to ack', transport, cluster.subjects, clientId, { symbolId, priceTicks }, close)
    }),
  )
}

/** A request of as many bytes as an order has, answered by a process that does nothing else. */
async function startNatsEcho(cluster: DrillCluster): Promise<Hop> {
  const url = cluster.natsUrl
  const credentials = cluster.credentialsOf('tester')
  const subject = `${cluster.subjects.root}.echo`
  const child = startScript(new URL('nats-echo.ts', import.meta.url), [url, credentials, subject])
  await nextMessage(child)
  const transport = await connectNats({ url, name: 'bench bare', credentials })
  const payload = new Uint8Array(NewOrderField.LENGTH).fill(7)
  return {
    name: 'bare NATS request',
    send: (done) => {
      const roundTrip = async () => {
        await transport.request(subject, payload, REQUEST_MS)
        done()
      }
      void roundTrip()
    },
    stop: async () => {
      await transport.close()
      await endScript(child)
    },
  }
}

function latencyReport(
  bareRounds: readonly Histogram[],
  engineRounds: readonly Histogram[],
  { commit, ratePerS }: AckOptions,
): BenchReport {
  const p50 = (histogram: Histogram) => histogram.getValueAtPercentile(50)
  const ratio = rounded(median(engineRounds.map((round, index) => p50(round) / p50(bareRounds[index]!))))
  const bareName = `bare NATS request, ${ratePerS}/s`
  const name = `order to ack over NATS, ${WORDS[commit]}, ${ratePerS}/s`
  return {
    checks: [
      {
        ...{ name: `ack: p50 against the bare NATS request, ${WORDS[commit]}`, ok: ratio <= RATIO_MAX },
        ...{ value: ratio, limit: RATIO_MAX },
      },
    ],
    results: [
      { name: bareName, metric: 'roundTrip', ...latencyFigures(bareRounds, 'us') },
      { name, metric: 'latency', ...latencyFigures(engineRounds, 'us'), against: bareName, ratio },
    ],
    curves: [curveOf(bareName, bareRounds, 'us'), curveOf(name, engineRounds, 'us')],
    leavesOut: [
      'ack: everything runs on one machine, so a network and its card are not in it, and the processes share its cores.',
    ],
  }
}

async function searchReport(sessions: readonly SessionHop[], { commit, stepMs }: AckOptions): Promise<BenchReport> {
  const { sustainedPerS, highestPerS, half } = await searchThroughput(sessions, stepMs)
  const name = `commands over NATS, ${WORDS[commit]}, ${sessions.length} sessions`
  return {
    checks: [
      {
        ...{ name: 'ack: sustained commands a second', ok: sustainedPerS >= THROUGHPUT_TARGET },
        ...{ value: sustainedPerS, limit: THROUGHPUT_TARGET },
      },
    ],
    results: [
      { name, metric: 'sustained', value: sustainedPerS, unit: 'commands/s' },
      { name, metric: 'answered when offered more', value: highestPerS, unit: 'commands/s' },
      { name: `${name}, at half of it`, metric: 'latency', ...latencyFigures([half], 'us') },
    ],
    curves: [curveOf(`${name}, at half of what is sustained`, [half], 'us')],
    leavesOut: ['ack, sustained: the sessions share one client process, which has its part in what limits them.'],
  }
}
