// The client's half of a session against a plain model of the engine's: each command is applied exactly once and in order,
// each report handed over exactly once and in order, whatever happens to the messages and to the engine.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Prng } from '../../base/prng.ts'
import { ClientSession, SessionState } from '../../protocol/client-session.ts'
import { writeNewOrder } from '../../protocol/command-writer.ts'
import { ExecutionField } from '../../protocol/frame.ts'
import { EventKind, OrderType, Reason, Side, TimeInForce } from '../../protocol/kinds.ts'
import { REPLY_COUNT_MAX } from '../../protocol/limits.ts'
import { SessionEngine } from '../support/session-engine.ts'

const CLIENT_ID = 7
const MS = 1_000_000

/** A session and an engine, with a way between them that the test is the weather of. */
class Conversation {
  nowNs = 0
  readonly toEngine: Uint8Array[] = []
  readonly toClient: Uint8Array[] = []
  readonly resends: number[] = []
  /** What the handler was given: ids of reports, and the kinds of the refusals among them. */
  readonly handed: number[] = []
  readonly refused: number[] = []
  readonly states: SessionState[] = []
  lostCount = 0
  readonly engine = new SessionEngine(CLIENT_ID, (frame) => this.toClient.push(frame))
  readonly session: ClientSession
  #orderCount = 0

  constructor(nonce = 99) {
    this.session = new ClientSession(
      { clientId: CLIENT_ID, nonce, retryNs: 10 * MS, retryNsMax: 80 * MS },
      {
        transmit: (message) => this.toEngine.push(message.slice()),
        requestResend: (fromSeq) => this.resends.push(fromSeq),
      },
      {
        onReport: (reader, index) => {
          const kind = reader.uint8(index, ExecutionField.KIND)
          if (kind === EventKind.COMMAND_REFUSED) this.refused.push(reader.uint8(index, ExecutionField.REASON))
          else this.handed.push(reader.float64(index, ExecutionField.TRADE_ID))
        },
        onState: (state) => this.states.push(state),
        onReportsLost: (count) => {
          this.lostCount += count
        },
      },
    )
  }

  get orderCount(): number {
    return this.#orderCount
  }

  /** False when the window is full. */
  order(): boolean {
    const offset = this.session.begin()
    if (offset < 0) return false
    this.#orderCount += 1
    writeNewOrder(this.session.outbox, offset, {
      symbolId: 0,
      side: Side.BUY,
      orderType: OrderType.LIMIT,
      timeInForce: TimeInForce.GTC,
      quantityLots: 1,
      priceTicks: 100,
      clientOrderId: this.#orderCount,
    })
    this.session.finish()
    return true
  }

  poll(afterMs = 0): void {
    this.nowNs += afterMs * MS
    this.session.poll(this.nowNs)
  }

  /** Nothing is lost or late from here on: everything is delivered until nothing is left to say. */
  settle(): void {
    for (let round = 0; round < 100; round++) {
      this.poll(100)
      for (const message of this.toEngine.splice(0)) this.engine.onMessage(message)
      this.engine.commit()
      for (const fromSeq of this.resends.splice(0)) this.answerResend(fromSeq)
      for (const frame of this.toClient.splice(0)) this.session.onFrame(frame, this.nowNs)
    }
  }

  answerResend(fromSeq: number): void {
    const firstSeq = this.engine.resend(fromSeq)
    this.session.onResendAnswer(firstSeq, this.nowNs)
  }

  /** Every report from the opening on, in order. */
  get told(): number[] {
    const { reports } = this.engine.committed
    const opening = reports.findIndex(({ nonce }) => nonce !== undefined)
    return reports.slice(opening + 1).map(({ id }) => id)
  }
}

/** Takes a message out of the queue: mostly the oldest, sometimes any, sometimes without removing it. */
function takeOne(queue: Uint8Array[], weather: Prng, reorders: boolean): Uint8Array | undefined {
  const at = reorders && weather.nextChance(0.2) ? weather.nextBelow(Math.max(1, queue.length)) : 0
  if (weather.nextChance(0.1)) return queue[at]
  const [message] = queue.splice(at, 1)
  return weather.nextChance(0.15) ? undefined : message
}

function step(conversation: Conversation, weather: Prng): void {
  const { engine, session } = conversation
  switch (weather.nextBelow(12)) {
    case 0:
    case 1:
    case 2:
      for (let count = weather.nextBetween(1, 4); count > 0; count--) conversation.order()
      break
    case 3:
      conversation.poll(weather.nextBetween(0, 15))
      break
    case 4:
      engine.happen()
      break
    case 5:
    case 6: {
      const message = takeOne(conversation.toEngine, weather, true)
      if (message !== undefined) engine.onMessage(message)
      break
    }
    case 7:
    case 8: {
      const frame = takeOne(conversation.toClient, weather, true)
      if (frame !== undefined) session.onFrame(frame, conversation.nowNs)
      break
    }
    case 9:
      engine.commit()
      break
    case 10: {
      const fromSeq = conversation.resends.shift()
      if (fromSeq !== undefined && weather.nextChance(0.7)) conversation.answerResend(fromSeq)
      break
    }
    default:
      if (weather.nextChance(0.5)) engine.announce()
      else {
        if (weather.nextChance(0.5)) engine.commitSilently()
        engine.restart()
      }
  }
}

test('each command is applied once and each report handed over once, in any weather', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 20, max: 600 }), (seed, stepCount) => {
      const weather = new Prng(seed)
      const conversation = new Conversation()
      conversation.session.open(0)
      for (let count = 0; count < stepCount; count++) step(conversation, weather)
      conversation.settle()
      const { session, engine } = conversation
      expect(session.state).toBe(SessionState.OPEN)
      expect(session.inFlight).toBe(0)
      expect(engine.committed.applied).toEqual(Array.from({ length: conversation.orderCount }, (_, n) => n + 1))
      // The session hands over from when it learns of its opening; what it hands over, it hands over to the end.
      const { handed, told } = conversation
      expect(handed).toEqual(told.slice(told.length - handed.length))
      expect(session.counts.answered).toBe(conversation.orderCount)
      expect(session.counts.lost).toBe(0)
    }),
    { numRuns: 300 },
  )
})

test('with an engine that forgets reports soon, commands are still applied once, and the lost reports are counted', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 20, max: 600 }), (seed, stepCount) => {
      const weather = new Prng(seed)
      const conversation = new Conversation()
      conversation.engine.keptCountMax = 3
      conversation.session.open(0)
      for (let count = 0; count < stepCount; count++) step(conversation, weather)
      conversation.settle()
      const { session, engine, handed, told } = conversation
      expect(session.inFlight).toBe(0)
      expect(engine.committed.applied).toEqual(Array.from({ length: conversation.orderCount }, (_, n) => n + 1))
      // In order, each at most once; a reply that was lost as a report may be told later, as it is remembered.
      expect(new Set(handed).size).toBe(handed.length)
      expect(handed.every((id) => told.includes(id))).toBe(true)
      expect(conversation.lostCount).toBe(session.counts.lost)
    }),
    { numRuns: 200 },
  )
})

function opened(nonce?: number): Conversation {
  const conversation = new Conversation(nonce)
  conversation.session.open(0)
  for (const message of conversation.toEngine.splice(0)) conversation.engine.onMessage(message)
  conversation.engine.commit()
  for (const frame of conversation.toClient.splice(0)) conversation.session.onFrame(frame, conversation.nowNs)
  expect(conversation.session.state).toBe(SessionState.OPEN)
  return conversation
}

test('the window is bounded, and full means back-pressure that the caller sees', () => {
  const conversation = opened()
  for (let count = 0; count < REPLY_COUNT_MAX; count++) expect(conversation.order()).toBe(true)
  expect(conversation.session.room).toBe(0)
  expect(conversation.order()).toBe(false)
  conversation.settle()
  expect(conversation.session.room).toBe(REPLY_COUNT_MAX)
  expect(conversation.engine.committed.applied.length).toBe(REPLY_COUNT_MAX)
})

test('an engine that restarts without what it had not committed gets it again with its announcement, before any time-out', () => {
  const conversation = opened()
  conversation.order()
  conversation.order()
  conversation.poll()
  for (const message of conversation.toEngine.splice(0)) conversation.engine.onMessage(message)
  conversation.engine.restart()
  for (const frame of conversation.toClient.splice(0)) conversation.session.onFrame(frame, conversation.nowNs)
  expect(conversation.toEngine.length).toBe(1)
  expect(conversation.session.counts.retried).toBe(2)
})

test('time-outs grow to a bound while nothing answers', () => {
  const conversation = opened()
  conversation.order()
  conversation.poll()
  const waits: number[] = []
  let lastMs = 0
  for (let ms = 1; ms <= 500; ms++) {
    const before = conversation.toEngine.length
    conversation.poll(1)
    if (conversation.toEngine.length === before) continue
    waits.push(ms - lastMs)
    lastMs = ms
  }
  expect(waits).toEqual([10, 20, 40, 80, 80, 80, 80, 80])
})

test('a way that is open again after a break is used at once', () => {
  const conversation = opened()
  conversation.order()
  conversation.poll()
  conversation.toEngine.length = 0
  conversation.session.onReconnected(conversation.nowNs)
  expect(conversation.toEngine.length).toBe(1)
})

test('another process with the same client id ends the session, and its answers do not confuse it', () => {
  const first = opened(11)
  const second = new Conversation(22)
  second.session.open(0)
  for (const message of second.toEngine.splice(0)) first.engine.onMessage(message)
  first.engine.commit()
  const frames = first.toClient.splice(0)
  for (const frame of frames) {
    first.session.onFrame(frame, 0)
    second.session.onFrame(frame, 0)
  }
  expect(first.session.state).toBe(SessionState.ENDED)
  expect(first.session.endReason).toBe(Reason.STALE_SESSION)
  expect(second.session.state).toBe(SessionState.OPEN)
  expect(second.session.incarnation).toBe(2)
})

test('an engine that knows nothing of the client ends the session and says so', () => {
  const conversation = opened()
  conversation.order()
  conversation.poll()
  const fresh = new SessionEngine(CLIENT_ID, (frame) => conversation.session.onFrame(frame, 0))
  for (const message of conversation.toEngine) fresh.onMessage(message)
  expect(conversation.session.state).toBe(SessionState.ENDED)
  expect(conversation.session.endReason).toBe(Reason.UNKNOWN_CLIENT)
  expect(conversation.session.room).toBe(0)
})

test('a reply whose report the engine has lost is taken from its memory of replies', () => {
  const conversation = opened()
  const { engine, session } = conversation
  engine.keptCountMax = 2
  conversation.order()
  conversation.poll()
  for (const message of conversation.toEngine.splice(0)) engine.onMessage(message)
  for (let count = 0; count < 3; count++) engine.happen()
  engine.commit()
  // Nothing of it arrives.
  conversation.toClient.length = 0
  conversation.settle()
  expect(session.counts.lost).toBe(2)
  expect(conversation.lostCount).toBe(2)
  expect(session.inFlight).toBe(0)
  expect(conversation.handed.toSorted((one, other) => one - other)).toEqual([2, 4, 5])
})
