// From an order to its acknowledgement, with real processes: over NATS, against a bare NATS request in the same run,
//
//   bare:    client ─► nats-server ─► a program that answers ─► nats-server ─► client
//   engine:  client ─► nats-server ─► primary: sequence, apply, journal ─► TCP ─► backup: journal, apply ─► TCP
//                                     primary: report, market data ─► nats-server ─► client
//
// or over a direct session, against the barest program that makes as many hops and writes as many files:
//
//   bare:    client ─► TCP ─► write to a file ─► TCP ─► write to a file ─► TCP ─► TCP ─► client
//   engine:  client ─► TCP ─► primary ─► TCP ─► backup ─► TCP ─► primary: report ─► TCP ─► client, and market data ─► NATS
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
import { startBareEngines } from './bare-hops.ts'
import { type BenchReport, curveOf, joinReports, latencyFigures, rounded } from './bench-report.ts'
import { endScript, nextMessage, startScript } from './child-process.ts'
import { openDirect } from './direct-client.ts'
import { median } from './harness.ts'
import { type Hop, type LoopOptions, runHops } from './open-loop.ts'
import { SessionHop } from './session-hop.ts'
import { searchThroughput } from './throughput-search.ts'

/** What commits a record: both engines have it in their journals; both have synced it; one engine alone has synced it. */
export type Commit = 'pair' | 'disk' | 'alone'

/** How commands reach the engine. */
export type Way = 'nats' | 'session'

export type AckOptions = LoopOptions & {
  readonly commit: Commit
  readonly over: Way
  readonly isSearching: boolean
  /** Of each step of the search. */
  readonly stepMs: number
}

const CLIENT_ID = 10
const SESSION_COUNT = 16
/** Against the bare program: over NATS, over a direct session. */
const RATIO_MAX: Readonly<Record<Way, number>> = { nats: 2, session: 1.5 }
const THROUGHPUT_TARGET = 400_000
const REQUEST_MS = 10_000

const WAYS: Readonly<Record<Way, string>> = { nats: 'over NATS', session: 'over a direct session' }
const WORDS: Readonly<Record<Commit, string>> = {
  pair: 'written by both engines',
  disk: 'synced by both engines',
  alone: 'synced by one engine alone',
}

function shapeOf({ commit, over }: AckOptions): ClusterShape {
  const durability = commit === 'disk' ? ['--durability', 'disk'] : []
  const listening = over === 'session' ? ['--session-listen', '127.0.0.1:0'] : []
  return { isPair: commit !== 'alone', hasStrategy: false, engineArgs: [...durability, ...listening] }
}

export async function benchAck(options: AckOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-ack-'))
  const cluster = new DrillCluster(folder, shapeOf(options))
  const hops: Hop[] = []
  try {
    await cluster.start()
    const bares =
      options.over === 'nats' ? [await startNatsEcho(cluster)] : await startBareEngines(folder, options.commit)
    hops.push(...bares)
    const sessions = await openSessions(cluster, options.isSearching ? SESSION_COUNT : 1, options.over)
    hops.push(...sessions)
    const epoch = await epochOf(cluster)
    const rounds = await runHops([sessions[0]!, ...bares], options)
    const latency = latencyReport(
      bares.map(({ name }, index) => ({ name, rounds: rounds[index + 1]! })),
      rounds[0]!,
      options,
    )
    const reports = [latency, leadReport((await epochOf(cluster)) - epoch)]
    if (options.isSearching) reports.push(await searchReport(sessions, options))
    return joinReports(reports)
  } finally {
    for (const hop of hops) await hop.stop()
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function epochOf(cluster: DrillCluster): Promise<number> {
  return Number((await cluster.ask('status'))['epoch'])
}

/** Where the machine let an engine wait so long that the other took over, the figures are those of failovers. */
function leadReport(changeCount: number): BenchReport {
  const name = 'ack: changes of the lead while latency was measured'
  return { checks: [{ name, ok: changeCount === 0, value: changeCount, limit: 0 }], results: [], leavesOut: [] }
}

/** Each session has a symbol of its own, and prices below any other order. */
async function openSessions(cluster: DrillCluster, count: number, over: Way): Promise<SessionHop[]> {
  const instruments = await askInstruments(cluster.transport, cluster.subjects)
  const transport = await connectNats({
    url: cluster.natsUrl,
    name: 'bench client',
    credentials: cluster.credentialsOf('tester'),
  })
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const symbolId = index % instruments.length
      const priceTicks = Math.max(1, Math.floor(instruments[symbolId]!.openingPriceTicks / 2))
      const clientId = CLIENT_ID + index
      const own = over === 'nats' ? transport : await openDirect(cluster, transport, clientId)
      // All share what lies below, which is closed with the first of them.
      const close = () => own.close()
      return SessionHop.open('order to ack', own, cluster.subjects, clientId, { symbolId, priceTicks }, close)
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
  bares: readonly { readonly name: string; readonly rounds: readonly Histogram[] }[],
  engineRounds: readonly Histogram[],
  { commit, over, ratePerS }: AckOptions,
): BenchReport {
  const p50 = (histogram: Histogram) => histogram.getValueAtPercentile(50)
  const name = `order to ack ${WAYS[over]}, ${WORDS[commit]}, ${ratePerS}/s`
  const [first] = bares
  const ratio = rounded(median(engineRounds.map((round, index) => p50(round) / p50(first!.rounds[index]!))))
  const limit = RATIO_MAX[over]
  const bareName = (bare: string) => `${bare}, ${ratePerS}/s`
  return {
    checks: [
      {
        ...{ name: `ack ${WAYS[over]}: p50 against the ${first!.name}, ${WORDS[commit]}`, ok: ratio <= limit },
        ...{ value: ratio, limit },
      },
    ],
    results: [
      ...bares.map((bare) => ({
        ...{ name: bareName(bare.name), metric: 'roundTrip', ...latencyFigures(bare.rounds, 'us') },
      })),
      { name, metric: 'latency', ...latencyFigures(engineRounds, 'us'), against: first!.name, ratio },
    ],
    curves: [
      ...bares.map((bare) => curveOf(bareName(bare.name), bare.rounds, 'us')),
      curveOf(name, engineRounds, 'us'),
    ],
    leavesOut: [
      'ack: everything runs on one machine, so a network and its card are not in it, and the processes share its cores.',
    ],
  }
}

async function searchReport(
  sessions: readonly SessionHop[],
  { commit, over, stepMs }: AckOptions,
): Promise<BenchReport> {
  const { sustainedPerS, highestPerS, half } = await searchThroughput(sessions, stepMs)
  const name = `commands ${WAYS[over]}, ${WORDS[commit]}, ${sessions.length} sessions`
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
