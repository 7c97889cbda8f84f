// A client that falls silent: its session ends by a record, if it asked for that, and with it go its orders.

import { describe, expect, test } from 'vitest'
import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { OutputKind } from '../../engine/core/output.ts'
import { MemoryStorage } from '../../engine/journal/memory-storage.ts'
import { ClientSession, SessionState } from '../../protocol/client-session.ts'
import { stampSession, writeOpenSession } from '../../protocol/command-writer.ts'
import { EventKind, Reason, Side } from '../../protocol/kinds.ts'
import { COMMAND_SIZE_MAX } from '../../protocol/limits.ts'
import { orderMessage, SoloEngine } from '../support/solo-engine.ts'

const GONE = 10
const OTHER = 11
const MS = 1_000_000

function opening(clientId: number): Uint8Array {
  const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
  const length = writeOpenSession(buffer, 0, 7, true)
  stampSession(buffer, 0, clientId, 0, 0)
  return buffer.bytes.slice(0, length)
}

/** Both have an order; only GONE is to lose it when it is silent. */
function start() {
  const storage = new MemoryStorage()
  const solo = new SoloEngine(storage)
  solo.send(GONE, opening(GONE))
  const incarnation = solo.lastReport(GONE)!.value
  solo.send(GONE, orderMessage(GONE, incarnation, 1))
  solo.send(OTHER, orderMessage(OTHER, solo.open(OTHER), 1, { priceTicks: 980 }))
  return { storage, solo, incarnation }
}

function passFor(solo: SoloEngine, durationMs: number, each: (ms: number) => void = () => {}): void {
  for (let ms = 0; ms < durationMs; ms += 100) {
    each(ms)
    solo.pass(100 * MS)
  }
}

const best = (solo: SoloEngine) => solo.engine.core.exchange.bestTicks(0, Side.BUY)

describe('a silent client', () => {
  test('loses its orders and its session after three seconds, and is told', () => {
    const { solo, incarnation } = start()
    passFor(solo, 2_900)
    expect(best(solo)).toBe(990)
    passFor(solo, 2_000)
    expect(best(solo)).toBe(980)
    const [cancelled, closed] = solo.reportsOf(GONE).slice(-2)
    expect(cancelled).toMatchObject({ kind: EventKind.ORDER_CANCELLED, reason: Reason.SESSION_ENDED, clientSeq: 0 })
    expect(closed).toMatchObject({ kind: EventKind.SESSION_CLOSED, value: incarnation, clientSeq: 0 })
    solo.send(GONE, orderMessage(GONE, incarnation, 2))
    expect(solo.lastReport(GONE)).toMatchObject({ kind: EventKind.COMMAND_REFUSED, reason: Reason.STALE_SESSION })
    solo.send(GONE, opening(GONE))
    expect(best(solo)).toBe(980)
  })

  test('keeps both as long as it says that it is there', () => {
    const { solo } = start()
    const { seq } = solo.engine.core
    passFor(solo, 20_000, (ms) => {
      if (ms % 500 === 0) solo.engine.offer(GONE, opening(GONE))
    })
    expect(best(solo)).toBe(990)
    expect(solo.engine.core.seq).toBe(seq)
  })

  test('gets the whole time again from an engine that was held up itself', () => {
    const { solo } = start()
    passFor(solo, 1_000)
    solo.pass(60_000 * MS)
    expect(best(solo)).toBe(990)
    passFor(solo, 5_000)
    expect(best(solo)).toBe(980)
  })

  test('is as gone after a replay', () => {
    const { storage, solo } = start()
    passFor(solo, 5_000)
    const hash = solo.engine.core.hash()
    const again = new SoloEngine(storage, solo.nowNs)
    expect(again.engine.core.hash()).toBe(hash)
    expect(best(again)).toBe(980)
  })
})

describe('a session that ends with its client', () => {
  function connect(isCancelledOnDisconnect: boolean, isHeard: () => boolean = () => true) {
    const solo = new SoloEngine(new MemoryStorage())
    const options = { clientId: GONE, nonce: 9, isCancelledOnDisconnect }
    const states: SessionState[] = []
    let sentCount = 0
    const session = new ClientSession(
      options,
      {
        transmit: (message) => {
          sentCount += 1
          solo.engine.offer(GONE, message.slice())
        },
        requestResend: () => {},
      },
      { onReport: () => {}, onState: (state) => states.push(state) },
    )
    solo.onOutput = (kind, clientId, payload) => {
      if (kind !== OutputKind.EXECUTIONS || clientId !== GONE || !isHeard()) return
      session.onFrame(payload.slice(), solo.nowNs)
    }
    session.open(solo.nowNs)
    solo.pass()
    return { solo, session, states, sent: () => sentCount }
  }

  test('says twice a second that it is there, and so goes on', () => {
    const { solo, session, sent } = connect(true)
    passFor(solo, 10_000, () => session.poll(solo.nowNs))
    expect(session.state).toBe(SessionState.OPEN)
    expect(sent()).toBeGreaterThanOrEqual(20)
    expect(sent()).toBeLessThanOrEqual(22)
  })

  test('is over once the engine has ended it', () => {
    const { solo, session, states } = connect(true)
    passFor(solo, 5_000)
    expect(states.at(-1)).toBe(SessionState.ENDED)
    expect(session.endReason).toBe(Reason.SESSION_ENDED)
  })

  test('is over, too, for a client that had not yet heard of its beginning', () => {
    let isHeard = false
    const { solo, session, states } = connect(true, () => isHeard)
    passFor(solo, 5_000)
    expect(states).toEqual([SessionState.OPENING])
    isHeard = true
    passFor(solo, 1_000, () => session.poll(solo.nowNs))
    expect(states).toEqual([SessionState.OPENING, SessionState.ENDED])
    expect(session.endReason).toBe(Reason.STALE_SESSION)
  })

  test('sends nothing of its own when its orders are to stay', () => {
    const { solo, session, sent } = connect(false)
    passFor(solo, 10_000, () => session.poll(solo.nowNs))
    expect(session.state).toBe(SessionState.OPEN)
    expect(sent()).toBe(1)
  })
})
