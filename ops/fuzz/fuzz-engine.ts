// An engine alone on a disk in memory, with sessions that follow what it answers: what command fuzzing shoots at.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import type { Core } from '../../engine/core/core.ts'
import { OutputKind } from '../../engine/core/output.ts'
import { ENGINE_SETTINGS_DEFAULT, Engine } from '../../engine/engine.ts'
import { Journal } from '../../engine/journal/journal.ts'
import { MemoryStorage } from '../../engine/journal/memory-storage.ts'
import { DurableState } from '../../engine/replication/durable-state.ts'
import { stampSession, writeOpenSession } from '../../protocol/command-writer.ts'
import { ExecutionField } from '../../protocol/frame.ts'
import { FrameFault, FrameReader } from '../../protocol/frame-reader.ts'
import { EventFlag, EventKind, nameOf, Reason } from '../../protocol/kinds.ts'
import { COMMAND_SIZE_MAX } from '../../protocol/limits.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'

const CLUSTER_ID = 'fuzz'
const START_UNIX_MS = 1_700_000_000_000
export const JOURNAL_OPTIONS = { clusterId: CLUSTER_ID, timeBaseUnixMs: START_UNIX_MS, segmentSize: 16 * 1024 }

const CONFIG: ClusterConfig = {
  clusterId: CLUSTER_ID,
  instruments: [
    { symbol: 'AAA', tickSize: '0.01', lotSize: '1', openingPriceTicks: 1_000 },
    { symbol: 'BBB', tickSize: '0.01', lotSize: '1', openingPriceTicks: 1_000 },
  ],
  exposureLots: 100,
  quoteTtlNs: 30_000_000_000,
  // So that books are full now and then, and a state is made quickly.
  orderCountMax: 200,
}

export type Reply = {
  readonly kind: string
  /** Empty: none. */
  readonly reason: string
  readonly clientSeq: number
  readonly value: number
}

export class FuzzEngine {
  readonly storage = new MemoryStorage()
  readonly journal: Journal
  readonly engine: Engine
  /** Replies since they were last taken. */
  #replies: Reply[] = []
  readonly #reader = new FrameReader()
  #nowNs = 0

  constructor(segmentSize = JOURNAL_OPTIONS.segmentSize) {
    this.journal = Journal.open(this.storage, { ...JOURNAL_OPTIONS, segmentSize })
    this.engine = Engine.start(
      {
        journal: this.journal,
        state: DurableState.open(this.storage),
        config: CONFIG,
        settings: ENGINE_SETTINGS_DEFAULT,
        pairing: null,
        bootId: 1,
        startUnixMs: START_UNIX_MS,
        publish: (kind, _stream, payload) => this.#onOutput(kind, payload),
        onProgress: () => {},
        onTransition: () => {},
      },
      0,
    )
    this.journal.onSynced = () => this.engine.onSynced(this.#nowNs)
  }

  get core(): Core {
    return this.engine.core
  }

  /** Time passes. */
  pass(ns: number): void {
    this.#nowNs += ns
    this.engine.poll(this.#nowNs)
    this.takeReplies()
  }

  /** Gives one message, at the time that it is, and returns what it is answered. */
  send(clientId: number, message: Uint8Array): readonly Reply[] {
    this.engine.offer(clientId, message)
    this.engine.poll(this.#nowNs)
    return this.takeReplies()
  }

  takeReplies(): readonly Reply[] {
    const replies = this.#replies
    this.#replies = []
    return replies
  }

  #onOutput(kind: OutputKind, payload: Uint8Array): void {
    if (kind !== OutputKind.EXECUTIONS) return
    const reader = this.#reader
    const fault = reader.read(payload)
    if (fault !== FrameFault.NONE)
      throw new Error(`the engine published a frame that is none (${fault}, ${payload.length} bytes)`)
    for (let index = 0; index < reader.count; index++) {
      if ((reader.uint8(index, ExecutionField.FLAGS) & EventFlag.REPLY) === 0) continue
      this.#replies.push({
        kind: nameOf(EventKind, reader.uint8(index, ExecutionField.KIND)),
        reason: reasonText(reader.uint8(index, ExecutionField.REASON)),
        clientSeq: reader.float64(index, ExecutionField.CLIENT_SEQ),
        value: reader.float64(index, ExecutionField.VALUE),
      })
    }
  }
}

function reasonText(reason: number): string {
  return reason === 0 ? '' : nameOf(Reason, reason)
}

/** The first message of a session. */
export function openMessage(clientId: number, nonce: number, isCancelling = false): Uint8Array {
  const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
  const length = writeOpenSession(buffer, 0, nonce, isCancelling)
  stampSession(buffer, 0, clientId, 0, 0)
  return buffer.bytes.slice(0, length)
}
