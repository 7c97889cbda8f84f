// Runs everything that a folder has expected results for, and says where each run differs first.
//
// The names of the files say what was run: <feed>.<variant>.end.txt, where the variant tells the latency (const10-10:
// entry and response in milliseconds, intp: the table latency_<feed>.csv) and whether the strategy takes. The models are
// named in the end file, the quantities are those of the first requests.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { InputFileError } from '../../feeds/io/input-file.ts'
import { constantLatency, interpolatedLatency, type LatencyModel } from '../replay/latency-model.ts'
import { QUEUE_MODEL_NAMES, queueModelOf } from '../replay/queue-model.ts'
import { verifyConversion } from './golden-conversion.ts'
import { firstDifference, readLinesOf } from './golden-files.ts'
import { findCapture, marketOfFeed, marketOfRows, withConvertedFeed } from './golden-market.ts'
import { type GoldenMarket, type GoldenOutcome, runGolden } from './golden-run.ts'
import { readLatencyTable } from './latency-table.ts'

export type GoldenVerdict = {
  readonly name: string
  /** What differs first; null: equal. */
  readonly difference: string | null
  readonly fillCount: number
  readonly rowCount: number
  readonly durationMs: number
}

export type GoldenOptions = {
  readonly goldensDir: string
  readonly dataDir: string
  /** Only runs whose name contains it. */
  readonly only?: string
  readonly onVerdict?: (verdict: GoldenVerdict, done: number, total: number) => void
}

const BY_ORDER_MODEL = 'L3FIFO'
const DEFAULT_LATENCY_MS = 10
const NS_PER_MS = 1e6

export async function verifyGoldens(options: GoldenOptions): Promise<GoldenVerdict[]> {
  const { goldensDir, only = '' } = options
  if (!existsSync(goldensDir)) throw new InputFileError(`${goldensDir} does not exist`)
  const names = readdirSync(goldensDir)
  const runs = names.filter((name) => name.endsWith('.end.txt')).map((name) => name.slice(0, -'.end.txt'.length))
  const conversions = names.filter((name) => /^converted_.*\.digest\.txt$/.test(name))
  const feeds = new Map<string, string[]>()
  for (const run of runs.filter((name) => name.includes(only))) {
    const feed = run.slice(0, run.indexOf('.'))
    feeds.set(feed, [...(feeds.get(feed) ?? []), run])
  }
  for (const name of conversions.filter((conversion) => conversion.includes(only))) {
    const feed = name.slice('converted_'.length, -'.digest.txt'.length)
    feeds.set(feed, [...(feeds.get(feed) ?? []), name])
  }
  if (feeds.size === 0)
    throw new InputFileError(`${goldensDir} has no expected results (*.end.txt) for this\n  Is it the right folder?`)
  let total = 0
  for (const name of [...feeds.values()].flat()) total += await verdictCountOf(goldensDir, name)
  const verdicts: GoldenVerdict[] = []
  const tell = (verdict: GoldenVerdict) => {
    verdicts.push(verdict)
    options.onVerdict?.(verdict, verdicts.length, total)
  }
  for (const [feed, list] of feeds) await verifyFeedRuns(options, feed, list.toSorted(), tell)
  return verdicts
}

/** A run has one for each model under which it was recorded. */
async function verdictCountOf(goldensDir: string, name: string): Promise<number> {
  if (name.startsWith('converted_')) return 1
  return (await readLinesOf(join(goldensDir, `${name}.end.txt`)))?.length ?? 0
}

async function verifyFeedRuns(
  { goldensDir, dataDir }: GoldenOptions,
  feed: string,
  list: readonly string[],
  tell: (verdict: GoldenVerdict) => void,
): Promise<void> {
  const runs = list.filter((name) => !name.startsWith('converted_'))
  if (feed.startsWith('l3_')) {
    const market = await marketOfRows(join(goldensDir, `l3_rows_${feed.slice('l3_'.length)}.csv`))
    for (const run of runs) await verifyRun(goldensDir, feed, run, market, tell)
    return
  }
  await withConvertedFeed(findCapture(dataDir, feed), async (feedPath) => {
    if (runs.length < list.length) {
      const startMs = performance.now()
      const difference = await verifyConversion(feedPath, join(goldensDir, `converted_${feed}`))
      const durationMs = performance.now() - startMs
      tell({ name: `converted_${feed}`, difference, fillCount: 0, rowCount: 0, durationMs })
    }
    if (runs.length === 0) return
    const market = marketOfFeed(feedPath)
    for (const run of runs) await verifyRun(goldensDir, feed, run, market, tell)
  })
}

async function verifyRun(
  goldensDir: string,
  feed: string,
  run: string,
  market: GoldenMarket,
  tell: (verdict: GoldenVerdict) => void,
): Promise<void> {
  const base = join(goldensDir, run)
  const expected = {
    end: (await readLinesOf(`${base}.end.txt`)) ?? [],
    fills: await readLinesOf(`${base}.fills.csv`),
    requests: await readLinesOf(`${base}.reqs.csv`),
    steps: await readLinesOf(`${base}.steps.csv`),
  }
  const latency = await latencyOf(goldensDir, feed, run, market)
  for (const end of expected.end) {
    const modelName = end.slice(0, end.indexOf(' '))
    const own = (lines: readonly string[] | null) => lines?.filter((line) => line.startsWith(`${modelName},`)) ?? null
    const requests = own(expected.requests) ?? []
    const queueModel = queueModelOf(modelName === BY_ORDER_MODEL ? 'RiskAdverse' : modelName)
    const name = `${run} ${modelName}`
    if (queueModel === null) {
      tell({
        name,
        difference: `${modelName} is none of ${QUEUE_MODEL_NAMES.join(', ')}`,
        fillCount: 0,
        rowCount: 0,
        durationMs: 0,
      })
      continue
    }
    const quantityOf = (timeInForce: string) =>
      Number(requests.find((line) => line.endsWith(`,${timeInForce}`))?.split(',')[6] ?? 0)
    const startMs = performance.now()
    const outcome = runGolden(market, {
      modelName,
      queueModel,
      latency,
      quantity: quantityOf('GTX'),
      takerQuantity: run.includes('taker') ? quantityOf('IOC') : 0,
    })
    const durationMs = performance.now() - startMs
    const difference = compare(outcome, end, requests, own(expected.fills), own(expected.steps))
    tell({ name, difference, fillCount: outcome.fills.length, rowCount: outcome.rowCount, durationMs })
  }
}

/** In the order in which things go wrong: requests first. */
function compare(
  outcome: GoldenOutcome,
  end: string,
  requests: readonly string[],
  fills: readonly string[] | null,
  steps: readonly string[] | null,
): string | null {
  return (
    firstDifference('requests', requests, outcome.requests) ??
    (fills === null ? null : firstDifference('fills', fills, outcome.fills)) ??
    (steps === null ? null : firstDifference('steps', steps, outcome.steps)) ??
    firstDifference('end', [end], [outcome.end])
  )
}

async function latencyOf(dir: string, feed: string, run: string, { timeBaseS }: GoldenMarket): Promise<LatencyModel> {
  const variant = run.slice(run.indexOf('.') + 1)
  if (variant.includes('intp')) {
    return interpolatedLatency(await readLatencyTable(join(dir, `latency_${feed}.csv`), timeBaseS))
  }
  const match = /const(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)/.exec(variant)
  const [entryMs, responseMs] = [Number(match?.[1] ?? DEFAULT_LATENCY_MS), Number(match?.[2] ?? DEFAULT_LATENCY_MS)]
  return constantLatency(entryMs * NS_PER_MS, responseMs * NS_PER_MS)
}
