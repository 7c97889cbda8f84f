// One run of a simulation: starts the cluster, shows it, ends it when asked or when its time is over, and sums it up.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Report } from '../cli/output.ts'
import type { TandemConfig } from '../config/schema.ts'
import { Chaos } from './chaos.ts'
import { Cluster } from './cluster.ts'
import { DataDir } from './data-dir.ts'
import type { Transition } from './kept-process.ts'
import { LiveView } from './live-view.ts'
import { Recording } from './recording.ts'
import { engineNames } from './role-args.ts'
import { gatherFigures, type JournalVerdict, replayJournal, summarize } from './summary.ts'
import { Terminal } from './terminal.ts'

/** How long the processes may take to come back after the last fault. */
const SETTLE_MS_MAX = 15_000

export type SimOptions = {
  /** Undefined: a new temporary folder for a run of a stated duration, else the configured one or var/. */
  readonly dataDir: string | undefined
}

export type SimOutcome = { readonly report: Report; readonly extra: Readonly<Record<string, unknown>> }

export async function runSim(config: TandemConfig, options: SimOptions): Promise<SimOutcome> {
  const dataDir = new DataDir(chooseDataDir(config, options))
  const terminal = new Terminal(process.stderr)
  dataDir.claim(config)
  terminal.print(`data in ${dataDir.path}`)
  const cluster = new Cluster({
    config,
    dataDir,
    onTransition: (transition) => printTransition(terminal, cluster, transition),
  })
  const stopAsked = stopRequest()
  try {
    const started = await Promise.race([cluster.start().then(() => 'started' as const), stopAsked])
    if (started !== 'started') return { report: { checks: [], results: [] }, extra: {} }
    terminal.print(`the market is open: ${cluster.pageUrl ?? 'no page'}`)
    const extras = await beginExtras(config, cluster, terminal)
    const view = new LiveView(terminal, cluster)
    await endOfRun(stopAsked, config.simulation.durationS)
    view.stop()
    terminal.print('ending ...')
    return await endAndSumUp(config, cluster, dataDir, extras)
  } finally {
    await cluster.stop()
    dataDir.release()
  }
}

/** What a run does beside running. */
type Extras = { readonly recording: Recording | null; readonly chaos: Chaos | null }

async function beginExtras(config: TandemConfig, cluster: Cluster, terminal: Terminal): Promise<Extras> {
  const { record, chaosPerMinute } = config.simulation
  const { natsUrl } = cluster
  const source = { natsUrl, credentials: cluster.credentialsOf('recorder') }
  const recording = record === undefined ? null : await Recording.start(source, config.clusterId, record)
  if (recording !== null) terminal.print(`recording to ${record}`)
  if (chaosPerMinute === 0) return { recording, chaos: null }
  const chaos = new Chaos({
    faultsPerMinute: chaosPerMinute,
    seed: config.seed,
    processes: () => cluster.processes,
    onFault: (text) => terminal.print(text),
  })
  return { recording, chaos }
}

/** The order matters: nobody trades any more when the engine is asked, and the engines are gone when their journals are read. */
async function endAndSumUp(
  config: TandemConfig,
  cluster: Cluster,
  dataDir: DataDir,
  { recording, chaos }: Extras,
): Promise<SimOutcome> {
  chaos?.stop()
  if (chaos !== null) await cluster.settled(SETTLE_MS_MAX)
  const clients = cluster.processes.map(({ name }) => name).filter((name) => /^(flow|strategy)/.test(name))
  await cluster.stop(clients)
  const recorded = (await recording?.finish()) ?? []
  const figures = await gatherFigures(cluster)
  const engines = engineNames(config)
  await cluster.stop(['gateway', ...engines])
  const verdicts: JournalVerdict[] = []
  for (const name of engines) verdicts.push(await replayJournal(name, dataDir.engine(name), figures))
  const restarts = Object.fromEntries(cluster.processes.map(({ name, restartCount }) => [name, restartCount]))
  const { checks, results } = summarize(config, figures, verdicts)
  const faults = Object.entries(chaos?.counts ?? {}).map(([metric, value]) => {
    return { name: 'chaos', metric: `${metric}Count`, value, unit: 'processes' }
  })
  return {
    report: { checks, results: [...results, ...recorded, ...faults] },
    extra: { dataDir: dataDir.path, pageUrl: cluster.pageUrl, restarts },
  }
}

function chooseDataDir(config: TandemConfig, { dataDir }: SimOptions): string {
  const named = dataDir ?? config.dataDir
  if (named !== undefined) return resolve(named)
  if (config.simulation.durationS !== undefined) return mkdtempSync(join(tmpdir(), 'tandem-sim-'))
  return resolve('var')
}

/** Resolves at the first SIGINT or SIGTERM. A second one ends this process at once, and the guard ends the rest. */
function stopRequest(): Promise<string> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        done(signal)
        process.once(signal, () => process.exit(130))
      })
    }
  })
}

async function endOfRun(stopAsked: Promise<string>, durationS: number | undefined): Promise<void> {
  if (durationS === undefined) {
    await stopAsked
    return
  }
  const over = Promise.withResolvers<void>()
  const timer = setTimeout(over.resolve, durationS * 1_000)
  await Promise.race([stopAsked, over.promise])
  clearTimeout(timer)
}

/** What is as expected is told once; what is not, with its reason. */
function printTransition(terminal: Terminal, cluster: Cluster, { name, from, to, reason, pid }: Transition): void {
  const restarted = (cluster.processes.find((kept) => kept.name === name)?.restartCount ?? 0) > 0
  if (to === 'ready') terminal.print(`${name} ${restarted ? 'is back' : 'is up'} (pid ${pid})`)
  else if (to === 'waiting') terminal.print(`${name} (pid ${pid}): ${reason}`)
  else if (to === 'stopped' && from === 'ready') terminal.print(`${name} stopped`)
}
