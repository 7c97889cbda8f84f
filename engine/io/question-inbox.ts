// Answers questions so that orders do not suffer: all answers together take a tenth of the engine's time, and whoever asks much
// waits behind its own questions. Some are answered at once; then all wait until that is paid for, so that many wake the engine
// seldom.
//
//   strategy-1  ? ? ? ? ? ? ──►┐  one of each, in turn
//   gateway     ? ────────────►┴──► some answers, then nine times as long for everything else
//
// Who asks is read from where the answer is to go. More than may wait of one asker is dropped; it asks again. Time is handed in.

import type { Message } from '../../protocol/io/transport.ts'

/** Time that passes for each time that an answer took. */
const COST = 10
/** What an answer takes at the least, to be read and sent. Milliseconds. */
const ANSWER_MS_MIN = 0.1
/** Of that, so much may be owed before it is paid for. Milliseconds. */
const OWED_MS_MAX = 20
/** Questions of one asker that may wait: a node asks for each symbol when it begins. */
export const WAITING_COUNT_MAX = 1_024
/** Askers whose questions may wait. */
const ASKER_COUNT_MAX = 256

type Answer = (name: string, question: Uint8Array, message: Message) => void
type Question = { readonly name: string; readonly data: Uint8Array; readonly message: Message }

export class QuestionInbox {
  readonly #answer: Answer
  readonly #now: () => number
  /** By asker; the next one to be answered first. None is empty. */
  readonly #waiting = new Map<string, Question[]>()
  /** By then what was answered has been paid for. */
  #paidMs = Number.NEGATIVE_INFINITY
  #isPaying = false

  /** `now`: milliseconds. `answer` takes the time that it takes. */
  constructor(answer: Answer, now: () => number) {
    this.#answer = answer
    this.#now = now
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  /** How long there is nothing to do. Milliseconds. */
  get restMs(): number {
    return this.#isPaying ? Math.max(0, this.#paidMs - this.#now()) : 0
  }

  /** One question, valid during the call; one that nobody asks is dropped. False: it is dropped. */
  take(name: string, message: Message): boolean {
    const { asker } = message
    if (asker === undefined) return false
    if (this.isEmpty && this.#mayAnswer()) {
      this.#pay({ name, data: message.data, message })
      return true
    }
    const waiting = this.#waiting.get(asker)
    const question = { name, data: message.data.slice(), message }
    if (waiting === undefined && this.#waiting.size < ASKER_COUNT_MAX) this.#waiting.set(asker, [question])
    else if (waiting !== undefined && waiting.length < WAITING_COUNT_MAX) waiting.push(question)
    else return false
    return true
  }

  /** To be called again and again: answers what is due. */
  poll(): void {
    for (const [asker, questions] of this.#waiting) {
      if (!this.#mayAnswer()) return
      this.#waiting.delete(asker)
      const question = questions.shift()!
      if (questions.length > 0) this.#waiting.set(asker, questions)
      this.#pay(question)
    }
  }

  /** Nobody waits for an answer any more. */
  clear(): void {
    this.#waiting.clear()
  }

  #mayAnswer(): boolean {
    const owedMs = this.#paidMs - this.#now()
    this.#isPaying = owedMs > (this.#isPaying ? 0 : OWED_MS_MAX)
    return !this.#isPaying
  }

  #pay({ name, data, message }: Question): void {
    const startMs = this.#now()
    this.#answer(name, data, message)
    this.#paidMs = Math.max(this.#paidMs, startMs) + COST * Math.max(ANSWER_MS_MIN, this.#now() - startMs)
  }
}
