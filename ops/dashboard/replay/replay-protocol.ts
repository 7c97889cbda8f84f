// What the page and its replay worker say to each other. The states are those that the gateway sends, so that the same
// panels show them.

import type { RecordFacts } from '../../../engine/journal/record-text.ts'
import type { Hello, State } from '../../gateway/dashboard-protocol.ts'

export type JournalFile = { readonly name: string; readonly bytes: Uint8Array }

export type ToReplay =
  | { readonly type: 'load'; readonly location: string; readonly files: readonly JournalFile[] }
  /** Answered by `shown`: the state after the record, with the book of the symbol. */
  | { readonly type: 'show'; readonly seq: number; readonly symbol: string }
  /** The same, so many milliseconds of record time after what is shown, and at least one record. */
  | { readonly type: 'advance'; readonly byMs: number; readonly symbol: string }

export type Loaded = {
  readonly type: 'loaded'
  readonly hello: Hello
  readonly firstSeq: number
  readonly lastSeq: number
  readonly firstTimeMs: number
  readonly lastTimeMs: number
  readonly epochs: readonly { readonly epoch: number; readonly firstSeq: number }[]
}

export type Shown = {
  readonly type: 'shown'
  readonly seq: number
  readonly timeMs: number
  readonly stateHash: string
  /** The record itself, and some before it, newest first. */
  readonly records: readonly RecordFacts[]
  readonly state: State
}

export type FromReplay =
  | { readonly type: 'progress'; readonly share: number }
  | Loaded
  | Shown
  | { readonly type: 'failed'; readonly error: string }
