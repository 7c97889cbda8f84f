// What happens to strategy nodes: five of them quote twelve symbols that want more than the exposure limit allows, while one
// joins, leaves, dies, stops, begins anew, is impersonated; while all die, and while everything does.

import type { ClusterShape, DrillCluster } from '../drill-cluster.ts'
import { heldBy, quotedBy, quotesUntil, sharesUntil, staleQuoteCount, staleQuotesUntil } from '../quotes-until.ts'
import { pauseMs, type Round, type Scenario } from '../scenario.ts'

const NODE_COUNT = 5
const VICTIM = 'strategy-2'
const SYMBOL_COUNT = 12
const SHAPE: ClusterShape = {
  isPair: true,
  hasStrategy: true,
  nodeCount: NODE_COUNT,
  symbolCount: SYMBOL_COUNT,
  quoteTtlMs: 30_000,
  proxied: [VICTIM],
  nodeArgs: [
    // Each wants twenty lots on both sides, whatever its position: 240 of 100.
    ...['--param', 'quantityLots=20', '--param', 'positionLimitLots=1000000'],
    // A node that knows how old its market is sends no late quotes; the desk has to refuse them of one that does not.
    ...['--stale-market', '60000'],
  ],
}
const RATE_PER_S = 2_000
const TAKEOVER_MS_MAX = 1_500
/** Longer than the time after which a quote is refreshed. */
const PAUSE_MS = 5_500
/** How long a node that wakes up hears nothing yet. */
const DEAF_MS = 500
/** Long enough that quotes are refreshed twice, which is when shares are dealt out. */
const CONTENTION_MS = 12_000
const TRIES_MAX = 3
const STRANGER = `strategy-${NODE_COUNT + 1}`

type Run = (round: Round) => Promise<void>
type Step = { readonly name: string; readonly summary: string; readonly run: Run }

/** While all nodes stay: on a machine that starves them of time one is lost, and that is another story. */
const contention: Run = async ({ cluster, watchUse }) => {
  for (let tries = 1; ; tries++) {
    await sharesUntil(cluster, NODE_COUNT, SYMBOL_COUNT)
    const before = await standing(cluster)
    await pauseMs(CONTENTION_MS)
    const after = await standing(cluster)
    watchUse(before.seq, after.seq)
    if (before.text === after.text || tries === TRIES_MAX) return
  }
}

const join: Run = async ({ cluster, mark, measure }) => {
  mark()
  await cluster.startProcess(STRANGER)
  const startMs = performance.now()
  await sharesUntil(cluster, NODE_COUNT + 1, SYMBOL_COUNT)
  measure('joinedShare', Math.round(performance.now() - startMs))
  await cluster.end(STRANGER)
}

const leave: Run = async ({ cluster, mark, measure }) => {
  mark()
  const startMs = performance.now()
  await cluster.end(VICTIM)
  await sharesUntil(cluster, NODE_COUNT - 1, SYMBOL_COUNT)
  measure('leftShare', Math.round(performance.now() - startMs))
  await cluster.startProcess(VICTIM)
}

const kill: Run = async (round) => {
  const { cluster, mark } = round
  mark()
  await cluster.kill(VICTIM)
  await takenOver(round, 'takeoverAfterKill')
  await cluster.startProcess(VICTIM)
}

/**
 * The node wakes up believing what it knew when it was stopped, and before it hears anything else all its quotes are due to
 * be refreshed. They are refused, it counts them, and the journal's checker sees that none stands.
 */
const pause: Run = async (round) => {
  const { cluster, mark, check } = round
  await quotedBy(cluster, VICTIM)
  const refusedBefore = staleQuoteCount(cluster, VICTIM)
  mark()
  cluster.link(VICTIM).hold('back')
  cluster.pause(VICTIM)
  const stoppedMs = performance.now()
  await takenOver(round, 'takeoverAfterPause')
  await pauseMs(stoppedMs + PAUSE_MS - performance.now())
  cluster.resume(VICTIM)
  await pauseMs(DEAF_MS)
  cluster.link(VICTIM).release()
  const count = (await staleQuotesUntil(cluster, VICTIM, refusedBefore + 1)) - refusedBefore
  check({ name: 'late quotes of a node that was stopped are refused', ok: count > 0, value: count, limit: null })
}

const restart: Run = async ({ cluster, mark, check }) => {
  const before = await heldBy(cluster, VICTIM)
  mark()
  await cluster.kill(VICTIM)
  await cluster.startProcess(VICTIM)
  await sharesUntil(cluster, NODE_COUNT, SYMBOL_COUNT)
  const after = await heldBy(cluster, VICTIM)
  const isNew = after.incarnation > before.incarnation
  const value = `${before.incarnation} -> ${after.incarnation}`
  check({ name: 'a node that is started again is a new incarnation', ok: isNew, value, limit: null })
}

/** Whoever came last is the node; the one before learns that it is not, and ends. */
const identity: Run = async ({ cluster, mark, check }) => {
  const twin = `${VICTIM}-twin`
  const before = await heldBy(cluster, VICTIM)
  mark()
  await cluster.startProcess(twin, { as: VICTIM })
  await cluster.ended(VICTIM)
  await sharesUntil(cluster, NODE_COUNT, SYMBOL_COUNT)
  const after = await heldBy(cluster, VICTIM)
  const isOne = after.incarnation > before.incarnation && after.count === 1
  check({ name: 'of two nodes of one identity one is left', ok: isOne, value: after.count, limit: 1 })
  await cluster.end(twin)
  await cluster.startProcess(VICTIM)
}

const allDie: Run = async ({ cluster, mark, measure }) => {
  mark()
  const startMs = performance.now()
  await Promise.all(cluster.nodeNames.map((name) => cluster.kill(name)))
  await quotesUntil(cluster, (count) => count === 0, 'the quotes of the dead nodes to end')
  measure('allQuotesGone', Math.round(performance.now() - startMs))
  await Promise.all(cluster.nodeNames.map((name) => cluster.startProcess(name)))
}

const everythingDies: Run = async ({ cluster, mark }) => {
  const { engineNames, nodeNames } = cluster
  mark()
  await cluster.killNats()
  await Promise.all([...engineNames, ...nodeNames].map((name) => cluster.kill(name)))
  await cluster.startNats()
  await Promise.all(engineNames.map((name) => cluster.startProcess(name)))
  await cluster.whole()
  await Promise.all(nodeNames.map((name) => cluster.startProcess(name)))
}

const STEPS: readonly Step[] = [
  {
    name: 'node-contention',
    summary: 'twelve symbols want 240 lots of 100: the limit is used, and no symbol starves',
    run: contention,
  },
  { name: 'node-join', summary: 'a sixth node joins and leaves again: symbols are dealt out anew', run: join },
  { name: 'node-leave', summary: 'a node is ended in order: it gives back what it holds', run: leave },
  { name: 'node-kill', summary: 'kill -9 of a node: the others take its symbols over', run: kill },
  {
    name: 'node-pause',
    summary: 'SIGSTOP of a node, SIGCONT five seconds later: what it then sends counts for nothing',
    run: pause,
  },
  {
    name: 'node-restart',
    summary: 'kill -9 of a node, started again at once: a new incarnation of the same node',
    run: restart,
  },
  {
    name: 'node-identity',
    summary: 'a second process claims to be a node that runs: one of them is left',
    run: identity,
  },
  { name: 'node-all', summary: 'kill -9 of all nodes, and start them again', run: allDie },
  {
    name: 'node-cluster',
    summary: 'kill -9 of nats-server, engines and nodes, and start them again',
    run: everythingDies,
  },
]

/** Each of them, on a cluster of its own. */
export const NODE_SCENARIOS: readonly Scenario[] = STEPS.map((step) => ({
  ...{ name: step.name, summary: step.summary, shape: SHAPE, ratePerS: RATE_PER_S },
  run: (round) => whole(round, [step]),
}))

/** All of them, one after the other, on one cluster. */
export const nodes: Scenario = {
  name: 'nodes',
  summary:
    'five nodes, twelve symbols: one node joins, leaves, dies, stops, begins anew, is impersonated; all die; everything does',
  shape: SHAPE,
  ratePerS: RATE_PER_S,
  run: (round) => whole(round, STEPS),
}

async function whole(round: Round, steps: readonly Step[]): Promise<void> {
  await resumed(round.cluster)
  for (const { name, run } of steps) {
    const startMs = performance.now()
    await run(round)
    await resumed(round.cluster)
    round.measure(`${name}.whole`, Math.round(performance.now() - startMs))
  }
}

/** The epoch, and which token each symbol is quoted under: the same twice when nothing was lost in between. */
async function standing(cluster: DrillCluster): Promise<{ readonly seq: number; readonly text: string }> {
  const { recordSeq, authority } = await cluster.ask('authority')
  const { epoch } = await cluster.ask('status')
  const tokens = (authority as readonly { readonly fencingToken: number }[]).map(({ fencingToken }) => fencingToken)
  return { seq: Number(recordSeq), text: `${String(epoch)}: ${tokens.join()}` }
}

/** Every node holds its share, and every symbol that the limit has room for is quoted. */
async function resumed(cluster: DrillCluster): Promise<void> {
  await sharesUntil(cluster, NODE_COUNT, SYMBOL_COUNT)
  await quotesUntil(cluster, (count) => count >= SYMBOL_COUNT / 2, 'quoting to resume')
}

async function takenOver({ cluster, check, measure }: Round, metric: string): Promise<void> {
  const startMs = performance.now()
  await sharesUntil(cluster, NODE_COUNT - 1, SYMBOL_COUNT)
  const ms = Math.round(performance.now() - startMs)
  measure(metric, ms)
  check({ name: `${metric}, ms`, ok: ms <= TAKEOVER_MS_MAX, value: ms, limit: TAKEOVER_MS_MAX })
}
