// What the desk tells of a record, read into plain facts: quotes, authority, membership, switches and fills.

import type { Core } from '../../engine/core/core.ts'
import { FillField } from '../../engine/core/fill-log.ts'
import { OutputKind, type OutputSink } from '../../engine/core/output.ts'
import { ExecutionField } from '../../protocol/frame.ts'
import { FrameFault, FrameReader } from '../../protocol/frame-reader.ts'
import type { EventKind, Side } from '../../protocol/kinds.ts'

export type DeskTiding = {
  readonly kind: EventKind
  readonly reason: number
  /** NO_SYMBOL_ID: of no one symbol. */
  readonly symbolId: number
  readonly clientId: number
  /** Of an authority or an assignment: the other node that it concerns. Of a quote: its id. */
  readonly otherId: number
  readonly fencingToken: number
  /** When a lease, a presence or a quote ends. Of a limit that was reached: the node's loss, in hundredths. */
  readonly untilNs: number
  readonly bidTicks: number
  readonly askTicks: number
  /** Of a switch: 1 for on. Of a limit that was reached: the node's RiskState since. */
  readonly bidLotsAsked: number
  readonly askLotsAsked: number
  readonly bidLots: number
  readonly askLots: number
  /** Of a quote: the position's version that it was computed from. Of a node: its incarnation. */
  readonly value: number
}

export type FillTiding = {
  readonly recordSeq: number
  readonly timeNs: number
  readonly symbolId: number
  readonly clientId: number
  readonly side: Side
  readonly priceTicks: number
  readonly lots: number
  readonly netLots: number
  readonly version: number
  readonly tradeId: number
  readonly cashTickLots: number
}

export class DeskTidings {
  readonly #reader = new FrameReader()
  #tidings: DeskTiding[] = []
  #fillCount = 0
  readonly #sink: OutputSink = {
    output: (kind, _streamId, frame) => {
      if (kind === OutputKind.DESK) this.#read(frame)
    },
  }

  /** What is told of the record that was applied last, in its order within each symbol. */
  tidings(core: Core): readonly DeskTiding[] {
    this.#tidings = []
    core.deskOutputs.flush(core.epoch, this.#sink)
    return this.#tidings
  }

  /** The fills since the last call; the first gives all that the state still holds. */
  fills(core: Core): FillTiding[] {
    const log = core.deskOutputs.fills
    const found: FillTiding[] = []
    for (let number = Math.max(this.#fillCount, log.keptFrom); number < log.count; number++) {
      const at = log.entryOf(number) * FillField.LENGTH
      const { bytes, int32, float64 } = log.buffer
      found.push({
        recordSeq: float64[(at + FillField.RECORD_SEQ) >> 3]!,
        timeNs: float64[(at + FillField.TIME_NS) >> 3]!,
        symbolId: int32[(at + FillField.SYMBOL_ID) >> 2]!,
        clientId: float64[(at + FillField.CLIENT_ID) >> 3]!,
        side: bytes[at + FillField.SIDE]! as Side,
        priceTicks: int32[(at + FillField.FILL_TICKS) >> 2]!,
        lots: int32[(at + FillField.FILL_LOTS) >> 2]!,
        netLots: float64[(at + FillField.NET_LOTS) >> 3]!,
        version: float64[(at + FillField.VERSION) >> 3]!,
        tradeId: float64[(at + FillField.LAST_TRADE_ID) >> 3]!,
        cashTickLots: float64[(at + FillField.CASH_TICK_LOTS) >> 3]!,
      })
    }
    this.#fillCount = log.count
    return found
  }

  #read(frame: Uint8Array): void {
    const reader = this.#reader
    if (reader.read(frame) !== FrameFault.NONE) throw new Error('the desk tells right frames')
    for (let index = 0; index < reader.count; index++) {
      this.#tidings.push({
        kind: reader.uint8(index, ExecutionField.KIND) as EventKind,
        reason: reader.uint8(index, ExecutionField.REASON),
        symbolId: reader.int32(index, ExecutionField.SYMBOL_ID),
        clientId: reader.uint32(index, ExecutionField.INCARNATION),
        otherId: reader.uint32(index, ExecutionField.CLIENT_ORDER_ID),
        fencingToken: reader.float64(index, ExecutionField.ORDER_ID),
        untilNs: reader.float64(index, ExecutionField.TRADE_ID),
        bidTicks: reader.int32(index, ExecutionField.PRICE_TICKS),
        askTicks: reader.int32(index, ExecutionField.ASK_TICKS),
        bidLotsAsked: reader.int32(index, ExecutionField.QUANTITY_LOTS),
        askLotsAsked: reader.int32(index, ExecutionField.LEAVES_LOTS),
        bidLots: reader.int32(index, ExecutionField.BID_LOTS),
        askLots: reader.int32(index, ExecutionField.ASK_LOTS),
        value: reader.float64(index, ExecutionField.VALUE),
      })
    }
  }
}
