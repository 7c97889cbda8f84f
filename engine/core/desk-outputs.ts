// What the desk publishes: each committed position, what becomes of each quote, and the fills kept for queries.

import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { EventField, type EventLog } from '../../protocol/event.ts'
import { ExecutionField, PositionField } from '../../protocol/frame.ts'
import { FrameKind, type Side } from '../../protocol/kinds.ts'
import type { Positions } from '../desk/positions.ts'
import { FillField, FillLog } from './fill-log.ts'
import { OutputKind, type OutputSink } from './output.ts'
import { writeReport } from './report.ts'
import { SymbolStream } from './symbol-stream.ts'

export class DeskOutputs {
  readonly fills = new FillLog()
  readonly #positions: SymbolStream
  readonly #desk: SymbolStream

  constructor(symbolCount: number) {
    this.#positions = new SymbolStream(symbolCount, FrameKind.POSITION, OutputKind.POSITION, PositionField.LENGTH)
    this.#desk = new SymbolStream(symbolCount, FrameKind.DESK, OutputKind.DESK, ExecutionField.LENGTH)
  }

  /** A quote or control event, to anybody who watches the desk. */
  tell(events: EventLog, index: number, recordSeq: number, timeNs: number): void {
    const at = index * EventField.LENGTH
    const symbolId = events.int32[(at + EventField.SYMBOL_ID) >> 2]!
    const entry = this.#desk.add(symbolId, recordSeq, timeNs)
    const buffer = this.#desk.buffer
    writeReport(buffer, entry, events, index)
    const report = entry * ExecutionField.LENGTH
    buffer.float64[(report + ExecutionField.EXEC_SEQ) >> 3] = this.#desk.lastSeq(symbolId)
    buffer.float64[(report + ExecutionField.RECORD_SEQ) >> 3] = recordSeq
    buffer.float64[(report + ExecutionField.TIME_NS) >> 3] = timeNs
    buffer.uint32[(report + ExecutionField.INCARNATION) >> 2] = events.int32[(at + EventField.CLIENT_ID) >> 2]! >>> 0
  }

  /** A fill of ours, and the position that it made. */
  tellFill(
    positions: Positions,
    symbolId: number,
    side: Side,
    priceTicks: number,
    quantityLots: number,
    clientId: number,
    recordSeq: number,
    timeNs: number,
  ): void {
    const entry = this.fills.add()
    const { buffer } = this.fills
    const at = entry * FillField.LENGTH
    buffer.int32[(at + FillField.SYMBOL_ID) >> 2] = symbolId
    buffer.bytes[at + FillField.SIDE] = side
    buffer.int32[(at + FillField.FILL_TICKS) >> 2] = priceTicks
    buffer.int32[(at + FillField.FILL_LOTS) >> 2] = quantityLots
    buffer.float64[(at + FillField.NET_LOTS) >> 3] = positions.netLots(symbolId)
    buffer.float64[(at + FillField.VERSION) >> 3] = positions.version(symbolId)
    buffer.float64[(at + FillField.LAST_TRADE_ID) >> 3] = positions.lastTradeId(symbolId)
    buffer.float64[(at + FillField.CASH_TICK_LOTS) >> 3] = positions.cashTickLots(symbolId)
    buffer.float64[(at + FillField.TIME_NS) >> 3] = timeNs
    buffer.float64[(at + FillField.RECORD_SEQ) >> 3] = recordSeq
    buffer.float64[(at + FillField.CLIENT_ID) >> 3] = clientId
    this.#publishPosition(buffer, at, symbolId, recordSeq, timeNs)
  }

  flush(epoch: number, sink: OutputSink): void {
    this.#positions.flush(epoch, sink)
    this.#desk.flush(epoch, sink)
  }

  discard(): void {
    this.#positions.discard()
    this.#desk.discard()
  }

  announce(epoch: number, sink: OutputSink, recordSeq: number): void {
    this.#positions.announce(epoch, sink, recordSeq)
    this.#desk.announce(epoch, sink, recordSeq)
  }

  snapshot(writer: ByteWriter): void {
    this.#positions.snapshot(writer)
    this.#desk.snapshot(writer)
    this.fills.snapshot(writer)
  }

  restore(reader: ByteReader): void {
    this.#positions.restore(reader)
    this.#desk.restore(reader)
    this.fills.restore(reader)
  }

  /** The position part of a fill is what `pos.<symbol>` says of it. */
  #publishPosition(fill: AlignedBuffer, at: number, symbolId: number, recordSeq: number, timeNs: number): void {
    const entry = this.#positions.add(symbolId, recordSeq, timeNs)
    const { buffer } = this.#positions
    const target = (entry * PositionField.LENGTH) >> 3
    for (let double = 0; double < PositionField.LENGTH / 8; double++) {
      buffer.float64[target + double] = fill.float64[(at >> 3) + double]!
    }
  }
}
