// The text and the figures of `tandem feed info`.

import { FeedKind } from '../../feeds/feed-event.ts'
import type { FeedHeader, FeedInstrument } from '../../feeds/feed-header.ts'
import type { FeedEnding } from '../../feeds/feed-reader.ts'
import type { FeedStatistics, InstrumentStatistics } from '../../feeds/feed-statistics.ts'
import { scaleOf, toNumber } from '../../feeds/price-scale.ts'
import { nameOf } from '../../protocol/kinds.ts'
import type { Result } from './output.ts'

export type FeedFacts = {
  readonly path: string
  readonly size: number
  readonly header: FeedHeader
  readonly ending: FeedEnding
  readonly statistics: FeedStatistics
}

const CHART_COLUMN_COUNT = 64
const CHART_ROW_COUNT = 10
const BAR_WIDTH = 32
/** Instruments shown one by one; the others are counted. */
const INSTRUMENT_COUNT_SHOWN = 8

export function infoLines(facts: FeedFacts): string[] {
  const { header, statistics, size } = facts
  const { eventCount, messageCount, storedAgainCount } = statistics
  const perEvent = (size / eventCount).toFixed(2)
  const again = `${count(storedAgainCount)} of them stored once more, as they reached us in another order; counted once below`
  const lines = [
    `${facts.path}: ${header.source}, ${header.detail}, ${header.instruments.map(({ symbol }) => symbol).join(' ')}`,
    `  from      ${timeText(statistics.earliestNs, header)}`,
    `  to        ${timeText(statistics.latestNs, header)}`,
    `  events    ${count(eventCount)} in ${count(messageCount)} messages of the source`,
    ...(storedAgainCount > 0 ? [`  again     ${again}`] : []),
    `  added     ${count(statistics.syntheticCount)} synthetic, ${count(statistics.unmatchedCount)} unmatched`,
    `  size      ${count(size)} bytes, ${perEvent} an event${facts.ending === 'whole' ? '' : ' (cut off)'}`,
  ]
  if (statistics.latencyMaxNs > 0 || statistics.latencyMinNs < 0) {
    const meanNs = statistics.latencySumNs / Math.max(1, eventCount - storedAgainCount)
    const [low, mean, high] = [statistics.latencyMinNs, meanNs, statistics.latencyMaxNs]
    lines.push(`  latency   ${[low, mean, high].map((ns) => (ns / 1e6).toFixed(3)).join(' / ')} ms (min, mean, max)`)
  }
  lines.push('', ...mixLines(statistics))
  statistics.instruments.slice(0, INSTRUMENT_COUNT_SHOWN).forEach((instrument, index) => {
    lines.push('', ...instrumentLines(instrument, header.instruments[index]!, header, statistics.latestNs))
  })
  const hidden = statistics.instruments.length - INSTRUMENT_COUNT_SHOWN
  if (hidden > 0) lines.push('', `  and ${hidden} more instruments (--json lists them)`)
  return lines
}

export function infoResults({ size, header, statistics }: FeedFacts): Result[] {
  const name = header.source
  const results: Result[] = [
    { name, metric: 'events', value: statistics.eventCount, unit: 'events' },
    { name, metric: 'storedAgain', value: statistics.storedAgainCount, unit: 'events' },
    { name, metric: 'messages', value: statistics.messageCount, unit: 'messages' },
    { name, metric: 'synthetic', value: statistics.syntheticCount, unit: 'events' },
    { name, metric: 'unmatched', value: statistics.unmatchedCount, unit: 'events' },
    { name, metric: 'size', value: size, unit: 'bytes' },
    { name, metric: 'bytesPerEvent', value: Number((size / statistics.eventCount).toFixed(3)), unit: 'bytes' },
    { name, metric: 'earliest', value: statistics.earliestNs, unit: 'ns' },
    { name, metric: 'latest', value: statistics.latestNs, unit: 'ns' },
  ]
  for (const kind of Object.values(FeedKind)) {
    const value = statistics.kindCounts[kind]!
    if (value > 0) results.push({ name, metric: nameOf(FeedKind, kind), value, unit: 'events' })
  }
  statistics.instruments.forEach((instrument, index) => {
    const { symbol, tickSize } = header.instruments[index]!
    const { quotedNs } = instrument
    results.push(
      { name: symbol, metric: 'events', value: instrument.eventCount, unit: 'events' },
      { name: symbol, metric: 'trades', value: instrument.tradeCount, unit: 'trades' },
      { name: symbol, metric: 'tradedLots', value: instrument.tradedLots, unit: 'lots' },
      { name: symbol, metric: 'levelsMax', value: instrument.levelCountMax, unit: 'levels' },
      { name: symbol, metric: 'crossed', value: instrument.crossedCount, unit: 'states' },
    )
    if (quotedNs === 0) return
    const scale = scaleOf(tickSize)
    const spread = Number((toNumber(instrument.spreadTicksNs / quotedNs, scale) || 0).toFixed(6))
    const depth = (instrument.bidLotsNs + instrument.askLotsNs) / (2 * quotedNs)
    results.push(
      { name: symbol, metric: 'spreadMean', value: spread, unit: 'currency' },
      { name: symbol, metric: 'spreadMedian', value: toNumber(instrument.spreadTicksAt(0.5), scale), unit: 'currency' },
      { name: symbol, metric: 'touchDepthMean', value: Number(depth.toFixed(3)), unit: 'lots' },
    )
  })
  return results
}

function mixLines({ kindCounts, eventCount, storedAgainCount }: FeedStatistics): string[] {
  const total = Math.max(1, eventCount - storedAgainCount)
  const most = Math.max(...kindCounts)
  return Object.values(FeedKind)
    .filter((kind) => kindCounts[kind]! > 0)
    .map((kind) => {
      const value = kindCounts[kind]!
      const share = `${((100 * value) / total).toFixed(1)} %`
      const bar = '█'.repeat(Math.max(1, Math.round((BAR_WIDTH * value) / most)))
      return `  ${nameOf(FeedKind, kind).padEnd(9)} ${count(value).padStart(11)} ${share.padStart(7)}  ${bar}`
    })
}

function instrumentLines(
  statistics: InstrumentStatistics,
  instrument: FeedInstrument,
  header: FeedHeader,
  endNs: number,
): string[] {
  const scale = scaleOf(instrument.tickSize)
  const price = (ticks: number) => toNumber(ticks, scale).toFixed(scale.decimals)
  const lines = [`  ${instrument.symbol}: tick ${instrument.tickSize}, lot ${instrument.lotSize}`]
  if (statistics.tradeCount > 0) {
    const range = `${price(statistics.lowestTradeTicks)} .. ${price(statistics.highestTradeTicks)}`
    lines.push(`    trades  ${count(statistics.tradeCount)}, ${count(statistics.tradedLots)} lots, ${range}`)
  }
  const { quotedNs } = statistics
  if (quotedNs === 0) return lines
  const meanSpread = toNumber(statistics.spreadTicksNs / quotedNs, scale).toFixed(scale.decimals + 2)
  const shares = [0.5, 0.9, 0.99].map((share) => price(statistics.spreadTicksAt(share))).join(' / ')
  const bidLots = (statistics.bidLotsNs / quotedNs).toFixed(1)
  const askLots = (statistics.askLotsNs / quotedNs).toFixed(1)
  lines.push(
    `    spread  mean ${meanSpread}, p50 / p90 / p99 ${shares} (by time)`,
    `    touch   mean ${bidLots} lots bid, ${askLots} lots ask; at most ${statistics.levelCountMax} levels`,
    `    crossed ${count(statistics.crossedCount)} states`,
    ...chartLines(statistics, price, header, endNs),
  )
  return lines
}

/** The mid price: each column covers an equal time, from its lowest to its highest value. */
function chartLines(
  statistics: InstrumentStatistics,
  price: (ticks: number) => string,
  header: FeedHeader,
  endNs: number,
): string[] {
  const { mids } = statistics
  const columns = mids.columns(CHART_COLUMN_COUNT)
  const low = Math.min(...columns.map((column) => column.low))
  const high = Math.max(...columns.map((column) => column.high))
  const step = (high - low) / CHART_ROW_COUNT || 1
  const lines: string[] = []
  for (let row = CHART_ROW_COUNT - 1; row >= 0; row--) {
    const floor = low + row * step
    const isTop = row === CHART_ROW_COUNT - 1
    const cells = columns.map((column) => {
      const touches = column.high >= floor && (isTop ? column.low <= high : column.low < floor + step)
      return touches ? '█' : ' '
    })
    const label = isTop ? price(high) : row === 0 ? price(low) : ''
    lines.push(`    ${label.padStart(12)} │${cells.join('')}`.trimEnd())
  }
  const from = timeText(mids.startNs, header, true)
  const to = timeText(endNs, header, true)
  lines.push(`    ${' '.repeat(12)} └${'─'.repeat(CHART_COLUMN_COUNT)}`)
  lines.push(`    ${' '.repeat(14)}${from}${to.padStart(CHART_COLUMN_COUNT - from.length)}`)
  return lines
}

/** A time of the feed, in the source's time zone when it names one. */
function timeText(timeNs: number, { timeBaseUnixS, metadata }: FeedHeader, brief = false): string {
  const wholeSeconds = Math.floor(timeNs / 1e9)
  const fraction = `${timeNs - wholeSeconds * 1e9}`.padStart(9, '0')
  const zone = timeBaseUnixS === null ? 'UTC' : (metadata['timeZone'] ?? 'UTC')
  const moment = new Date(((timeBaseUnixS ?? 0) + wholeSeconds) * 1000)
  // The Swedish form of a time is the one of ISO 8601.
  const text = moment.toLocaleString('sv-SE', { timeZone: zone })
  const [day, clock] = text.split(' ')
  if (brief) return clock!
  return timeBaseUnixS === null ? `${clock}.${fraction} of an unknown day` : `${day} ${clock}.${fraction} ${zone}`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
