// What clients say, handed to the engine in turns of a millisecond: so much of each in one turn, the rest in those after it,
// that of a session more slowly while others suffer from it (client-pace.ts).
// So whoever says little does not wait behind whoever says much, and one client alone cannot keep the engine busy.
//
//   client 10   ▪▪▪▪▪▪▪▪▪▪▪▪▪▪ ──► a turn's worth ─┐
//   client 11   ▪ ────────────────► all of it ─────┴─► engine
//
// What a client says keeps its order. More than may wait of one client is not kept: the client is told so, once in a turn, and
// repeats it. Time is handed in.

import { CommandHeader } from '../../protocol/command.ts'
import { COMMAND_SIZE_MAX, MESSAGE_SIZE_MAX, REPLY_COUNT_MAX } from '../../protocol/limits.ts'

/** Of one client in one turn: some thirty orders. A command that begins in it is taken. */
export const TURN_SIZE = 2_304
export const TURN_MS = 1
/** A window of the longest commands there are. */
const WAITING_SIZE_MAX = REPLY_COUNT_MAX * COMMAND_SIZE_MAX

type Waiting = {
  readonly messages: Uint8Array[]
  /** Byte of the first message from which it has not been handed over. */
  at: number
  size: number
  isTold: boolean
}

export class CommandInbox {
  readonly #offer: (clientId: number, message: Uint8Array) => void
  readonly #refuse: (clientId: number) => void
  readonly #paceOf: (clientId: number) => number
  /** Clients with more to say than was handed over. */
  readonly #waiting = new Map<number, Waiting>()
  /** Bytes of each client that were handed over in this turn. */
  readonly #spent = new Map<number, number>()
  #turnMs = Number.NEGATIVE_INFINITY

  /** `paceOf`: bytes of what waits that the client is heard in a turn, as of now. */
  constructor(
    offer: (clientId: number, message: Uint8Array) => void,
    refuse: (clientId: number) => void,
    paceOf: (clientId: number) => number = () => TURN_SIZE,
  ) {
    this.#offer = offer
    this.#refuse = refuse
    this.#paceOf = paceOf
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  /**
   * One message, valid during the call. False: so much waits already that it was not kept. `waitingMax`: bytes that may wait, where
   * it is more than one message.
   */
  take(clientId: number, message: Uint8Array, waitingMax = WAITING_SIZE_MAX): boolean {
    const waiting = this.#waiting.get(clientId)
    if (waiting !== undefined) return this.#keep(clientId, waiting, message, waitingMax)
    const spent = this.#spent.get(clientId) ?? 0
    // What is no message at all is refused as a whole.
    const isWhole = spent + message.length <= TURN_SIZE || message.length > MESSAGE_SIZE_MAX
    const end = isWhole ? message.length : spent >= TURN_SIZE ? 0 : cutAt(message, 0, TURN_SIZE - spent)
    this.#spent.set(clientId, spent + end)
    if (end > 0 || isWhole) this.#offer(clientId, isWhole ? message : message.subarray(0, end))
    if (isWhole || end === message.length) return true
    const kept = { messages: [], at: 0, size: 0, isTold: false }
    this.#waiting.set(clientId, kept)
    return this.#keep(clientId, kept, message.subarray(end), waitingMax)
  }

  /** Forgets what waits of the client, which repeats it. */
  drop(clientId: number): void {
    this.#waiting.delete(clientId)
  }

  /** To be called again and again: each client's turn, when it has come. */
  poll(nowMs: number): void {
    if (nowMs - this.#turnMs < TURN_MS) return
    this.#turnMs = nowMs
    this.#spent.clear()
    for (const [clientId, waiting] of this.#waiting) this.#handOver(clientId, waiting)
  }

  #keep(clientId: number, waiting: Waiting, message: Uint8Array, waitingMax: number): boolean {
    if (waiting.size > 0 && waiting.size + message.length > waitingMax) {
      if (!waiting.isTold) this.#refuse(clientId)
      waiting.isTold = true
      return false
    }
    waiting.messages.push(message.slice())
    waiting.size += message.length
    return true
  }

  #handOver(clientId: number, waiting: Waiting): void {
    waiting.isTold = false
    const size = this.#paceOf(clientId)
    let spent = 0
    while (spent < size) {
      const message = waiting.messages[0]
      if (message === undefined) {
        this.#waiting.delete(clientId)
        break
      }
      const end = cutAt(message, waiting.at, size - spent)
      this.#offer(clientId, message.subarray(waiting.at, end))
      spent += end - waiting.at
      waiting.size -= end - waiting.at
      waiting.at = end
      if (end < message.length) continue
      waiting.messages.shift()
      waiting.at = 0
    }
    this.#spent.set(clientId, spent)
  }
}

/** Behind the last whole command that begins within `size` bytes from `from` on; the end where what follows is no command. */
function cutAt(message: Uint8Array, from: number, size: number): number {
  let at = from
  while (at - from < size) {
    const length = message.length - at < 2 ? 0 : message[at]! | (message[at + 1]! << 8)
    if (length < CommandHeader.LENGTH || at + length >= message.length) return message.length
    at += length
  }
  return at
}
