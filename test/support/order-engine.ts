// An engine for tests of clients that send orders: sessions and exchange, on a bus. Each client's commands are applied
// once and in order, and answered at once. It keeps no journal, and can be made deaf for a while.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { writeRefusal, writeReport } from '../../engine/core/report.ts'
import { Exchange } from '../../exchange-sim/exchange.ts'
import { CommandHeader, OpenSessionField } from '../../protocol/command.ts'
import { EventField, EventLog } from '../../protocol/event.ts'
import { ExecutionField } from '../../protocol/frame.ts'
import { FrameWriter } from '../../protocol/frame-writer.ts'
import type { Transport } from '../../protocol/io/transport.ts'
import { CommandKind, EventFlag, EventKind, FrameKind, Reason } from '../../protocol/kinds.ts'
import { MESSAGE_SIZE_MAX } from '../../protocol/limits.ts'
import { Subjects } from '../../protocol/subjects.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'

export class OrderEngine {
  readonly exchange: Exchange
  readonly subjects: Subjects
  /** Commands applied, by kind. */
  readonly applied = new Map<number, number>()
  /** While true, commands are lost on their way. */
  isDeaf = false
  #clientSeq = 0
  #execSeq = 0
  readonly #transport: Transport
  readonly #batch = new AlignedBuffer(MESSAGE_SIZE_MAX)
  readonly #events = new EventLog()
  readonly #frame = new FrameWriter()
  readonly #entry = new AlignedBuffer(ExecutionField.LENGTH)

  constructor(transport: Transport, config: ClusterConfig, clientId: number) {
    this.exchange = new Exchange(config)
    this.subjects = new Subjects(config.clusterId)
    this.#transport = transport
    transport.subscribe(this.subjects.commands(clientId), ({ data }) => {
      if (!this.isDeaf) this.#onMessage(data, clientId)
    })
    transport.subscribe(this.subjects.query('instruments'), (message) =>
      message.respond(new TextEncoder().encode(JSON.stringify({ ...config, recordSeq: 1, timeBaseUnixMs: 0 }))),
    )
  }

  #onMessage(data: Uint8Array, clientId: number): void {
    this.#batch.bytes.set(data)
    for (let offset = 0; offset < data.length; ) {
      const size = this.#batch.bytes[offset]! | (this.#batch.bytes[offset + 1]! << 8)
      this.#onCommand(offset, clientId)
      offset += size
    }
  }

  #onCommand(offset: number, clientId: number): void {
    const kind = this.#batch.bytes[offset + CommandHeader.KIND]!
    const clientSeq = this.#batch.float64[(offset + CommandHeader.CLIENT_SEQ) >> 3]!
    this.#frame.begin(FrameKind.EXECUTIONS, ExecutionField.LENGTH, 1, clientId)
    if (kind === CommandKind.OPEN_SESSION) {
      this.#opened(clientId, this.#batch.uint32[(offset + OpenSessionField.NONCE) >> 2]!)
    } else if (clientSeq === this.#clientSeq + 1) {
      this.#clientSeq = clientSeq
      this.applied.set(kind, (this.applied.get(kind) ?? 0) + 1)
      this.#events.clear()
      this.exchange.apply(this.#batch, offset, 0, this.#events)
      this.#report(clientId)
    } else if (clientSeq > this.#clientSeq) {
      writeRefusal(this.#entry, 0, Reason.SEQUENCE_GAP, this.#clientSeq + 1)
      this.#put()
      this.#send(clientId, this.#execSeq)
    }
  }

  #opened(clientId: number, nonce: number): void {
    this.#entry.bytes.fill(0)
    this.#execSeq += 1
    const { bytes, float64, uint32 } = this.#frame.buffer
    const at = this.#put()
    bytes[at + ExecutionField.KIND] = EventKind.SESSION_OPENED
    bytes[at + ExecutionField.FLAGS] = EventFlag.REPLY
    float64[(at + ExecutionField.EXEC_SEQ) >> 3] = this.#execSeq
    float64[(at + ExecutionField.VALUE) >> 3] = 1
    uint32[(at + ExecutionField.CLIENT_ORDER_ID) >> 2] = nonce
    this.#send(clientId, this.#execSeq - 1)
  }

  /** Each event as the owner of the order sees it, a trade as both owners do; all are this one client. */
  #report(clientId: number): void {
    const { bytes, float64, uint32, int32 } = this.#frame.buffer
    const before = this.#execSeq
    for (let index = 0; index < this.#events.count; index++) {
      const event = index * EventField.LENGTH
      const isTrade = this.#events.bytes[event + EventField.KIND] === EventKind.TRADE
      for (const isContra of isTrade ? [false, true] : [false]) {
        writeReport(this.#entry, 0, this.#events, index)
        this.#execSeq += 1
        const at = this.#put()
        float64[(at + ExecutionField.EXEC_SEQ) >> 3] = this.#execSeq
        uint32[(at + ExecutionField.INCARNATION) >> 2] = 1
        const isReply = (bytes[at + ExecutionField.FLAGS]! & EventFlag.REPLY) !== 0
        if (isReply) float64[(at + ExecutionField.CLIENT_SEQ) >> 3] = this.#clientSeq
        if (!isContra) continue
        const contraId = this.#events.int32[(event + EventField.CONTRA_CLIENT_ORDER_ID) >> 2]!
        const contraLeaves = this.#events.int32[(event + EventField.CONTRA_LEAVES_LOTS) >> 2]!
        int32[(at + ExecutionField.CLIENT_ORDER_ID) >> 2] = contraId
        int32[(at + ExecutionField.LEAVES_LOTS) >> 2] = contraLeaves
      }
    }
    this.#send(clientId, before)
  }

  /** Adds the entry to the frame; its byte offset there. */
  #put(): number {
    const at = this.#frame.next()
    this.#frame.buffer.bytes.set(this.#entry.bytes, at)
    return at
  }

  #send(clientId: number, previousSeq: number): void {
    this.#transport.publish(this.subjects.executions(clientId), this.#frame.finish(previousSeq, this.#execSeq, 0, 1))
  }
}
