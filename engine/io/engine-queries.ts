// What the engine answers when asked: its state as applied, sent when that is committed. JSON but for snapshots.
//
// Every answer carries recordSeq, the record that it is true after. docs/protocol.md lists questions and answers.

import { nameOf, Reason, Side, TradingPhase } from '../../protocol/kinds.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import { FillField } from '../core/fill-log.ts'
import type { Engine } from '../engine.ts'

const FILL_COUNT_MAX = 1_000

export type Question = Readonly<Record<string, unknown>>

export type QueryContext = { readonly engine: Engine; readonly timeBaseUnixMs: number; readonly startedAt: string }

type Answer = Readonly<Record<string, unknown>>

const QUERIES: Readonly<Record<string, (context: QueryContext, question: Question) => Answer>> = {
  instruments: ({ engine, timeBaseUnixMs }) => ({ ...engine.core.config, timeBaseUnixMs }),
  status: statusOf,
  positions: ({ engine }) => ({ positions: positionsOf(engine) }),
  quotes: ({ engine }) => ({ quotes: quotesOf(engine) }),
  exposure: exposureOf,
  nodes: ({ engine }) => ({ nodes: nodesOf(engine) }),
  assignments: ({ engine }) => ({ assignments: assignmentsOf(engine) }),
  authority: ({ engine }) => ({ authority: authorityOf(engine) }),
  statistics: ({ engine }) => ({ statistics: statisticsOf(engine) }),
  fills: ({ engine }, question) => fillsOf(engine, question),
  sessions: ({ engine }) => ({ sessions: sessionsOf(engine) }),
  'state-hash': ({ engine }) => ({ stateHash: hashText(engine.core.hash()) }),
}

export const QUERY_NAMES = [...Object.keys(QUERIES), 'snapshot']

/** Bytes of a question. */
const QUESTION_SIZE_MAX = 1_024

/** State hashes in JSON: eight hexadecimal digits. */
export function hashText(hash: number): string {
  return hash.toString(16).padStart(8, '0')
}

/** The answer's bytes: a frame for `snapshot`, else JSON. Never throws for what the question says. */
export function answerQuery(name: string, body: Uint8Array, context: QueryContext): Uint8Array {
  if (body.length > QUESTION_SIZE_MAX) {
    return encode({ error: `a question is no longer than ${QUESTION_SIZE_MAX} bytes` })
  }
  let question: Question
  try {
    question = body.length === 0 ? {} : (JSON.parse(new TextDecoder().decode(body)) as Question)
  } catch {
    return encode({ error: 'the question is no JSON' })
  }
  if (typeof question !== 'object' || question === null) return encode({ error: 'the question is no JSON object' })
  const { engine } = context
  if (name === 'snapshot') return snapshotFrame(engine, question)
  const recordSeq = engine.core.seq
  // The name is whatever somebody wrote into a subject.
  const query = Object.hasOwn(QUERIES, name) ? QUERIES[name] : undefined
  if (query === undefined) return encode({ error: `no such query: ${name}; there are ${QUERY_NAMES.join(', ')}` })
  return encode({ ...query(context, question), recordSeq })
}

function encode(answer: Answer): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(answer))
}

function statusOf({ engine, startedAt }: QueryContext): Answer {
  const { core, counts } = engine
  return {
    role: 'primary',
    epoch: engine.epoch,
    appendedSeq: engine.appendPosition,
    committedSeq: engine.commitPosition,
    appliedSeq: core.seq,
    timeNs: core.timeNs,
    commandCount: core.commandCount,
    tradeCount: core.tradeCount,
    orderCount: core.exchange.orderCount(),
    sessionCount: core.sessions.count,
    duplicateCount: counts.duplicateCount,
    refusals: Object.fromEntries([...counts.refusals].map(([reason, count]) => [nameOf(Reason, reason), count])),
    snapshotCount: counts.snapshotCount,
    snapshotPauseMsMax: Math.round(counts.snapshotPauseNsMax / 1e4) / 100,
    startedAt,
  }
}

function positionsOf({ core }: Engine): Answer[] {
  const { positions } = core.desk
  return core.config.instruments.map(({ symbol }, symbolId) => ({
    symbol,
    netLots: positions.netLots(symbolId),
    version: positions.version(symbolId),
    cashTickLots: positions.cashTickLots(symbolId),
    costTickLots: positions.costTickLots(symbolId),
    realisedTickLots: positions.realisedTickLots(symbolId),
    unrealisedTickLots: positions.unrealisedTickLots(symbolId, core.exchange.referenceTicks(symbolId)),
    referenceTicks: core.exchange.referenceTicks(symbolId),
    lastTradeId: positions.lastTradeId(symbolId),
    makerLots: core.desk.fees.makerLots(symbolId),
    takerLots: core.desk.fees.takerLots(symbolId),
    // A sum that a number may not hold exactly.
    feesMilliTickLots: String(core.desk.fees.paidMilliTickLots(symbolId)),
  }))
}

function statisticsOf({ core }: Engine): Answer[] {
  const { exchange } = core
  const { statistics } = core.marketData
  return core.config.instruments.map(({ symbol }, symbolId) => ({
    symbol,
    phase: nameOf(TradingPhase, exchange.phase(symbolId)),
    indicativeTicks: exchange.indicativeTicks(symbolId),
    indicativeLots: exchange.indicativeLots(symbolId),
    indicativeSurplusLots: exchange.indicativeSurplusLots(symbolId),
    openTicks: statistics.openTicks[symbolId]!,
    highTicks: statistics.highTicks[symbolId]!,
    lowTicks: statistics.lowTicks[symbolId]!,
    lastTicks: statistics.lastTicks[symbolId]!,
    tradeCount: statistics.tradeCount[symbolId]!,
    volumeLots: statistics.volumeLots[symbolId]!,
    // A sum that a number may not hold exactly.
    turnoverTickLots: String(statistics.turnoverTickLots(symbolId)),
    averageTicks: statistics.averageTicks(symbolId),
  }))
}

function quotesOf({ core }: Engine): Answer[] {
  const { exchange } = core
  const quotes: Answer[] = []
  for (const [symbolId, { symbol }] of core.config.instruments.entries()) {
    if (exchange.quoteClientId(symbolId) === 0) continue
    quotes.push({
      symbol,
      quoteId: exchange.quoteId(symbolId),
      clientId: exchange.quoteClientId(symbolId),
      bidTicks: exchange.quoteTicks(symbolId, Side.BUY),
      bidLots: exchange.quoteLots(symbolId, Side.BUY),
      askTicks: exchange.quoteTicks(symbolId, Side.SELL),
      askLots: exchange.quoteLots(symbolId, Side.SELL),
      bidAheadLots: exchange.quoteAheadLots(symbolId, Side.BUY),
      askAheadLots: exchange.quoteAheadLots(symbolId, Side.SELL),
      positionVersion: exchange.quotePositionVersion(symbolId),
      fencingToken: exchange.quoteFencingToken(symbolId),
      expiryNs: exchange.quoteExpiryNs(symbolId),
    })
  }
  return quotes
}

function nodesOf({ core }: Engine): Answer[] {
  const { nodes } = core.desk
  return nodes.membership.clientIds.map((clientId) => {
    const { incarnation, joinedNs, presenceNs, isSilent } = nodes.membership.member(clientId)
    return {
      clientId,
      incarnation,
      joinedNs,
      presenceEndsNs: presenceNs,
      // Nothing is granted to it until it is heard of again.
      isSilent,
      assignedSymbols: symbolsWhere(core, (symbolId) => nodes.assigned(symbolId) === clientId),
      heldSymbols: symbolsWhere(core, (symbolId) => nodes.authority.holder(symbolId) === clientId),
    }
  })
}

function symbolsWhere({ config }: Engine['core'], isChosen: (symbolId: number) => boolean): string[] {
  return config.instruments.filter((_, symbolId) => isChosen(symbolId)).map(({ symbol }) => symbol)
}

function assignmentsOf({ core }: Engine): Answer[] {
  const { nodes } = core.desk
  return core.config.instruments.map(({ symbol }, symbolId) => ({
    symbol,
    clientId: nodes.assigned(symbolId),
    holderClientId: nodes.authority.holder(symbolId),
  }))
}

function authorityOf({ core }: Engine): Answer[] {
  const { nodes, gaps } = core.desk
  const { authority } = nodes
  return core.config.instruments.map(({ symbol }, symbolId) => ({
    symbol,
    clientId: authority.holder(symbolId),
    fencingToken: authority.token(symbolId),
    leaseEndsNs: authority.holder(symbolId) === 0 ? 0 : authority.leaseNs(symbolId),
    isRecalled: authority.isRecalled(symbolId),
    lastEndedNs: authority.endedNs(symbolId),
    lastClientId: authority.lastHolder(symbolId),
    quotingGapNs: gaps.lastNs(symbolId),
    quotingGapNsLongest: gaps.longestNs(symbolId),
  }))
}

function exposureOf({ engine }: QueryContext): Answer {
  const { exposure, controls } = engine.core.desk
  return {
    limitLots: exposure.limitLots,
    bidLots: exposure.bidLotsTotal,
    askLots: exposure.askLotsTotal,
    bidLotsHigh: exposure.bidLotsHighest,
    askLotsHigh: exposure.askLotsHighest,
    quotingEnabled: controls.isSwitchedOn(NO_SYMBOL_ID),
    quotingChangedBy: controls.changedBy(NO_SYMBOL_ID),
    quotingChangedNs: controls.changedNs(NO_SYMBOL_ID),
    symbols: engine.core.config.instruments.map(({ symbol }, symbolId) => ({
      symbol,
      bidLots: exposure.bidLots(symbolId),
      askLots: exposure.askLots(symbolId),
      quotingEnabled: controls.isQuotingEnabled(symbolId),
      quotingChangedBy: controls.changedBy(symbolId),
      quotingChangedNs: controls.changedNs(symbolId),
    })),
  }
}

function fillsOf({ core }: Engine, question: Question): Answer {
  const { fills } = core.deskOutputs
  const chosen = question['symbol']
  const symbolId = core.config.instruments.findIndex(({ symbol }) => symbol === chosen)
  if (chosen !== undefined && symbolId < 0) {
    return { error: `no such symbol; there are ${core.config.instruments.map(({ symbol }) => symbol).join(', ')}` }
  }
  const afterTradeId = wholeOr(question['afterTradeId'], 0)
  const limit = Math.min(wholeOr(question['limit'], FILL_COUNT_MAX), FILL_COUNT_MAX)
  const answer: Answer[] = []
  for (let number = fills.keptFrom; number < fills.count && answer.length < limit; number++) {
    const at = fills.entryOf(number) * FillField.LENGTH
    const { int32, float64, bytes } = fills.buffer
    const id = int32[(at + FillField.SYMBOL_ID) >> 2]!
    const tradeId = float64[(at + FillField.LAST_TRADE_ID) >> 3]!
    if (tradeId <= afterTradeId || (chosen !== undefined && id !== symbolId)) continue
    answer.push({
      symbol: core.config.instruments[id]!.symbol,
      tradeId,
      timeNs: float64[(at + FillField.TIME_NS) >> 3]!,
      side: bytes[at + FillField.SIDE] === Side.BUY ? 'buy' : 'sell',
      priceTicks: int32[(at + FillField.FILL_TICKS) >> 2]!,
      quantityLots: int32[(at + FillField.FILL_LOTS) >> 2]!,
      netLots: float64[(at + FillField.NET_LOTS) >> 3]!,
      version: float64[(at + FillField.VERSION) >> 3]!,
      cashTickLots: float64[(at + FillField.CASH_TICK_LOTS) >> 3]!,
      clientId: float64[(at + FillField.CLIENT_ID) >> 3]!,
      recordSeq: float64[(at + FillField.RECORD_SEQ) >> 3]!,
    })
  }
  return { fills: answer }
}

function sessionsOf({ core }: Engine): Answer[] {
  const { sessions } = core
  return sessions.sortedClientIds().map((clientId) => {
    const slot = sessions.slotOf(clientId)
    return {
      clientId,
      incarnation: sessions.incarnation(slot),
      isOpen: sessions.isOpen(slot),
      lastClientSeq: sessions.lastClientSeq(slot),
      execSeq: sessions.execSeq(slot),
    }
  })
}

function snapshotFrame({ core, epoch }: Engine, question: Question): Uint8Array {
  const { symbol, channel } = question
  const symbolId = core.config.instruments.findIndex((instrument) => instrument.symbol === symbol)
  if (symbolId < 0) return encode({ error: `unknown symbol: ${String(symbol)}`, recordSeq: core.seq })
  if (channel !== 'l1' && channel !== 'l2' && channel !== 'l3') {
    return encode({ error: `channel is l1, l2 or l3, not ${String(channel)}`, recordSeq: core.seq })
  }
  return core.marketData.snapshotFrame(symbolId, channel, epoch)
}

function wholeOr(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : fallback
}
