// What the configuration and the operator impose on sessions, through a whole engine: throttle, phases, schedule.

import { describe, expect, test } from 'vitest'
import { AlignedBuffer } from '../../../base/aligned-buffer.ts'
import { MemoryStorage } from '../../../engine/journal/memory-storage.ts'
import { ClientId } from '../../../protocol/clients.ts'
import {
  type Quote,
  stampSession,
  writeMassQuote,
  writeReportLimit,
  writeSetPhase,
} from '../../../protocol/command-writer.ts'
import { EventKind, Reason, RiskState, Side, TradingPhase } from '../../../protocol/kinds.ts'
import { COMMAND_SIZE_MAX } from '../../../protocol/limits.ts'
import { orderMessage, registerMessage, SoloEngine, soloConfig } from '../../support/solo-engine.ts'

const CLIENT = 10
const NODE = 101

function phaseMessage(clientId: number, incarnation: number, clientSeq: number, phase: TradingPhase): Uint8Array {
  const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
  const length = writeSetPhase(buffer, 0, 0, phase)
  stampSession(buffer, 0, clientId, incarnation, clientSeq)
  return buffer.bytes.slice(0, length)
}

describe('a throttle', () => {
  const config = { ...soloConfig, throttle: { commandCount: 2, windowNs: 1_000_000_000 } }

  test('refuses what is too much in one window, and takes it in the next', () => {
    const solo = new SoloEngine(new MemoryStorage(), 0, config)
    const incarnation = solo.open(CLIENT)
    for (const clientSeq of [1, 2, 3]) solo.send(CLIENT, orderMessage(CLIENT, incarnation, clientSeq))
    expect(solo.lastReport(CLIENT)).toMatchObject({
      kind: EventKind.COMMAND_REFUSED,
      reason: Reason.THROTTLED,
      execSeq: 0,
      value: 3,
    })
    solo.pass(1_000_000_000)
    solo.send(CLIENT, orderMessage(CLIENT, incarnation, 3))
    expect(solo.lastReport(CLIENT)).toMatchObject({ kind: EventKind.ORDER_ACCEPTED, clientSeq: 3 })
  })

  test('is counted for each session by itself', () => {
    const solo = new SoloEngine(new MemoryStorage(), 0, config)
    const [one, other] = [CLIENT, CLIENT + 1]
    const incarnations = [solo.open(one), solo.open(other)]
    for (const clientSeq of [1, 2]) solo.send(one, orderMessage(one, incarnations[0]!, clientSeq))
    solo.send(other, orderMessage(other, incarnations[1]!, 1))
    expect(solo.lastReport(other)).toMatchObject({ kind: EventKind.ORDER_ACCEPTED })
  })
})

describe('a mass quote', () => {
  const quote = { quoteId: 4, bidTicks: 990, bidLots: 60, askTicks: 1_010, askLots: 60, positionVersion: 0 }
  const terms = { ...quote, ttlNs: 0 }

  /** The only node holds both symbols, by the first two tokens. */
  function openNode(solo: SoloEngine): number {
    const incarnation = solo.open(NODE)
    solo.send(NODE, registerMessage(NODE, incarnation, 1))
    return incarnation
  }

  function massQuote(
    incarnation: number,
    clientSeq: number,
    entries: readonly Omit<Quote, 'fencingToken'>[],
  ): Uint8Array {
    const quotes = entries.map((entry) => ({ fencingToken: entry.symbolId + 1, ...entry }))
    const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
    const length = writeMassQuote(buffer, 0, quotes)
    stampSession(buffer, 0, NODE, incarnation, clientSeq)
    return buffer.bytes.slice(0, length)
  }

  test('enters all its quotes, each on the exposure that the ones before it left', () => {
    const solo = new SoloEngine(new MemoryStorage())
    const incarnation = openNode(solo)
    const both = [0, 1].map((symbolId) => ({ ...terms, symbolId }))
    solo.send(NODE, massQuote(incarnation, 2, both))
    const { exchange } = solo.engine.core
    expect([exchange.quoteLots(0, Side.BUY), exchange.quoteLots(1, Side.BUY)]).toEqual([60, 40])
    const kinds = solo.reportsOf(NODE).map(({ kind, clientSeq }) => [kind, clientSeq])
    expect(kinds.slice(-3)).toEqual([
      [EventKind.MASS_QUOTED, 2],
      [EventKind.QUOTE_ACCEPTED, 0],
      [EventKind.QUOTE_ACCEPTED, 0],
    ])
  })

  test('withdraws the quote for which the others leave no room', () => {
    const solo = new SoloEngine(new MemoryStorage())
    const incarnation = openNode(solo)
    const wide = { ...terms, bidLots: 100, askLots: 100 }
    solo.send(NODE, massQuote(incarnation, 2, [{ ...terms, bidLots: 10, askLots: 10, symbolId: 1 }]))
    solo.send(
      NODE,
      massQuote(
        incarnation,
        3,
        [0, 1].map((symbolId) => ({ ...wide, symbolId })),
      ),
    )
    const { exchange } = solo.engine.core
    expect([exchange.quoteLots(0, Side.BUY), exchange.quoteLots(1, Side.BUY)]).toEqual([90, 10])
  })

  test.each([
    ['a crossed entry', { symbolId: 1, bidTicks: 1_010 }, Reason.CROSSED_QUOTE],
    ['a symbol that is not there', { symbolId: 9, fencingToken: 1 }, Reason.UNKNOWN_SYMBOL],
    ['a symbol twice', { symbolId: 0 }, Reason.QUOTED_TWICE],
    ['the token of another symbol', { symbolId: 1, fencingToken: 1 }, Reason.STALE_AUTHORITY],
    ['a stale position', { symbolId: 1, positionVersion: 3 }, Reason.STALE_POSITION],
  ])('enters none of its quotes with %s', (_, wrong, reason) => {
    const solo = new SoloEngine(new MemoryStorage())
    const incarnation = openNode(solo)
    solo.send(
      NODE,
      massQuote(incarnation, 2, [
        { ...terms, symbolId: 0 },
        { ...terms, ...wrong },
      ]),
    )
    expect(solo.lastReport(NODE)).toMatchObject({ kind: EventKind.QUOTE_REFUSED, reason, clientSeq: 2 })
    expect(solo.engine.core.exchange.quoteClientId(0)).toBe(0)
  })

  test('comes back from the journal', () => {
    const storage = new MemoryStorage()
    const solo = new SoloEngine(storage)
    const incarnation = openNode(solo)
    solo.send(
      NODE,
      massQuote(
        incarnation,
        2,
        [0, 1].map((symbolId) => ({ ...terms, symbolId })),
      ),
    )
    const again = new SoloEngine(storage, solo.nowNs)
    expect(again.engine.core.exchange.hash()).toBe(solo.engine.core.exchange.hash())
  })
})

describe('trading phases', () => {
  test("are the operator's to change, and nobody else's", () => {
    const solo = new SoloEngine(new MemoryStorage())
    const operator = solo.open(ClientId.OPERATOR)
    const incarnation = solo.open(CLIENT)
    solo.send(CLIENT, phaseMessage(CLIENT, incarnation, 1, TradingPhase.HALT))
    expect(solo.lastReport(CLIENT)).toMatchObject({ kind: EventKind.COMMAND_REFUSED, reason: Reason.NOT_PERMITTED })
    solo.send(ClientId.OPERATOR, phaseMessage(ClientId.OPERATOR, operator, 1, TradingPhase.HALT))
    expect(solo.lastReport(ClientId.OPERATOR)).toMatchObject({ kind: EventKind.PHASE_CHANGED, clientSeq: 1 })
    solo.send(CLIENT, orderMessage(CLIENT, incarnation, 2))
    expect(solo.lastReport(CLIENT)).toMatchObject({ kind: EventKind.ORDER_REJECTED, reason: Reason.PHASE_FORBIDS })
  })

  test('begin by the schedule though nobody sends anything', () => {
    const [first, ...others] = soloConfig.instruments
    const schedule = [
      { atNs: 50_000_000, phase: TradingPhase.PRE_OPEN },
      { atNs: 90_000_000, phase: TradingPhase.CONTINUOUS },
    ]
    const config = { ...soloConfig, instruments: [{ ...first!, schedule }, ...others] }
    const solo = new SoloEngine(new MemoryStorage(), 0, config)
    const { exchange } = solo.engine.core
    expect(exchange.phase(0)).toBe(TradingPhase.CLOSED)
    solo.pass(60_000_000)
    expect(exchange.phase(0)).toBe(TradingPhase.PRE_OPEN)
    solo.pass(60_000_000)
    expect(exchange.phase(0)).toBe(TradingPhase.CONTINUOUS)
    expect(exchange.phase(1)).toBe(TradingPhase.CONTINUOUS)
  })
})

describe("a limit of a node's own", () => {
  const loss = {
    symbolId: 0,
    reason: Reason.LOSS_LIMIT as Reason,
    state: RiskState.OFF as RiskState,
    lossHundredths: 500,
  }

  function reported(change: Partial<typeof loss>, isNode = true) {
    const solo = new SoloEngine(new MemoryStorage())
    const incarnation = solo.open(NODE)
    if (isNode) solo.send(NODE, registerMessage(NODE, incarnation, 1))
    const { symbolId, reason, state, lossHundredths } = { ...loss, ...change }
    const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
    const length = writeReportLimit(buffer, 0, symbolId, reason, state, lossHundredths)
    const clientSeq = isNode ? 2 : 1
    stampSession(buffer, 0, NODE, incarnation, clientSeq)
    solo.send(NODE, buffer.bytes.slice(0, length))
    return solo.lastReport(NODE)
  }

  test('is told with its reason and the loss', () => {
    expect(reported({})).toMatchObject({ kind: EventKind.NODE_LIMIT_REACHED, reason: Reason.LOSS_LIMIT, tradeId: 500 })
  })

  test('is refused by name where it says what no node can', () => {
    const refused = (reason: Reason) => ({ kind: EventKind.NODE_REFUSED, reason })
    expect(reported({}, false)).toMatchObject(refused(Reason.NOT_REGISTERED))
    expect(reported({ symbolId: 99 })).toMatchObject(refused(Reason.UNKNOWN_SYMBOL))
    expect(reported({ reason: Reason.BY_OWNER })).toMatchObject(refused(Reason.MALFORMED))
    expect(reported({ state: 4 as RiskState })).toMatchObject(refused(Reason.MALFORMED))
  })

  test('with a loss that is no number is told without one', () => {
    expect(reported({ lossHundredths: Number.NaN })).toMatchObject({ kind: EventKind.NODE_LIMIT_REACHED, tradeId: 0 })
  })
})
