// Does the same steps to two exchanges and finds the first point at which they differ, or at which a rule is broken.

import type { EventLog } from '../../protocol/event.ts'
import { EventField } from '../../protocol/event.ts'
import { Side } from '../../protocol/kinds.ts'
import { AuditError, Auditor } from './auditor.ts'
import { eventText } from './event-text.ts'
import type { Step } from './step.ts'
import { type AnyExchange, StepRunner } from './step-runner.ts'

const EVENT_WORDS = EventField.LENGTH / 4
/** Whole books and hashes are compared after so many steps. A prime, so that it falls on every kind of step. */
const STATE_CHECK_INTERVAL = 61

export class Differential {
  stepCount = 0
  readonly #symbolCount: number
  readonly #subject: StepRunner
  readonly #oracle: StepRunner
  readonly #auditor: Auditor

  /** `makeSubject` and `makeOracle` make exchanges without orders, of the same configuration. */
  constructor(makeSubject: () => AnyExchange, makeOracle: () => AnyExchange, symbolCount: number) {
    this.#symbolCount = symbolCount
    this.#subject = new StepRunner(makeSubject)
    this.#oracle = new StepRunner(makeOracle)
    const symbolIds = Array.from({ length: symbolCount }, (_, symbolId) => symbolId)
    this.#auditor = new Auditor(symbolIds.map((symbolId) => this.#oracle.exchange.referenceTicks(symbolId)))
  }

  /** Events of the last step, as the oracle tells them. */
  get events(): EventLog {
    return this.#oracle.events
  }

  /** Does the step to both. Undefined: they agree. Else in words how they differ. `isThorough` compares the whole state. */
  run(step: Step, isThorough = false): string | undefined {
    this.stepCount += 1
    const subject = this.#subject
    const oracle = this.#oracle
    oracle.run(step)
    try {
      subject.run(step)
    } catch (error) {
      return `the subject threw ${String(error)}`
    }
    const differing = compareEvents(subject.events, oracle.events)
    if (differing !== undefined) return differing
    try {
      this.#auditor.audit(step, subject.events, subject.dueCount, subject.exchange)
    } catch (error) {
      if (error instanceof AuditError) return error.message
      throw error
    }
    if (isThorough || step.kind === 'restore' || this.stepCount % STATE_CHECK_INTERVAL === 0) return this.compareState()
    return undefined
  }

  /** Everything that the two can be asked. */
  compareState(): string | undefined {
    const subject = this.#subject.exchange
    const oracle = this.#oracle.exchange
    for (let symbolId = 0; symbolId < this.#symbolCount; symbolId++) {
      const found = stateText(subject, symbolId)
      const expected = stateText(oracle, symbolId)
      if (found !== expected) return `symbol ${symbolId} is\n  ${found}\nand should be\n  ${expected}`
    }
    const found = `${subject.orderCount()} orders, next deadline ${subject.nextDeadlineNs()}, hash ${subject.hash()}`
    const expected = `${oracle.orderCount()} orders, next deadline ${oracle.nextDeadlineNs()}, hash ${oracle.hash()}`
    return found === expected ? undefined : `found ${found}, expected ${expected}`
  }
}

/** Does all steps to new exchanges; the index of the first that shows a difference, and the difference. */
export function firstDifference(
  steps: readonly Step[],
  makeDifferential: () => Differential,
): { readonly index: number; readonly message: string } | undefined {
  const differential = makeDifferential()
  for (const [index, step] of steps.entries()) {
    const message = differential.run(step, true)
    if (message !== undefined) return { index, message }
  }
  return undefined
}

function compareEvents(found: EventLog, expected: EventLog): string | undefined {
  const count = Math.min(found.count, expected.count)
  for (let index = 0; index < count; index++) {
    if (isSameEvent(found.int32, expected.int32, index)) continue
    const foundText = eventText(found, index)
    const expectedText = eventText(expected, index)
    const hint =
      foundText === expectedText ? ` (bytes ${bytesText(found, index)}, not ${bytesText(expected, index)})` : ''
    return `event ${index} is\n  ${foundText}\nand should be\n  ${expectedText}${hint}`
  }
  if (found.count > count) return `there is an event too many:\n  ${eventText(found, count)}`
  if (expected.count > count) return `an event is missing:\n  ${eventText(expected, count)}`
  return undefined
}

function isSameEvent(found: Int32Array, expected: Int32Array, index: number): boolean {
  const from = index * EVENT_WORDS
  for (let word = from; word < from + EVENT_WORDS; word++) {
    if (found[word] !== expected[word]) return false
  }
  return true
}

function bytesText(events: EventLog, index: number): string {
  const from = index * EventField.LENGTH
  return Array.from(events.bytes.subarray(from, from + EventField.LENGTH), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

/** All that can be asked about a symbol. */
function stateText(exchange: AnyExchange, symbolId: number): string {
  const parts: (string | number)[] = [
    exchange.referenceTicks(symbolId),
    exchange.lastTradeTicks(symbolId),
    exchange.lastTradeLots(symbolId),
    exchange.phase(symbolId),
    exchange.indicativeTicks(symbolId),
    exchange.indicativeLots(symbolId),
    exchange.indicativeSurplusLots(symbolId),
    exchange.quoteId(symbolId),
    exchange.quoteClientId(symbolId),
    exchange.quoteExpiryNs(symbolId),
    exchange.quotePositionVersion(symbolId),
    exchange.quoteFencingToken(symbolId),
  ]
  for (const side of [Side.BUY, Side.SELL]) {
    parts.push(exchange.quoteLots(symbolId, side), exchange.quoteTicks(symbolId, side))
    parts.push(exchange.bestTicks(symbolId, side), exchange.bestLots(symbolId, side))
    exchange.forEachLevel(symbolId, side, (priceTicks, lots, orderCount) => {
      parts.push(`level ${priceTicks} ${lots} ${orderCount}`)
      parts.push(exchange.levelLots(symbolId, side, priceTicks), exchange.levelOrderCount(symbolId, side, priceTicks))
    })
    exchange.forEachOrder(symbolId, side, (orderId, priceTicks, lots) => {
      parts.push(`#${orderId} ${priceTicks} ${lots}`)
    })
  }
  return parts.join(' ')
}
