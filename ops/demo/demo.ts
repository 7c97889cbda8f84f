// The demo: a market of real processes lives through what happens to markets, and each step says what happened, why, and
// which guarantee it shows, and checks it with clients' own records against the journals.

import { hashText } from '../../engine/io/engine-queries.ts'
import type { Report } from '../cli/output.ts'
import { DrillCluster, SYMBOLS } from '../drill/drill-cluster.ts'
import { NotInTimeError } from '../drill/engine-watch.ts'
import { compareJournals, JournalChecker } from '../drill/journal-checker.ts'
import { Load } from '../drill/load.ts'
import { quotesUntil } from '../drill/quotes-until.ts'
import { pauseMs } from '../drill/scenario.ts'
import type { Timeline } from '../drill/timeline.ts'
import { askInstruments } from '../roles/ask-instruments.ts'
import type { Story } from './story.ts'

export type DemoOptions = {
  /** Empty; the caller removes it. */
  readonly folder: string
  readonly hasPage: boolean
  /** Told the page's address once it is served. */
  readonly onPage: (url: string) => void
  /** How long each step lets the market run, to be looked at. Milliseconds. */
  readonly lookMs: number
  readonly ratePerS: number
  readonly timeline: Timeline
  readonly signal: AbortSignal
}

/** A lease of a second, its withdrawal on record within another, and a machine that may be busy. */
const HANDED_ON_MS_MAX = 8_000
const WAIT_MS_MAX = 20_000
const LOOK_EVERY_MS = 20
/** Generous: the machine may be busy with something else. */
const UNAVAILABLE_MS_MAX = 5_000

type Stage = {
  readonly cluster: DrillCluster
  readonly load: Load
  readonly checker: JournalChecker
  readonly story: Story
  readonly options: DemoOptions
}

export async function runDemo(story: Story, options: DemoOptions): Promise<Report> {
  const cluster = new DrillCluster(options.folder, { isPair: true, hasStrategy: true })
  const aborted = Promise.withResolvers<never>()
  options.signal.addEventListener('abort', () => aborted.reject(new Error('interrupted; everything was stopped')))
  try {
    await Promise.race([tell(cluster, story, options), aborted.promise])
  } finally {
    await cluster.stop()
  }
  return { checks: story.checks, results: [] }
}

async function tell(cluster: DrillCluster, story: Story, options: DemoOptions): Promise<void> {
  story.begin('The market opens')
  await cluster.start()
  if (options.hasPage) {
    await cluster.startProcess('gateway')
    options.onPage(String(cluster.detailsOf('gateway')['url']))
  }
  const { transport, subjects } = cluster
  const instruments = await askInstruments(transport, subjects)
  const load = await Load.open(transport, subjects, {
    ...{ ratePerS: options.ratePerS, seed: 1, instruments },
    onAnswer: (nowMs) => options.timeline.onAnswer(nowMs),
  })
  cluster.watch.onChange = (text) => options.timeline.note(text)
  const stage: Stage = { cluster, load, checker: new JournalChecker(), story, options }
  try {
    await normalOperation(stage)
    await nodeJoins(stage)
    await nodeLeaves(stage)
    await nodeDies(stage)
    await primaryDies(stage)
    await clusterRestarts(stage)
    await marketCloses(stage)
  } finally {
    load.close()
  }
}

async function normalOperation(stage: Stage): Promise<void> {
  const { cluster, load, story } = stage
  const { epoch } = await cluster.ask('status')
  story.say(`A nats-server, two engines and a strategy node run. ${cluster.primary()} leads in epoch ${String(epoch)};`)
  story.say(`${cluster.backup()} follows: nothing is told to anybody before both have it in their journals.`)
  await sharesAre(cluster, [SYMBOLS.length])
  await quotesUntil(cluster, (count) => count === SYMBOLS.length, 'quotes')
  story.say(`strategy-1 holds the authority for all ${SYMBOLS.length} symbols and quotes them.`)
  story.say(`Four clients send ${stage.options.ratePerS} orders a second.`)
  load.start()
  await look(stage)
  await checkpoint(stage)
}

async function nodeJoins(stage: Stage): Promise<void> {
  const { cluster, story } = stage
  begin(stage, 'A node joins')
  await cluster.startProcess('strategy-2')
  const shares = await sharesAre(cluster, [2, 2])
  await quotesUntil(cluster, (count) => count === SYMBOLS.length, 'both nodes to quote')
  story.say(
    'strategy-2 says that it is present. The desk deals the symbols out anew, moves as few as it can, and recalls them',
  )
  story.say(
    'from strategy-1; each is granted to strategy-2 only when strategy-1 has given it back or its lease has ended.',
  )
  story.guarantee('each symbol has one holder, each node its share', true, shares)
  await look(stage)
  await exposureHolds(stage)
  await checkpoint(stage)
}

async function nodeLeaves(stage: Stage): Promise<void> {
  const { cluster, story } = stage
  begin(stage, 'A node leaves')
  const startMs = performance.now()
  await cluster.end('strategy-2')
  await sharesAre(cluster, [SYMBOLS.length])
  await quotesUntil(cluster, (count) => count === SYMBOLS.length, 'the other node to quote everything')
  const movedMs = Math.round(performance.now() - startMs)
  story.say(
    'strategy-2 was asked to end, and said good-bye: in one record its quotes are withdrawn and its symbols are the',
  )
  story.say("other node's.")
  story.guarantee('strategy-1 quotes all symbols, after ms', movedMs <= HANDED_ON_MS_MAX, movedMs, HANDED_ON_MS_MAX)
  await look(stage)
  await checkpoint(stage)
}

async function nodeDies(stage: Stage): Promise<void> {
  const { cluster, story } = stage
  begin(stage, 'A node dies')
  await cluster.startProcess('strategy-2')
  await sharesAre(cluster, [2, 2])
  const startMs = performance.now()
  await cluster.kill('strategy-1')
  await sharesAre(cluster, [SYMBOLS.length])
  await quotesUntil(cluster, (count) => count === SYMBOLS.length, 'the other node to quote everything')
  const movedMs = Math.round(performance.now() - startMs)
  story.say(
    'strategy-2 is back, and strategy-1 was killed (kill -9). It says nothing any more, so its presence and its leases',
  )
  story.say('end by the time on record; its quotes are withdrawn, and no other node quotes before that.')
  story.guarantee('strategy-2 quotes all symbols, after ms', movedMs <= HANDED_ON_MS_MAX, movedMs, HANDED_ON_MS_MAX)
  await cluster.startProcess('strategy-1')
  const shares = await sharesAre(cluster, [2, 2])
  story.guarantee('strategy-1 is started again and has its share', true, shares)
  await look(stage)
  await exposureHolds(stage)
  await checkpoint(stage)
}

/** Resolves when the nodes hold these numbers of symbols. */
async function sharesAre(cluster: DrillCluster, wanted: readonly number[]): Promise<string> {
  const deadlineMs = performance.now() + WAIT_MS_MAX
  for (;;) {
    const { nodes } = (await cluster.ask('nodes')) as { nodes?: readonly { heldSymbols: readonly string[] }[] }
    const held = (nodes ?? []).map(({ heldSymbols }) => heldSymbols.length).filter((count) => count > 0)
    if (held.join() === wanted.join()) return held.join(' + ')
    if (performance.now() > deadlineMs) {
      throw new NotInTimeError(`the nodes hold ${held.join(' + ') || 'nothing'}, not ${wanted.join(' + ')}`)
    }
    await pauseMs(LOOK_EVERY_MS)
  }
}

async function primaryDies(stage: Stage): Promise<void> {
  const { cluster, load, story } = stage
  begin(stage, 'The primary dies')
  const primary = cluster.primary()
  const before = Number((await cluster.ask('status'))['epoch'])
  load.mark()
  await cluster.kill(primary)
  await cluster.led()
  const after = Number((await cluster.ask('status'))['epoch'])
  story.say(
    `${primary} was killed (kill -9) under load. ${cluster.primary()} took the view by compare-and-set and leads.`,
  )
  story.guarantee('the epoch grew', after > before, `${before} -> ${after}`)
  await cluster.startProcess(primary)
  await cluster.whole()
  story.say(`${primary} is started again: it reads its journal, is sent what it lacks, and follows.`)
  await quotesUntil(cluster, (count) => count === SYMBOLS.length, 'quoting to resume')
  story.say('Quoting goes on in every symbol.')
  await look(stage)
  const silentMs = Math.round(load.harmSilenceMsMax)
  story.guarantee('clients waited for an answer, ms', silentMs <= UNAVAILABLE_MS_MAX, silentMs, UNAVAILABLE_MS_MAX)
  await checkpoint(stage)
}

async function clusterRestarts(stage: Stage): Promise<void> {
  const { cluster, load, story } = stage
  begin(stage, 'The cluster restarts')
  await load.drain()
  const before = Number((await cluster.ask('state-hash'))['recordSeq'])
  await cluster.killNats()
  const names = [...cluster.engineNames, 'strategy-1', 'strategy-2']
  await Promise.all(names.map((name) => cluster.kill(name)))
  story.say('Everything was killed at once (kill -9): nats-server, both engines, both nodes.')
  await cluster.startNats()
  await Promise.all(cluster.engineNames.map((name) => cluster.startProcess(name)))
  await cluster.whole()
  const after = Number((await cluster.ask('state-hash'))['recordSeq'])
  story.say('Everything is started again. The engines read their journals; one leads, the other follows.')
  story.guarantee('no record is missing', after >= before, `${before} before, ${after} after`)
  await Promise.all([cluster.startProcess('strategy-1'), cluster.startProcess('strategy-2')])
  await quotesUntil(cluster, (count) => count === SYMBOLS.length, 'quoting to resume')
  load.start()
  await look(stage)
  await checkpoint(stage)
}

async function marketCloses(stage: Stage): Promise<void> {
  const { cluster, load, checker, story } = stage
  begin(stage, 'The market closes')
  await load.drain()
  await cluster.stopProcesses()
  const [one, other] = cluster.engineNames.map((name) => cluster.journalFolder(name))
  compareJournals(one!, other!, checker.seq, checker.findings)
  const { diverged } = checker.findings
  story.say(`${load.sentCount} commands were sent, ${load.retryCount} of them again because an answer was late.`)
  story.guarantee('records that differ between the two journals', diverged === 0, diverged, 0)
  const splits = cluster.watch.splitEpochs.length
  story.guarantee('epochs with two primaries', splits === 0, splits, 0)
}

function begin({ story, options }: Stage, title: string): void {
  story.begin(title)
  options.timeline.note(title)
}

async function look({ options }: Stage): Promise<void> {
  await pauseMs(options.lookMs)
}

async function exposureHolds({ cluster, story }: Stage): Promise<void> {
  const exposure = await cluster.ask('exposure')
  const { exposureLots } = cluster.config
  const worst = Math.max(Number(exposure['bidLotsHigh']), Number(exposure['askLotsHigh']))
  story.guarantee(
    'exposure of all quotes together, most lots ever on a side',
    worst <= exposureLots,
    worst,
    exposureLots,
  )
}

/** Everything sent is answered; then what clients were told is held against the journal, and the state against its replay. */
async function checkpoint({ cluster, load, checker, story }: Stage): Promise<void> {
  await load.drain()
  const answer = await cluster.ask('state-hash')
  const toSeq = Number(answer['recordSeq'])
  const before = checker.checkedCount
  checker.check([cluster.journalFolder(cluster.primary())], toSeq, load.records)
  for (const record of load.records) record.forget()
  const { findings, core } = checker
  const wrong = findings.lost + findings.twice + findings.altered + findings.wrongReplies
  const checked = checker.checkedCount - before
  story.guarantee(
    `of ${checked} commands: lost, applied twice, or answered otherwise than recorded`,
    wrong === 0,
    wrong,
    0,
  )
  const replayed = core === null ? '' : hashText(core.hash())
  const isEqual = answer['stateHash'] === replayed
  story.guarantee(`replaying ${toSeq} records gives the engine's state hash`, isEqual, replayed)
  load.start()
}
