// Runs one scenario: so many rounds of load, harm at a random moment, mending, and checking.
//
//   start ─► load ─► harm ─► whole again ─► load ─► drain ─► ask for the state hash ─► check the journals ─┐
//              ▲                                                                                           │
//              └──────────────────────────────────── next round ───────────────────────────────────────────┘

import { Prng } from '../../base/prng.ts'
import { hashText } from '../../engine/io/engine-queries.ts'
import type { Report } from '../cli/output.ts'
import { clusterConfigOf } from '../config/cluster-config.ts'
import { askInstruments } from '../roles/ask-instruments.ts'
import { DrillCluster } from './drill-cluster.ts'
import { compareJournals, JournalChecker } from './journal-checker.ts'
import { LinearizabilityChecker } from './linearizability.ts'
import { Load } from './load.ts'
import { pauseMs, type Scenario } from './scenario.ts'
import { Tally } from './tally.ts'
import type { Timeline } from './timeline.ts'

export type DrillOptions = {
  /** How often; with `minutes`, as often as fits. */
  readonly rounds: number
  readonly minutes?: number
  readonly ratePerS: number
  readonly seed: number
  /** Empty; the caller removes it. */
  readonly folder: string
  readonly onProgress: (line: string) => void
  readonly timeline: Timeline
  /** Aborted: ends after what is under way. */
  readonly signal: AbortSignal
}

/** Load before the harm: at least, and up to so much more. */
const BEFORE_MS = 300
const BEFORE_SPREAD_MS = 500
/** Load after the cluster is whole again. */
const AFTER_MS = 300

export async function runScenario(scenario: Scenario, options: DrillOptions): Promise<Report> {
  const cluster = new DrillCluster(options.folder, scenario.shape)
  const interrupted = onAbort(options.signal)
  try {
    return await Promise.race([runRounds(cluster, scenario, options), interrupted])
  } finally {
    await cluster.stop()
  }
}

/** The drill was asked to end before it was done. */
export class InterruptedError extends Error {
  override name = 'InterruptedError'
}

function onAbort(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const end = () => reject(new InterruptedError('interrupted; everything was stopped'))
  if (signal.aborted) end()
  signal.addEventListener('abort', end)
  return promise
}

async function runRounds(cluster: DrillCluster, scenario: Scenario, options: DrillOptions): Promise<Report> {
  await cluster.start()
  const { transport, subjects } = cluster
  const instruments = await askInstruments(transport, subjects)
  const { ratePerS, seed, timeline } = options
  cluster.watch.onChange = (text) => timeline.note(text)
  const load = await Load.open(transport, subjects, {
    ...{ ratePerS, seed, instruments },
    onAnswer: (nowMs) => timeline.onAnswer(nowMs),
  })
  // Quotes of a node are no history of ours, and trade with it.
  const histories = cluster.shape.hasStrategy ? null : new LinearizabilityChecker(clusterConfigOf(cluster.config))
  const checker = new JournalChecker()
  const tally = new Tally(scenario)
  const random = new Prng(options.seed)
  try {
    const endMs = options.minutes === undefined ? 0 : performance.now() + options.minutes * 60_000
    for (let round = 1; round <= options.rounds || performance.now() < endMs; round++) {
      const startMs = performance.now()
      const { silentMs, chosen } = await runRound(cluster, scenario, load, random, tally, timeline, checker)
      if (histories !== null) tally.addVerdict(histories.check(load.records.flatMap((record) => record.operations())))
      const records = await checkRound(cluster, load, checker, tally)
      const seconds = ((performance.now() - startMs) / 1_000).toFixed(1)
      const verdict = tally.isGood(checker.findings) ? 'all checks held' : 'CHECKS FAILED'
      options.onProgress(
        `${scenario.name} round ${round}${options.minutes === undefined ? ` of ${options.rounds}` : ''}` +
          `${chosen === scenario ? '' : ` (${chosen.name})`}: unavailable ${Math.round(silentMs)} ms, record ${records}, ${verdict} (${seconds} s)`,
      )
      if (options.signal.aborted) break
    }
  } finally {
    load.close()
  }
  tally.sentCount = load.sentCount
  tally.retryCount = load.retryCount
  await cluster.stopProcesses()
  if (cluster.shape.isPair) compareAtEnd(cluster, checker)
  return tally.report(checker, cluster.watch.splitEpochs)
}

/** Returns how long the harm kept answers away, in milliseconds, and what harm it was. */
async function runRound(
  cluster: DrillCluster,
  scenario: Scenario,
  load: Load,
  random: Prng,
  tally: Tally,
  timeline: Timeline,
  checker: JournalChecker,
): Promise<{ readonly silentMs: number; readonly chosen: Scenario }> {
  let chosen = scenario
  load.start()
  await pauseMs(BEFORE_MS + random.nextBelow(BEFORE_SPREAD_MS))
  load.mark()
  const startMs = performance.now()
  await scenario.run({
    cluster,
    random,
    choose: (one) => {
      chosen = one
    },
    mark: () => {
      load.mark()
      timeline.note(`harm: ${chosen.summary}`)
    },
    check: (check) => tally.addCheck(check),
    measure: (metric, valueMs) => tally.measure(metric, valueMs),
    watchUse: (fromSeq, toSeq) => checker.use.watch(fromSeq, toSeq),
  })
  timeline.note('whole again')
  tally.measure('wholeAgain', Math.round(performance.now() - startMs))
  await pauseMs(AFTER_MS)
  await load.drain()
  tally.measure('unavailability', load.harmSilenceMsMax)
  tally.measure('longestSilence', load.silenceMsMax)
  return { silentMs: load.harmSilenceMsMax, chosen }
}

/** Everything sent is answered, so that what the journal holds now is all that there is. Returns the record checked. */
async function checkRound(cluster: DrillCluster, load: Load, checker: JournalChecker, tally: Tally): Promise<number> {
  const answer = await cluster.ask('state-hash')
  const toSeq = Number(answer['recordSeq'])
  const [one, other] = cluster.engineNames.map((name) => cluster.journalFolder(name))
  if (one === undefined) throw new Error('there is an engine')
  checker.check(other === undefined ? [one] : [one, other], toSeq, load.records)
  if (other !== undefined) compareJournals(one, other, toSeq, checker.findings)
  const replayed = checker.core === null ? '' : hashText(checker.core.hash())
  for (const check of checker.use.checks()) tally.addCheck(check)
  tally.addHash(answer['stateHash'] === replayed && checker.seq === toSeq)
  tally.addRecords(load.records)
  for (const record of load.records) record.forget()
  return toSeq
}

/** Nothing is written any more: the journals are the same up to where the shorter one ends. */
function compareAtEnd(cluster: DrillCluster, checker: JournalChecker): void {
  const [one, other] = cluster.engineNames.map((name) => cluster.journalFolder(name))
  if (one !== undefined && other !== undefined) compareJournals(one, other, checker.seq, checker.findings)
}
