// Hostile questions to the engine: of odd names and odd contents, answered as JSON or as a frame, or refused in words; and
// none of them changes the state.

import type { Prng } from '../../base/prng.ts'
import { answerQuery, QUERY_NAMES } from '../../engine/io/engine-queries.ts'
import { RESEND_MS, Resends } from '../../engine/io/resends.ts'
import { FrameFault, FrameReader } from '../../protocol/frame-reader.ts'
import { randomCommand, stamped } from './command-inputs.ts'
import { FuzzEngine, openMessage } from './fuzz-engine.ts'
import { type FuzzSubject, type FuzzTarget, Outcomes } from './fuzz-target.ts'
import { mutateText, pick, randomBytes } from './mutate.ts'

const CLIENT_ID = 10
/** So that there is something to tell of. */
const COMMAND_COUNT = 400
/** Inputs between two looks at the whole state. */
const COMPARE_COUNT = 256
const NAMES = [...QUERY_NAMES, 'constructor', '__proto__', 'toString', 'hand-over', '']
const TEXTS = [
  '{"symbol": "AAA", "channel": "l2"}',
  '{"symbol": "BBB", "channel": "l3"}',
  '{"symbol": "AAA", "afterTradeId": 0, "limit": 100}',
  '{"fromSeq": 1}',
  '{"clientId": 10, "fromSeq": 5}',
  '{}',
  '',
]
const WORDS = [
  ...['null', 'true', '-1', '0', '1e400', '1e308', '0.5', '9007199254740993', '"AAA"', '"l1"', '"L2"', '"__proto__"'],
  ...[
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '"',
    '\\u0000',
    '"symbol"',
    '"channel"',
    '"limit"',
    '"fromSeq"',
    '{"a":'.repeat(50),
  ],
]

export const questionsTarget: FuzzTarget = {
  name: 'questions',
  summary: 'questions to the engine: answered or refused in words, and nothing changes',
  covers: ['engine/io/engine-queries.ts', 'engine/io/resends.ts'],
  open: () => new QuestionsSubject(),
}

class QuestionsSubject implements FuzzSubject {
  readonly outcomes = new Outcomes()
  readonly #fuzzed = new FuzzEngine()
  readonly #resends = new Resends()
  readonly #reader = new FrameReader()
  #count = 0
  #hash = 0

  execute(random: Prng): string | undefined {
    if (this.#count === 0) this.#fill(random)
    this.#count += 1
    const question = randomQuestion(random)
    const fault = random.nextChance(0.2) ? this.#resend(random, question) : this.#ask(random, question)
    this.#fuzzed.takeReplies()
    if (fault !== undefined || this.#count % COMPARE_COUNT !== 0) return fault
    return this.#fuzzed.core.hash() === this.#hash ? undefined : 'a question changed the state'
  }

  close(): void {}

  #fill(random: Prng): void {
    const opened = this.#fuzzed.send(CLIENT_ID, openMessage(CLIENT_ID, 7))
    const incarnation = opened.at(-1)!.value
    for (let seq = 1; seq <= COMMAND_COUNT; seq++) {
      this.#fuzzed.send(CLIENT_ID, stamped(randomCommand(random), CLIENT_ID, incarnation, seq))
    }
    this.#hash = this.#fuzzed.core.hash()
  }

  #ask(random: Prng, question: Uint8Array): string | undefined {
    const name = pick(random, NAMES)
    const { engine } = this.#fuzzed
    const answer = answerQuery(name, question, { engine, timeBaseUnixMs: 0, startedAt: 'now' })
    if (name === 'snapshot' && this.#reader.read(answer) === FrameFault.NONE) {
      this.outcomes.add('a frame')
      return undefined
    }
    return this.#told(name, answer)
  }

  #resend(random: Prng, question: Uint8Array): string | undefined {
    const clientId = pick(random, [CLIENT_ID, 11, -1, Number.NaN, 0xffffffff])
    const answer = this.#resends.answer(this.#fuzzed.engine, clientId, question, this.#count * RESEND_MS)
    return answer === null ? 'a client that asks seldom is not heard' : this.#told('resend', answer)
  }

  /** What the answer says, which has to be JSON. */
  #told(name: string, answer: Uint8Array): string | undefined {
    const said = JSON.parse(new TextDecoder().decode(answer)) as Readonly<Record<string, unknown>>
    const error = said['error']
    this.outcomes.add(typeof error === 'string' ? error.replaceAll(/[:;].*|, not .*|\d+/gs, '') : `answered: ${name}`)
    return error === undefined && !QUERY_NAMES.includes(name) && name !== 'resend'
      ? `${name} is no question`
      : undefined
  }
}

function randomQuestion(random: Prng): Uint8Array {
  if (random.nextChance(0.1)) return randomBytes(random, 2_000)
  const text = pick(random, TEXTS)
  return new TextEncoder().encode(random.nextChance(0.3) ? text : mutateText(random, text, WORDS))
}
