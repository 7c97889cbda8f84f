// Sends clients again what they missed. Who asks is known by the subject, where only that client's user may publish: so nobody
// has reports sent to somebody else. A question of a few bytes is answered with thousands of reports, so that a client's next
// question is heard after a while alone; sessions ask again when their time has come.

import type { Engine } from '../engine.ts'

/** Between two questions of a client that are heard. */
export const RESEND_MS = 100
/** A question is one number. */
const QUESTION_SIZE_MAX = 64
/** More clients than that are not told apart for long. */
const HEARD_COUNT_MAX = 4_096

export class Resends {
  /** When each client was heard last. */
  readonly #heardMs = new Map<number, number>()

  /** What to answer the client; its reports are on their way. null: it asked a moment ago. Time is handed in. */
  answer(engine: Engine, clientId: number, question: Uint8Array, nowMs: number): Uint8Array | null {
    if (nowMs - (this.#heardMs.get(clientId) ?? Number.NEGATIVE_INFINITY) < RESEND_MS) return null
    if (this.#heardMs.size >= HEARD_COUNT_MAX) this.#heardMs.clear()
    this.#heardMs.set(clientId, nowMs)
    const slot = engine.core.sessions.slotOf(clientId)
    if (slot < 0) return encode({ error: `client ${clientId} has no session` })
    const fromSeq = fromSeqOf(question)
    if (fromSeq === null) return encode({ error: 'the question is {"fromSeq": number}' })
    const isWhole = engine.resend(clientId, fromSeq)
    const firstSeq = isWhole ? fromSeq : engine.core.executions.firstSeq(slot)
    return encode({ firstSeq, recordSeq: engine.core.seq })
  }
}

function fromSeqOf(question: Uint8Array): number | null {
  if (question.length > QUESTION_SIZE_MAX) return null
  try {
    const { fromSeq } = JSON.parse(new TextDecoder().decode(question)) as { readonly fromSeq?: unknown }
    return typeof fromSeq === 'number' && Number.isSafeInteger(fromSeq) && fromSeq >= 0 ? fromSeq : null
  } catch {
    return null
  }
}

function encode(answer: Readonly<Record<string, unknown>>): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(answer))
}
