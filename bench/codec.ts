// What putting words into bytes and reading them back costs, beside what users would pick instead.
//
// A command is a new order with all that its session adds; a report is one execution report in its frame. Our own way
// writes and reads in place at fixed offsets; FlatBuffers reads the same bytes through its generated accessors; JSON is what
// most gateways speak. Every subject reads what it wrote and adds it up, so that nothing can be left out; the sums must agree.

import * as flatbuffers from 'flatbuffers'
import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { assert } from '../base/assert.ts'
import { isRecordIntact, recordSize, sealRecord } from '../engine/journal/record.ts'
import { PeerEncoder, PeerFrameAssembler } from '../engine/replication/peer-codec.ts'
import { PeerFrameKind } from '../engine/replication/peer-frame.ts'
import { NewOrderField } from '../protocol/command.ts'
import { checkCommand } from '../protocol/command-check.ts'
import { type NewOrder as OrderFields, stampSession, writeNewOrder } from '../protocol/command-writer.ts'
import { ExecutionField } from '../protocol/frame.ts'
import { FrameFault, FrameReader } from '../protocol/frame-reader.ts'
import { FrameWriter } from '../protocol/frame-writer.ts'
import { NewOrder } from '../protocol/generated/new-order.ts'
import { EventKind, FrameKind, OrderType, Side, TimeInForce } from '../protocol/kinds.ts'
import { COMMAND_SIZE_MAX } from '../protocol/limits.ts'
import { RecordHeader } from '../protocol/record.ts'
import type { BenchReport } from './bench-report.ts'
import { median, ratioOf, type Subject, spreadOf, timeSubjects } from './harness.ts'

export type CodecBenchOptions = {
  readonly operationCount: number
  readonly roundCount: number
  readonly onRound: (done: number, total: number) => void
}

const WARM_UP_ROUNDS = 2
/** JSON is that much slower that it gets fewer. */
const JSON_SHARE = 8
const REPORTS_PER_FRAME = 64
const COMMANDS_PER_FRAME = 64

/** Encodes and decodes operation `index`; returns what it read. */
type Codec = { readonly name: string; readonly group: string; readonly share: number; run(index: number): number }

export function benchCodec({ operationCount, roundCount, onRound }: CodecBenchOptions): BenchReport {
  const codecs = [...commandCodecs(), recordCodec(), peerCodec(), ...reportCodecs()]
  const sums = new Map<string, number>()
  const subjects = codecs.map((codec): Subject => {
    const count = Math.max(1, Math.floor(operationCount / codec.share))
    let sum = 0
    return {
      ...{ name: codec.name, operationCount: count, prepare: () => {} },
      run: () => {
        sum = 0
        for (let index = 0; index < count; index++) sum += codec.run(index)
      },
      verify: () => {
        // Those that take part in one comparison read the same values over the same operations.
        let expected = 0
        for (let index = 0; index < count; index++) expected += priceOf(index)
        assert(sum === expected, `${codec.name} reads what it wrote`)
        sums.set(codec.name, sum)
      },
    }
  })
  const timings = timeSubjects(subjects, roundCount, WARM_UP_ROUNDS, onRound)
  const results = timings.map((timing, index) => {
    const { group, name } = codecs[index]!
    const ns = timing.seconds.map((seconds) => (seconds / timing.operationCount) * 1e9)
    const figure = {
      ...{ name: `codec ${name}`, metric: 'time', value: Number(median(ns).toPrecision(3)), unit: 'ns' },
      spread: Number(spreadOf(ns).toFixed(3)),
    }
    const first = codecs.findIndex((codec) => codec.group === group)
    if (first === index) return figure
    const ratio = Number((1 / ratioOf(timing, timings[first]!).median).toPrecision(3))
    return { ...figure, against: codecs[first]!.name, ratio }
  })
  return {
    checks: [
      {
        name: 'codec: everything was read as it was written',
        ok: sums.size === codecs.length,
        value: sums.size,
        limit: codecs.length,
      },
    ],
    results,
    leavesOut: ['codec: one thread, warm, bytes in the cache; no copy into or out of a socket.'],
  }
}

function priceOf(index: number): number {
  return 10_000 + (index & 1_023)
}

function orderOf(index: number): OrderFields {
  return {
    ...{ symbolId: 3, side: Side.SELL, orderType: OrderType.LIMIT, timeInForce: TimeInForce.GTC },
    ...{ quantityLots: 7, priceTicks: priceOf(index), clientOrderId: index },
  }
}

function commandCodecs(): Codec[] {
  const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
  const byteBuffer = new flatbuffers.ByteBuffer(buffer.bytes)
  const accessor = new NewOrder()
  const order = orderOf(0)
  const write = (index: number) => {
    order.priceTicks = priceOf(index)
    order.clientOrderId = index
    const length = writeNewOrder(buffer, 0, order)
    stampSession(buffer, 0, 10, 1, index + 1)
    return length
  }
  return [
    {
      ...{ name: 'command, in place', group: 'command', share: 1 },
      run: (index) => {
        const fault = checkCommand(buffer, 0, write(index))
        return fault + buffer.int32[NewOrderField.PRICE_TICKS >> 2]!
      },
    },
    {
      ...{ name: 'command, read by FlatBuffers accessors', group: 'command', share: 1 },
      run: (index) => {
        const fault = checkCommand(buffer, 0, write(index))
        return fault + accessor.__init(0, byteBuffer).priceTicks()
      },
    },
    {
      ...{ name: 'command, JSON text', group: 'command', share: JSON_SHARE },
      run: (index) => {
        const text = JSON.stringify({ ...orderOf(index), clientId: 10, incarnation: 1, clientSeq: index + 1 })
        return (JSON.parse(text) as OrderFields).priceTicks
      },
    },
  ]
}

/** A command becomes a record, and its checksum is compared. */
function recordCodec(): Codec {
  const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
  const order = orderOf(0)
  return {
    ...{ name: 'record, sealed and checked', group: 'record', share: 2 },
    run: (index) => {
      order.priceTicks = priceOf(index)
      const length = writeNewOrder(buffer, RecordHeader.LENGTH, order)
      const size = sealRecord(buffer, 0, length, 1, index + 1, index)
      const isIntact = isRecordIntact(buffer, 0, recordSize(buffer, 0)) && size > length
      return isIntact ? buffer.int32[(RecordHeader.LENGTH + NewOrderField.PRICE_TICKS) >> 2]! : 0
    },
  }
}

/** The records of one pass on their way to the other engine. */
function peerCodec(): Codec {
  const records = new Uint8Array(COMMANDS_PER_FRAME * (RecordHeader.LENGTH + NewOrderField.LENGTH))
  const encoder = new PeerEncoder()
  const assembler = new PeerFrameAssembler()
  const wire = Buffer.alloc(records.length + 64)
  return {
    ...{ name: `peer frame of ${COMMANDS_PER_FRAME} records`, group: 'peer', share: COMMANDS_PER_FRAME },
    run: (index) => {
      const { header, body } = encoder.encode({
        ...{ kind: PeerFrameKind.APPEND, epoch: 1, toIncarnation: 1, previousSeq: index },
        ...{ lastSeq: priceOf(index), commitPosition: index, records },
      })
      wire.set(header)
      wire.set(body, header.length)
      let lastSeq = 0
      assembler.push(wire, (frame) => {
        if (frame.kind === PeerFrameKind.APPEND) lastSeq = frame.lastSeq
      })
      return lastSeq
    },
  }
}

function reportCodecs(): Codec[] {
  const writer = new FrameWriter()
  const reader = new FrameReader()
  const frameOf = (index: number, count: number) => {
    writer.begin(FrameKind.EXECUTIONS, ExecutionField.LENGTH, 1, 10)
    const { bytes, int32, float64 } = writer.buffer
    for (let entry = 0; entry < count; entry++) {
      const at = writer.next()
      bytes[at + ExecutionField.KIND] = EventKind.ORDER_ACCEPTED
      int32[(at + ExecutionField.PRICE_TICKS) >> 2] = priceOf(index)
      int32[(at + ExecutionField.QUANTITY_LOTS) >> 2] = 7
      float64[(at + ExecutionField.EXEC_SEQ) >> 3] = index + entry + 1
      float64[(at + ExecutionField.CLIENT_SEQ) >> 3] = index + 1
      float64[(at + ExecutionField.ORDER_ID) >> 3] = index + 1
    }
    return writer.finish(index, index + count, index, index + 1)
  }
  const readAs = (index: number, count: number) => {
    const fault = reader.read(frameOf(index, count))
    assert(fault === FrameFault.NONE, 'a frame of ours is right')
    let sum = 0
    for (let entry = 0; entry < count; entry++) sum += reader.int32(entry, ExecutionField.PRICE_TICKS)
    return sum / count
  }
  const report = (index: number) => ({
    ...{ kind: 'ORDER_ACCEPTED', clientId: 10, execSeq: index + 1, clientSeq: index + 1, orderId: index + 1 },
    ...{ priceTicks: priceOf(index), quantityLots: 7, recordSeq: index + 1, timeNs: index, epoch: 1 },
  })
  return [
    { name: 'report, frame of 1', group: 'report', share: 2, run: (index) => readAs(index, 1) },
    {
      ...{ name: 'report, JSON text', group: 'report', share: JSON_SHARE },
      run: (index) => (JSON.parse(JSON.stringify(report(index))) as { priceTicks: number }).priceTicks,
    },
    {
      ...{ name: `${REPORTS_PER_FRAME} reports, one frame`, group: 'reports', share: REPORTS_PER_FRAME },
      run: (index) => readAs(index, REPORTS_PER_FRAME),
    },
    {
      ...{ name: `${REPORTS_PER_FRAME} reports, JSON text`, group: 'reports', share: REPORTS_PER_FRAME * JSON_SHARE },
      run: (index) => {
        const text = JSON.stringify(Array.from({ length: REPORTS_PER_FRAME }, () => report(index)))
        const read = JSON.parse(text) as { priceTicks: number }[]
        return read.reduce((sum, { priceTicks }) => sum + priceTicks, 0) / read.length
      },
    },
  ]
}
