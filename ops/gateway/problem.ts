// Refusals of the HTTP API: a status and a JSON body that names what is wrong, where, and what to do about it.

export type ProblemBody = {
  /** What is wrong, in a sentence. */
  error: string
  /** The part of the request that it is about. */
  field?: string | undefined
  /** What was sent there, shortened. */
  value?: string | undefined
  /** What to do instead. */
  remedy?: string | undefined
  /** Name of the engine's reason, when the engine refused. */
  reason?: string | undefined
  /** The record that decided it, when a record did. */
  recordSeq?: number | undefined
}

const VALUE_LENGTH_MAX = 80

export class Problem extends Error {
  override name = 'Problem'
  readonly status: number
  readonly body: ProblemBody

  constructor(status: number, body: ProblemBody) {
    super(body.error)
    this.status = status
    this.body = body.value === undefined ? body : { ...body, value: shorten(body.value) }
  }
}

/** What was sent, safe to repeat in an answer: bounded, without control characters. */
export function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  const printable = text.replace(/[\p{Cc}\p{Cf}]/gu, '·')
  return printable.length <= VALUE_LENGTH_MAX ? printable : `${printable.slice(0, VALUE_LENGTH_MAX)}…`
}
