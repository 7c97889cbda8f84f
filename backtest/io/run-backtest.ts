// Runs a strategy over recorded feeds: each instrument of each feed on its own, streaming, one after the other. The
// strategy object of a symbol knows of no other symbol, so that this gives the same as all of them side by side.

import type { FeedHeader } from '../../feeds/feed-header.ts'
import { checkWhole, describeFeedError, type FeedFile, openFeed } from '../../feeds/io/feed-file.ts'
import { InputFileError } from '../../feeds/io/input-file.ts'
import { openingPrices } from '../../feeds/opening-price.ts'
import { findStrategyKind, STRATEGY_KINDS } from '../../strategies/catalogue.ts'
import { checkParameters, type Parameters, type Strategy, type StrategyKind } from '../../strategies/strategy.ts'
import { ExchangeVenue } from '../exchange/exchange-venue.ts'
import { QuoteRun } from '../exchange/quote-run.ts'
import { feedLatencyTable } from '../feed-latency.ts'
import { FeedRows } from '../feed-rows.ts'
import { type Account, FeeBasis } from '../replay/account.ts'
import { constantLatency, interpolatedLatency, type LatencyModel } from '../replay/latency-model.ts'
import { queueModelOf } from '../replay/queue-model.ts'
import { Replay } from '../replay/replay.ts'
import { FillRule } from '../replay/replay-exchange.ts'
import { type DayFigures, dayFigures } from '../run/day-figures.ts'
import type { RunRecord } from '../run/run-record.ts'
import { RunRecorder } from '../run/run-recorder.ts'
import { type RunFigures, runFigures } from '../run/run-statistics.ts'
import { StrategyDriver } from '../run/strategy-driver.ts'
import { readLatencyTable } from './latency-table.ts'
import { type BacktestSettings, type LatencySettings, type SymbolSettings, settingsOf } from './run-settings.ts'

export type BacktestRun = {
  readonly symbol: string
  readonly source: string
  readonly timeBaseUnixS: number | null
  readonly settings: SymbolSettings
  readonly record: RunRecord
  readonly figures: RunFigures
  readonly days: readonly DayFigures[]
  /** Rows, or recorded orders, that the exchange of the backtest saw. */
  readonly rowCount: number
  /** What the user must know of how the run went. */
  readonly notes: readonly string[]
}

const FEE_BASES = { value: FeeBasis.VALUE, quantity: FeeBasis.QUANTITY, flat: FeeBasis.FLAT } as const
const FILL_RULE_OF = {
  whole: FillRule.WHOLE,
  partial: FillRule.PARTIAL,
  'partial-compatible': FillRule.PARTIAL_COMPATIBLE,
} as const
const NS_PER_MS = 1e6
/** As a live market has it, when nobody says another. */
const EXPOSURE_LOTS_DEFAULT = 100

export type RunOptions = {
  readonly feeds: readonly string[]
  readonly settings: BacktestSettings
  /** Only this symbol. */
  readonly symbol?: string
  readonly onProgress?: (done: number, total: number) => void
}

export async function runBacktest({ feeds, settings, symbol, onProgress }: RunOptions): Promise<BacktestRun[]> {
  const runs: BacktestRun[] = []
  const jobs = feeds.flatMap((path) => {
    const { instruments } = headerOf(path)
    return instruments.map((instrument, instrumentIndex) => ({ path, instrumentIndex, symbol: instrument.symbol }))
  })
  for (const named of Object.keys(settings.symbols)) {
    if (jobs.some((job) => job.symbol === named)) continue
    throw new InputFileError(`the settings name the symbol ${named}, and no feed has it\n  ${knownSymbols(jobs)}`)
  }
  const wanted = jobs.filter((job) => symbol === undefined || job.symbol === symbol)
  if (wanted.length === 0) {
    throw new InputFileError(`no feed has the symbol ${symbol}\n  ${knownSymbols(jobs)}`)
  }
  for (const [at, { path, instrumentIndex }] of wanted.entries()) {
    runs.push(await runOne(path, instrumentIndex, settings))
    onProgress?.(at + 1, wanted.length)
  }
  return runs
}

function knownSymbols(jobs: readonly { readonly symbol: string }[]): string {
  return `They have ${[...new Set(jobs.map(({ symbol }) => symbol))].join(', ')}.`
}

function headerOf(path: string): FeedHeader {
  const file = openFeed(path)
  file.close()
  return file.reader.header
}

async function runOne(path: string, instrumentIndex: number, settings: BacktestSettings): Promise<BacktestRun> {
  const header = headerOf(path)
  const instrument = header.instruments[instrumentIndex]!
  const given = settingsOf(settings, instrument.symbol)
  const own = { ...given, parameters: parametersOf(settings.strategy, given.parameters) }
  if (header.detail === 'trades' || header.detail === 'L1') {
    throw new InputFileError(
      `${path}: it holds ${header.detail} only, and a backtest needs the book\n  Import depth, or orders.`,
    )
  }
  const latency = await latencyModelOf(own.latency, path, header)
  const file = openFeed(path)
  try {
    const { record, account, rowCount, notes } = runOf(settings)({ file, instrumentIndex, settings, own, latency })
    checkWhole(file)
    const figureSettings = {
      contract: own.contract,
      sampleNs: settings.sampleMs * NS_PER_MS,
      dayCountPerYear: settings.daysPerYear,
      timeBaseUnixS: header.timeBaseUnixS,
      lotSize: Number(instrument.lotSize),
    }
    return {
      symbol: instrument.symbol,
      source: header.source,
      timeBaseUnixS: header.timeBaseUnixS,
      settings: own,
      record,
      figures: runFigures(record, account, figureSettings),
      days: dayFigures(record, figureSettings),
      rowCount,
      notes,
    }
  } catch (error) {
    throw describeFeedError(path, error)
  } finally {
    file.close()
  }
}

/** What one run is made of. */
type Job = {
  readonly file: FeedFile
  readonly instrumentIndex: number
  readonly settings: BacktestSettings
  readonly own: SymbolSettings
  readonly latency: LatencyModel
}

type Outcome = {
  readonly record: RunRecord
  readonly account: Account
  readonly rowCount: number
  readonly notes: readonly string[]
}

function runOf({ mode, entry }: BacktestSettings): (job: Job) => Outcome {
  if (mode === 'exchange') return entry === 'quotes' ? runQuotes : runExchange
  if (entry !== 'quotes') return runReplay
  throw new InputFileError('quotes are sent to the exchange only\n  Add --mode exchange, or leave out --entry quotes.')
}

function driverOf({ file, instrumentIndex, settings, own }: Job): StrategyDriver {
  const { instruments, timeBaseUnixS } = file.reader.header
  const { tickSize, lotSize } = instruments[instrumentIndex]!
  return new StrategyDriver(createStrategy(settings.strategy, own.parameters), {
    tickSize: Number(tickSize),
    lotSize: Number(lotSize),
    stepNs: settings.stepMs * NS_PER_MS,
    sampleNs: settings.sampleMs * NS_PER_MS,
    timeBaseUnixS,
    positionLimitLots: own.positionLimitLots,
  })
}

function runReplay(job: Job): Outcome {
  const { file, instrumentIndex, own, latency } = job
  const driver = driverOf(job)
  const rows = new FeedRows(file.reader, instrumentIndex)
  const replay = replayOf(rows, file, instrumentIndex, own, latency, driver)
  driver.run(replay)
  const notes = [rows.isByOrder ? QUEUE_NOTE : takerNote(own.fills)]
  return { record: driver.record, account: replay.account, rowCount: replay.exchange.rowCount, notes }
}

/** On its own, so that nobody holds on to the first rows, and with them to all that follow. */
function replayOf(
  rows: FeedRows,
  file: FeedFile,
  instrumentIndex: number,
  own: SymbolSettings,
  latency: LatencyModel,
  driver: StrategyDriver,
): Replay {
  const instrument = file.reader.header.instruments[instrumentIndex]!
  const first = rows.pull()
  if (first === null) {
    checkWhole(file)
    throw new InputFileError(`${file.path}: there is no event of ${instrument.symbol} in it\n  Import the data again.`)
  }
  const queueModel = queueModelOf(own.queueModel)
  if (queueModel === null) throw new InputFileError(`${own.queueModel} is no queue model`)
  return new Replay(
    first,
    rows,
    {
      tickSize: Number(instrument.tickSize),
      lotSize: Number(instrument.lotSize),
      latency,
      fillRule: FILL_RULE_OF[own.fills],
      queueModel,
      fees: { ...own.fees, basis: FEE_BASES[own.fees.basis] },
      contract: own.contract,
    },
    driver,
  )
}

const QUEUE_NOTE = 'orders stand in the recorded queues: the queue model is not used'

/** The rules of our own choosing that the results rest on. */
function takerNote(fills: SymbolSettings['fills']): string {
  if (fills === 'whole') return 'orders fill whole, a taker at the best price whatever is displayed there'
  const shared =
    fills === 'partial' ? ', and what one of ours took is not there for the next before the record goes on' : ''
  return (
    `a taker walks the displayed levels${shared}; the rest of a limit order then rests (GTC) or ends (IOC), ` +
    'that of a market order ends with the displayed depth'
  )
}

function exchangeSettingsOf({ file, instrumentIndex, own, latency }: Job) {
  const { header } = file.reader
  const instrument = header.instruments[instrumentIndex]!
  if (header.detail !== 'L3') {
    throw new InputFileError(
      `${file.path}: mode exchange needs the orders of others, and this feed holds ${header.detail}\n` +
        '  Use --mode replay, or a feed by order (LOBSTER, ITCH, MBO, a full channel).',
    )
  }
  const openingPriceTicks = openingPrices(file.reader)[instrumentIndex]!
  if (openingPriceTicks === 0) throw new InputFileError(`${file.path}: there is no price of ${instrument.symbol} in it`)
  const { symbol, tickSize, lotSize } = instrument
  return {
    instrument: { symbol, tickSize, lotSize, openingPriceTicks },
    instrumentIndex,
    latency,
    fees: { ...own.fees, basis: FEE_BASES[own.fees.basis] },
    contract: own.contract,
  }
}

function runExchange(job: Job): Outcome {
  const driver = driverOf(job)
  const venue = new ExchangeVenue(job.file.reader, exchangeSettingsOf(job), driver)
  driver.run(venue)
  return { record: driver.record, account: venue.account, rowCount: venue.counts.events, notes: exchangeNotes(venue) }
}

function runQuotes(job: Job): Outcome {
  const { file, settings, own } = job
  const exchangeSettings = exchangeSettingsOf(job)
  const { tickSize } = exchangeSettings.instrument
  const recorder = new RunRecorder({
    tickSize: Number(tickSize),
    sampleNs: settings.sampleMs * NS_PER_MS,
    timeBaseUnixS: file.reader.header.timeBaseUnixS,
  })
  const strategy = createStrategy(settings.strategy, own.parameters)
  const exposureLots = Number.isFinite(own.positionLimitLots) ? own.positionLimitLots : EXPOSURE_LOTS_DEFAULT
  const run = new QuoteRun(file.reader, strategy, { ...exchangeSettings, exposureLots }, recorder)
  run.run()
  const { record } = recorder
  return { record, account: run.account, rowCount: run.counts.events, notes: exchangeNotes(run) }
}

function exchangeNotes({ counts, flowCounts }: Pick<ExchangeVenue, 'counts' | 'flowCounts'>): string[] {
  const { events, commands, refused, unmatchedLots, skipped, bounded } = counts
  const { hiddenTrades, unknownOrders, duplicateOrders, endedByTrade, leftOutQuotes } = flowCounts
  const notes = [
    `${events} recorded events gave ${commands} commands; ${skipped} are no order flow, ${hiddenTrades} are trades ` +
      `without a displayed order, ${unknownOrders} name orders that the record never added, ${duplicateOrders} add one twice`,
    `${endedByTrade} recorded orders ended by a trade were cancelled after it, in case ours took their trade`,
    `${refused} commands of the record were refused, mostly about orders that are gone; its aggressors did not find ` +
      `${unmatchedLots} lots at their price`,
  ]
  if (bounded > 0) notes.push(`${bounded} orders of the record were larger than the exchange takes, and made so large`)
  if (leftOutQuotes > 0) notes.push(`${leftOutQuotes} events are of the recorded market maker's quotes, left out`)
  return notes
}

export function createStrategy(name: string | undefined, parameters: Readonly<Record<string, number>>): Strategy {
  return kindOf(name).create(parametersOf(name, parameters))
}

/** All parameters of the strategy, those that were not given with their defaults. */
function parametersOf(name: string | undefined, given: Parameters): Parameters {
  const kind = kindOf(name)
  const checked = checkParameters(kind, given)
  if (typeof checked !== 'string') return checked
  throw new InputFileError(`${checked}\n  docs/strategies.md explains the parameters of ${kind.name}.`)
}

function kindOf(name: string | undefined): StrategyKind {
  const names = STRATEGY_KINDS.map((kind) => kind.name).join(', ')
  if (name === undefined) throw new InputFileError(`no strategy is named\n  Name one with --strategy: ${names}.`)
  const kind = findStrategyKind(name)
  if (kind === undefined) throw new InputFileError(`there is no strategy ${name}\n  There are ${names}.`)
  return kind
}

async function latencyModelOf(settings: LatencySettings, path: string, header: FeedHeader): Promise<LatencyModel> {
  if ('entryMs' in settings) return constantLatency(settings.entryMs * NS_PER_MS, settings.responseMs * NS_PER_MS)
  if ('table' in settings) {
    return interpolatedLatency(await readLatencyTable(settings.table, header.timeBaseUnixS ?? 0))
  }
  const { entryFactor, entryOffsetMs, responseFactor, responseOffsetMs, resampleMs } = settings.feed
  const file = openFeed(path)
  try {
    const table = feedLatencyTable(file.reader, {
      ...{ entryFactor, responseFactor, resampleNs: resampleMs * NS_PER_MS },
      ...{ entryOffsetNs: entryOffsetMs * NS_PER_MS, responseOffsetNs: responseOffsetMs * NS_PER_MS },
    })
    if (table === null) throw new InputFileError(`${path}: no event has both times, so that it shows no latency`)
    return interpolatedLatency(table)
  } finally {
    file.close()
  }
}
