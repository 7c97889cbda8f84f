// Is what the clients were told one possible run of an exchange that does one thing at a time?
//
// The check knows the clients' histories alone: when each command was sent, when it was answered, and what the answer
// said. It searches an order of all commands in which each takes effect between its sending and its answer, each
// session's in the order of their numbers, and in which the naive exchange, one command after the other, gives exactly
// these answers (Wing and Gong, Testing and verifying concurrent objects, 1993; the search with its log of what can be
// undone follows Lowe, Testing for linearizability, 2017). The journal is not looked at. The number of the record, which a reply
// carries, only says which order to try first.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { ByteReader } from '../../base/byte-reader.ts'
import { ByteWriter } from '../../base/byte-writer.ts'
import { NaiveExchange } from '../../exchange-sim/naive/naive-exchange.ts'
import { EventField, EventLog } from '../../protocol/event.ts'
import { COMMAND_SIZE_MAX } from '../../protocol/limits.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'

/** One command of one client. Times are of one clock, in milliseconds. */
export type Operation = {
  readonly clientId: number
  readonly clientSeq: number
  /** The command as it was sent. */
  readonly bytes: Uint8Array
  readonly sentMs: number
  readonly answeredMs: number
  /** What the answer said, by `replyText`. */
  readonly reply: string
  /** Where to look first; any number will do. */
  readonly hint: number
}

export type Verdict = {
  readonly isLinearizable: boolean
  /** Commands that were put in order. */
  readonly count: number
  /** Answers of the model that were tried and did not fit. */
  readonly missCount: number
  readonly explanation: string
}

/** What counts of a reply: an exchange cannot say it otherwise and mean the same. */
export function replyText(fields: {
  readonly kind: number
  readonly reason: number
  readonly orderId: number
  readonly priceTicks: number
  readonly quantityLots: number
  readonly leavesLots: number
}): string {
  const { kind, reason, orderId, priceTicks, quantityLots, leavesLots } = fields
  return `${kind} ${reason} ${orderId} ${priceTicks} ${quantityLots} ${leavesLots}`
}

/** A search that has not found an order after so many wrong answers gives up, and says so. */
const MISS_COUNT_MAX = 20_000
/** State is kept this often, to go back to. */
const KEEP_EVERY = 128
/** Of every record: nothing that the load sends depends on time. */
const TIME_NS = 1

export class LinearizabilityChecker {
  readonly #model: NaiveExchange
  readonly #events = new EventLog()
  readonly #command = new AlignedBuffer(COMMAND_SIZE_MAX)

  constructor(config: ClusterConfig) {
    this.#model = new NaiveExchange(config)
  }

  /** Goes on from the state that the last check ended in: between two calls everything is answered. */
  check(operations: readonly Operation[]): Verdict {
    const sessions = sessionsOf(operations)
    const total = operations.length
    const order: Operation[] = []
    /** What else could have been tried at each place. */
    const choices: Operation[][] = []
    const kept: { at: number; state: Uint8Array }[] = [{ at: 0, state: this.#save() }]
    let missCount = 0
    let furthest = 0
    let open = candidates(sessions)
    for (;;) {
      if (order.length === total) return { isLinearizable: true, count: total, missCount, explanation: '' }
      const next = open.shift()
      if (next === undefined) {
        const last = order.pop()
        if (last === undefined || missCount > MISS_COUNT_MAX) {
          const explanation = `no order explains more than ${furthest} of ${total} answers`
          return { isLinearizable: false, count: furthest, missCount, explanation }
        }
        sessions.get(last.clientId)!.at -= 1
        open = choices.pop()!
        this.#goBack(order, kept)
        continue
      }
      if (this.#apply(next) === next.reply) {
        choices.push(open)
        order.push(next)
        sessions.get(next.clientId)!.at += 1
        furthest = Math.max(furthest, order.length)
        if (order.length % KEEP_EVERY === 0) kept.push({ at: order.length, state: this.#save() })
        open = candidates(sessions)
      } else {
        missCount += 1
        if (missCount > MISS_COUNT_MAX) open = []
        this.#goBack(order, kept)
      }
    }
  }

  /** The model's answer. */
  #apply({ bytes }: Operation): string {
    const events = this.#events
    events.clear()
    this.#command.bytes.set(bytes)
    this.#model.apply(this.#command, 0, TIME_NS, events)
    const { int32, float64 } = events
    return replyText({
      kind: events.bytes[EventField.KIND]!,
      reason: events.bytes[EventField.REASON]!,
      orderId: float64[EventField.ORDER_ID >> 3]!,
      priceTicks: int32[EventField.PRICE_TICKS >> 2]!,
      quantityLots: int32[EventField.QUANTITY_LOTS >> 2]!,
      leavesLots: int32[EventField.LEAVES_LOTS >> 2]!,
    })
  }

  /** The model as it was after exactly `order`. */
  #goBack(order: readonly Operation[], kept: { at: number; state: Uint8Array }[]): void {
    while (kept.at(-1)!.at > order.length) kept.pop()
    const { at, state } = kept.at(-1)!
    this.#model.restore(new ByteReader(state))
    for (const operation of order.slice(at)) this.#apply(operation)
  }

  #save(): Uint8Array {
    const writer = new ByteWriter()
    this.#model.snapshot(writer)
    return writer.finish().slice()
  }
}

type Session = { readonly operations: readonly Operation[]; at: number }

function sessionsOf(operations: readonly Operation[]): Map<number, Session> {
  const byClient = Map.groupBy(operations, ({ clientId }) => clientId)
  return new Map(
    [...byClient].map(([clientId, own]) => [
      clientId,
      { operations: own.toSorted((one, other) => one.clientSeq - other.clientSeq), at: 0 },
    ]),
  )
}

/** What may come next: it was sent before any other that is left had been answered. */
function candidates(sessions: ReadonlyMap<number, Session>): Operation[] {
  const heads = [...sessions.values()].flatMap(({ operations, at }) => operations.slice(at, at + 1))
  const firstAnswerMs = Math.min(...heads.map(({ answeredMs }) => answeredMs))
  return heads.filter(({ sentMs }) => sentMs <= firstAnswerMs).sort((one, other) => one.hint - other.hint)
}
