// An engine that runs alone, on any disk, with clients that write commands by hand and keep the reports they got.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { OutputKind } from '../../engine/core/output.ts'
import { ENGINE_SETTINGS_DEFAULT, Engine } from '../../engine/engine.ts'
import { Journal, type JournalOptions } from '../../engine/journal/journal.ts'
import type { Storage } from '../../engine/journal/storage.ts'
import { DurableState } from '../../engine/replication/durable-state.ts'
import {
  type NewOrder,
  stampSession,
  writeNewOrder,
  writeOpenSession,
  writeRegisterNode,
} from '../../protocol/command-writer.ts'
import { ExecutionField } from '../../protocol/frame.ts'
import { FrameFault, FrameReader } from '../../protocol/frame-reader.ts'
import { OrderType, Side, TimeInForce } from '../../protocol/kinds.ts'
import { COMMAND_SIZE_MAX } from '../../protocol/limits.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'

export const soloConfig: ClusterConfig = {
  clusterId: 'test',
  instruments: [
    { symbol: 'AAA', tickSize: '0.01', lotSize: '1', openingPriceTicks: 1_000 },
    { symbol: 'BBB', tickSize: '0.01', lotSize: '1', openingPriceTicks: 2_000 },
  ],
  exposureLots: 100,
  quoteTtlNs: 30_000_000_000,
}

const START_UNIX_MS = 1_700_000_000_000
/** Small, so that tests see several segments. */
export const SEGMENT_SIZE = 64 * 1024
export const journalOptions = { clusterId: 'test', timeBaseUnixMs: START_UNIX_MS, segmentSize: SEGMENT_SIZE }

export type ReportFacts = {
  readonly kind: number
  readonly reason: number
  readonly execSeq: number
  readonly clientSeq: number
  readonly recordSeq: number
  readonly orderId: number
  readonly tradeId: number
  readonly value: number
}

export class SoloEngine {
  readonly engine: Engine
  readonly journal: Journal
  readonly storage: Storage
  /** Reports by client, in the order of their publication. */
  readonly reports = new Map<number, ReportFacts[]>()
  /** Every frame on a client's execution subject. */
  readonly frames: { readonly clientId: number; readonly frame: Uint8Array }[] = []
  /** Hears of every output, with its stream. */
  onOutput: (kind: OutputKind, streamId: number, payload: Uint8Array) => void = () => {}
  nowNs: number
  readonly #reader = new FrameReader()

  constructor(storage: Storage, startNs = 0, config = soloConfig, journal: Partial<JournalOptions> = {}) {
    this.nowNs = startNs
    this.storage = storage
    this.journal = Journal.open(storage, { ...journalOptions, ...journal })
    this.engine = Engine.start(
      {
        journal: this.journal,
        state: DurableState.open(storage),
        config,
        settings: ENGINE_SETTINGS_DEFAULT,
        pairing: null,
        bootId: 1,
        startUnixMs: START_UNIX_MS,
        publish: (kind, streamId, payload) => this.#publish(kind, streamId, payload),
        onProgress: () => {},
        onTransition: () => {},
      },
      startNs,
    )
    this.journal.onSynced = () => this.engine.onSynced(this.nowNs)
  }

  /** Offers one message, and lets the engine work a millisecond later. */
  send(clientId: number, message: Uint8Array): void {
    this.engine.offer(clientId, message)
    this.pass()
  }

  pass(afterNs = 1_000_000): void {
    this.nowNs += afterNs
    this.engine.poll(this.nowNs)
  }

  reportsOf(clientId: number): readonly ReportFacts[] {
    return this.reports.get(clientId) ?? []
  }

  lastReport(clientId: number): ReportFacts | undefined {
    return this.reportsOf(clientId).at(-1)
  }

  open(clientId: number, nonce = 7): number {
    this.send(clientId, openMessage(clientId, nonce))
    return this.lastReport(clientId)?.value ?? 0
  }

  #publish(kind: OutputKind, clientId: number, payload: Uint8Array): void {
    this.onOutput(kind, clientId, payload)
    if (kind !== OutputKind.EXECUTIONS) return
    this.frames.push({ clientId, frame: payload.slice() })
    const reader = this.#reader
    if (reader.read(payload) !== FrameFault.NONE) throw new Error('the engine publishes right frames')
    const told = this.reports.get(clientId) ?? []
    this.reports.set(clientId, told)
    for (let index = 0; index < reader.count; index++) {
      told.push({
        kind: reader.uint8(index, ExecutionField.KIND),
        reason: reader.uint8(index, ExecutionField.REASON),
        execSeq: reader.float64(index, ExecutionField.EXEC_SEQ),
        clientSeq: reader.float64(index, ExecutionField.CLIENT_SEQ),
        recordSeq: reader.float64(index, ExecutionField.RECORD_SEQ),
        orderId: reader.float64(index, ExecutionField.ORDER_ID),
        tradeId: reader.float64(index, ExecutionField.TRADE_ID),
        value: reader.float64(index, ExecutionField.VALUE),
      })
    }
  }
}

export function openMessage(clientId: number, nonce: number): Uint8Array {
  const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
  const length = writeOpenSession(buffer, 0, nonce, false)
  stampSession(buffer, 0, clientId, 0, 0)
  return buffer.bytes.slice(0, length)
}

/** The client becomes a strategy node. */
export function registerMessage(clientId: number, incarnation: number, clientSeq: number): Uint8Array {
  const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
  const length = writeRegisterNode(buffer, 0)
  stampSession(buffer, 0, clientId, incarnation, clientSeq)
  return buffer.bytes.slice(0, length)
}

export function orderMessage(
  clientId: number,
  incarnation: number,
  clientSeq: number,
  fields: Partial<NewOrder> = {},
): Uint8Array {
  const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
  const order: NewOrder = {
    symbolId: 0,
    side: Side.BUY,
    orderType: OrderType.LIMIT,
    timeInForce: TimeInForce.GTC,
    quantityLots: 5,
    priceTicks: 990,
    clientOrderId: clientSeq,
    ...fields,
  }
  const length = writeNewOrder(buffer, 0, order)
  stampSession(buffer, 0, clientId, incarnation, clientSeq)
  return buffer.bytes.slice(0, length)
}
