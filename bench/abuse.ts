// What a well-behaved client feels of an abusive one, with real processes: a pair of engines, a gateway, and the abuser in a
// process of its own. Rounds with and without the abuser take turns, and take turns at coming first, so that what the
// machine does meanwhile, and what the processes have become by then, falls on both.
//
//   well-behaved: orders over a direct session, and requests to the gateway, both at a constant rate
//   abuser:       abuses.ts
//
// Held against limits: the latencies with the abuser against those without, what the abuser was answered, the memory of the
// engine and of the gateway, and that the same engine leads afterwards and answers as before.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Histogram } from 'hdr-histogram-js'
import type { Check } from '../ops/cli/output.ts'
import { DrillCluster } from '../ops/drill/drill-cluster.ts'
import { askInstruments } from '../ops/roles/ask-instruments.ts'
import { connectNats } from '../protocol/io/nats-transport.ts'
import { ABUSE_CASES, type AbuseCase, type AbuseKind } from './abuse-kinds.ts'
import type { Places } from './abuses.ts'
import { type BenchReport, joinReports, latencyFigures, rounded } from './bench-report.ts'
import { endScript, nextMessage, startScript } from './child-process.ts'
import { openDirect } from './direct-client.ts'
import { IdleGroup } from './idle-group.ts'
import { type Hop, type LoopOptions, runRound } from './open-loop.ts'
import { type MarketPlace, SessionHop } from './session-hop.ts'

export type AbuseOptions = Omit<LoopOptions, 'pace'> & { readonly kinds: readonly AbuseKind[] }

const CLIENT_ID = 10
const ABUSER_CLIENT_ID = 11
const RATIO_MAX = 2
const MEMORY_GROWTH_MAX = 256 * 1024 * 1024
/** Requests to the gateway for each order. */
const REQUEST_SHARE = 0.5
const WARM_UP_ROUNDS = 2
/** Before a round begins: what the abuser does from then on is its everyday. */
const SETTLE_MS = 300
/** When it has ended: what it left behind, a thousand connections or a full queue, is cleared by then. */
const CLEARED_MS = 1_000

export async function benchAbuse(options: AbuseOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-abuse-'))
  const engineArgs = ['--session-listen', '127.0.0.1:0']
  const cluster = new DrillCluster(folder, { isPair: true, hasStrategy: false, engineArgs })
  const hops: Hop[] = []
  try {
    await cluster.start()
    await cluster.startProcess('gateway')
    const [instrument] = await askInstruments(cluster.transport, cluster.subjects)
    const place = { symbolId: 0, priceTicks: Math.max(1, Math.floor(instrument!.openingPriceTicks / 2)) }
    hops.push(await openOrders(cluster, place), openRequests(cluster))
    for (let round = 0; round < WARM_UP_ROUNDS; round++)
      await measure(
        hops,
        options,
        hops.map(() => []),
      )
    const reports: BenchReport[] = []
    for (const [index, kind] of options.kinds.entries()) {
      reports.push(await runCase(cluster, hops, placesOf(cluster, place), kind, options))
      options.onRound(index + 1, options.kinds.length)
    }
    return joinReports(reports)
  } finally {
    for (const hop of hops) await hop.stop()
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function runCase(
  cluster: DrillCluster,
  hops: readonly Hop[],
  places: Places,
  kind: AbuseKind,
  options: AbuseOptions,
): Promise<BenchReport> {
  const child = startScript(new URL('abuser.ts', import.meta.url), [kind, JSON.stringify(places)])
  const group = new IdleGroup()
  const epoch = await epochOf(cluster)
  const before = memoryOf(cluster)
  const answers = new Map<string, number>()
  const calm = hops.map((): Histogram[] => [])
  const abused = hops.map((): Histogram[] => [])
  let memoryMax = before
  try {
    await nextMessage(child)
    group.add(child.pid!)
    for (let round = 0; round < options.roundCount; round++) {
      const isCalmFirst = round % 2 === 0
      if (isCalmFirst) await measure(hops, options, calm)
      child.send('begin')
      await nextMessage(child)
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
      await measure(hops, options, abused)
      memoryMax = memoryMax.map((most, index) => Math.max(most, memoryOf(cluster)[index]!))
      child.send('end')
      for (const [name, count] of Object.entries(await nextMessage<Record<string, number>>(child))) {
        answers.set(name, (answers.get(name) ?? 0) + count)
      }
      await new Promise((resolve) => setTimeout(resolve, CLEARED_MS))
      if (!isCalmFirst) await measure(hops, options, calm)
    }
  } finally {
    await endScript(child)
    group.remove()
  }
  const growths = memoryMax.map((most, index) => most - before[index]!)
  const changeCount = (await epochOf(cluster)) - epoch
  const after = hops.map((): Histogram[] => [])
  await measure(hops, options, after)
  return joinReports([
    ...hops.map((hop, index) => latencyReport(kind, hop.name, calm[index]!, abused[index]!, after[index]!)),
    conductReport(kind, answers, growths, changeCount),
  ])
}

async function measure(hops: readonly Hop[], options: AbuseOptions, rounds: readonly Histogram[][]): Promise<void> {
  const { commandCount, ratePerS } = options
  const histograms = await Promise.all(
    hops.map((hop, index) => {
      const share = index === 0 ? 1 : REQUEST_SHARE
      const load = { commandCount: Math.ceil(commandCount * share), ratePerS: ratePerS * share }
      return runRound(hop, { ...options, ...load, pace: 'timer' })
    }),
  )
  histograms.forEach((histogram, index) => {
    rounds[index]!.push(histogram)
  })
}

function latencyReport(
  kind: AbuseKind,
  hop: string,
  calm: readonly Histogram[],
  abused: readonly Histogram[],
  after: readonly Histogram[],
): BenchReport {
  const { what } = ABUSE_CASES[kind]
  const [without, beside, behind] = [calm, abused, after].map((rounds) => latencyFigures(rounds, 'us')) as [
    ReturnType<typeof latencyFigures>,
    ReturnType<typeof latencyFigures>,
    ReturnType<typeof latencyFigures>,
  ]
  const check = (name: string, ratio: number): Check => ({
    ...{ name: `${kind}: ${hop}, ${name}`, ok: ratio <= RATIO_MAX, value: rounded(ratio), limit: RATIO_MAX },
  })
  return {
    checks: [
      check('p50 against that without the abuser', beside.p50 / without.p50),
      check('p99 against that without the abuser', beside.p99 / without.p99),
      check('p50 afterwards against that before', behind.p50 / without.p50),
    ],
    results: [
      { name: `${hop}, nobody ${what}`, metric: 'latency', ...without },
      {
        ...{ name: `${hop}, beside a client that ${what}`, metric: 'latency', ...beside },
        ...{ against: 'without', ratio: rounded(beside.p99 / without.p99) },
      },
    ],
    leavesOut: [
      'abuse: the abuser gets a core only where nobody else wants it, as one on another host would take none.',
    ],
  }
}

function conductReport(
  kind: AbuseKind,
  answers: ReadonlyMap<string, number>,
  growths: readonly number[],
  changeCount: number,
): BenchReport {
  const { answers: allowed, suffers }: AbuseCase = ABUSE_CASES[kind]
  const names = [...answers.keys()]
  const odd = allowed === undefined ? [] : names.filter((name) => !allowed.test(name))
  const text = [...answers].map(([name, count]) => `${count} ${name}`).join(', ')
  const growth = Math.max(...growths)
  const suffered = suffers === undefined || names.some((name) => suffers.test(name))
  return {
    checks: [
      { name: `${kind}: what it was answered`, ok: odd.length === 0 && suffered, value: text, limit: null },
      {
        ...{ name: `${kind}: memory of an engine or the gateway grown by, bytes`, ok: growth <= MEMORY_GROWTH_MAX },
        ...{ value: growth, limit: MEMORY_GROWTH_MAX },
      },
      { name: `${kind}: changes of the lead`, ok: changeCount === 0, value: changeCount, limit: 0 },
    ],
    results: [],
    leavesOut: [],
  }
}

function placesOf(cluster: DrillCluster, place: MarketPlace): Places {
  const session = cluster.detailsOf(cluster.primary())['session'] as { readonly port: number }
  return {
    ...{ natsUrl: cluster.natsUrl, credentials: cluster.credentialsOf('tester'), clusterId: cluster.config.clusterId },
    ...{ clientId: ABUSER_CLIENT_ID, place, sessionPort: session.port, peerPort: cluster.peerPort },
    gatewayPort: Number(new URL(String(cluster.detailsOf('gateway')['url'])).port),
  }
}

async function openOrders(cluster: DrillCluster, place: MarketPlace): Promise<Hop> {
  const bus = await connectNats({
    url: cluster.natsUrl,
    name: 'bench client',
    credentials: cluster.credentialsOf('tester'),
  })
  const transport = await openDirect(cluster, bus, CLIENT_ID)
  return SessionHop.open('order to ack', transport, cluster.subjects, CLIENT_ID, place, () => transport.close())
}

function openRequests(cluster: DrillCluster): Hop {
  const agent = new Agent({ keepAlive: true })
  const url = new URL('/prices', String(cluster.detailsOf('gateway')['url']))
  return {
    name: 'request to answer',
    send: (done) => {
      request(url, { agent }, (response) => response.resume().once('end', done)).end()
    },
    stop: async () => agent.destroy(),
  }
}

async function epochOf(cluster: DrillCluster): Promise<number> {
  return Number((await cluster.ask('status'))['epoch'])
}

/** Resident memory of each engine and of the gateway. Bytes. */
function memoryOf(cluster: DrillCluster): number[] {
  return [...cluster.engineNames, 'gateway'].map((name) => {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${cluster.pidOf(name)}/status`, 'utf8'))?.[1]
    return Number(kib) * 1_024
  })
}
