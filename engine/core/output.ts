// Where the outputs of the core go: frames, each for one subject, each telling of records up to one.

/** The subject of an output, together with a stream id (a client's or a symbol's). */
export const OutputKind = {
  EXECUTIONS: 1,
  L1: 2,
  L2: 3,
  L3: 4,
  TRADES: 5,
  POSITION: 6,
  DESK: 7,
  /** Answers to queries; the stream id says to which. */
  ANSWER: 8,
  STATE: 9,
} as const
export type OutputKind = (typeof OutputKind)[keyof typeof OutputKind]

export type OutputSink = {
  /** `payload`, valid during the call, may leave when the record `recordSeq` is committed. */
  output(kind: OutputKind, streamId: number, payload: Uint8Array, recordSeq: number): void
}
