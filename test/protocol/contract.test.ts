// The hand-written layouts and the published schema describe the same bytes.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fc from 'fast-check'
import { ByteBuffer } from 'flatbuffers'
import { describe, expect, test } from 'vitest'
import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import * as layouts from '../../protocol/command.ts'
import * as writers from '../../protocol/command-writer.ts'
import { EventField } from '../../protocol/event.ts'
import * as frames from '../../protocol/frame.ts'
import { FrameReader } from '../../protocol/frame-reader.ts'
import { FrameWriter } from '../../protocol/frame-writer.ts'
import { CancelOrder } from '../../protocol/generated/cancel-order.ts'
import { CancelQuote } from '../../protocol/generated/cancel-quote.ts'
import { CommandHeader } from '../../protocol/generated/command-header.ts'
import { Event } from '../../protocol/generated/event.ts'
import { Execution } from '../../protocol/generated/execution.ts'
import { FrameHeader } from '../../protocol/generated/frame-header.ts'
import { L1 } from '../../protocol/generated/l1.ts'
import { L2 } from '../../protocol/generated/l2.ts'
import { L3 } from '../../protocol/generated/l3.ts'
import { MassCancel } from '../../protocol/generated/mass-cancel.ts'
import { MassQuote } from '../../protocol/generated/mass-quote.ts'
import { MassQuoteEntry } from '../../protocol/generated/mass-quote-entry.ts'
import { NewOrder } from '../../protocol/generated/new-order.ts'
import { OpenSession } from '../../protocol/generated/open-session.ts'
import { Position } from '../../protocol/generated/position.ts'
import { Quote } from '../../protocol/generated/quote.ts'
import { RecordHeader } from '../../protocol/generated/record-header.ts'
import { ReleaseAuthority } from '../../protocol/generated/release-authority.ts'
import { ReplaceOrder } from '../../protocol/generated/replace-order.ts'
import { ReportLimit } from '../../protocol/generated/report-limit.ts'
import { SetPhase } from '../../protocol/generated/set-phase.ts'
import { SetQuoting } from '../../protocol/generated/set-quoting.ts'
import { State } from '../../protocol/generated/state.ts'
import { Trade } from '../../protocol/generated/trade.ts'
import { FrameKind, type OrderType, type Side, type TimeInForce } from '../../protocol/kinds.ts'
import * as record from '../../protocol/record.ts'

type Layout = Readonly<Record<string, number>>
/** A generated struct: its accessors, and its size. */
type Struct = { __init(at: number, buffer: ByteBuffer): object }
type StructClass = (new () => Struct) & { sizeOf(): number }

const STRUCTS: readonly (readonly [string, Layout, StructClass])[] = [
  ['CommandHeader', layouts.CommandHeader, CommandHeader],
  ['NewOrderField', layouts.NewOrderField, NewOrder],
  ['CancelOrderField', layouts.CancelOrderField, CancelOrder],
  ['ReplaceOrderField', layouts.ReplaceOrderField, ReplaceOrder],
  ['MassCancelField', layouts.MassCancelField, MassCancel],
  ['QuoteField', layouts.QuoteField, Quote],
  ['MassQuoteField', layouts.MassQuoteField, MassQuote],
  ['MassQuoteEntryField', layouts.MassQuoteEntryField, MassQuoteEntry],
  ['CancelQuoteField', layouts.CancelQuoteField, CancelQuote],
  ['OpenSessionField', layouts.OpenSessionField, OpenSession],
  ['SetQuotingField', layouts.SetQuotingField, SetQuoting],
  ['SetPhaseField', layouts.SetPhaseField, SetPhase],
  ['ReleaseAuthorityField', layouts.ReleaseAuthorityField, ReleaseAuthority],
  ['ReportLimitField', layouts.ReportLimitField, ReportLimit],
  ['RecordHeader', record.RecordHeader, RecordHeader],
  ['EventField', EventField, Event],
  ['FrameHeader', frames.FrameHeader, FrameHeader],
  ['L1Field', frames.L1Field, L1],
  ['L2Field', frames.L2Field, L2],
  ['L3Field', frames.L3Field, L3],
  ['TradeField', frames.TradeField, Trade],
  ['ExecutionField', frames.ExecutionField, Execution],
  ['PositionField', frames.PositionField, Position],
  ['StateField', frames.StateField, State],
]

/** SOME_FIELD -> someField */
function accessorName(field: string): string {
  return field.toLowerCase().replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function read(struct: object, field: string): number {
  const accessor = (struct as Record<string, unknown>)[accessorName(field)]
  expect(accessor, field).toBeTypeOf('function')
  return (accessor as () => number).call(struct)
}

describe('the generated code', () => {
  test('is what the schema gives', async () => {
    const child = spawn(process.execPath, ['tools/generate-protocol.ts', '--check'], { stdio: 'ignore' })
    expect(await once(child, 'exit')).toEqual([0, null])
  }, 30_000)

  test('covers every layout', () => {
    const named = [layouts, frames, record, { EventField }].flatMap((module) =>
      Object.entries(module).filter(([, value]) => typeof value === 'object' && value !== null && 'LENGTH' in value),
    )
    expect(STRUCTS.map(([name]) => name).toSorted()).toEqual(named.map(([name]) => name).toSorted())
  })
})

describe.each(STRUCTS)('%s', (_, layout, StructOf) => {
  test('has the size of its struct', () => {
    expect(layout['LENGTH']).toBe(StructOf.sizeOf())
  })

  test('reads the bytes that its struct reads', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: StructOf.sizeOf(), maxLength: StructOf.sizeOf() }), (bytes) => {
        const struct = new StructOf().__init(0, new ByteBuffer(bytes))
        const view = new DataView(bytes.buffer, bytes.byteOffset)
        for (const [field, offset] of Object.entries(layout)) {
          if (field === 'LENGTH') continue
          // Whatever its width, a field is one of these readings of the bytes at its offset.
          const readings = [view.getUint8(offset)]
          if (offset + 2 <= bytes.length) readings.push(view.getUint16(offset, true))
          if (offset + 4 <= bytes.length) readings.push(view.getInt32(offset, true), view.getUint32(offset, true))
          if (offset + 8 <= bytes.length) readings.push(view.getFloat64(offset, true))
          expect(readings, field).toContainEqual(read(struct, field))
        }
      }),
      { numRuns: 50 },
    )
  })

  test('has the offsets of its struct', () => {
    const bytes = new Uint8Array(StructOf.sizeOf())
    const struct = new StructOf().__init(0, new ByteBuffer(bytes))
    for (const [field, offset] of Object.entries(layout)) {
      if (field === 'LENGTH') continue
      bytes.fill(0)
      expect(read(struct, field), field).toBe(0)
      bytes[offset] = 1
      expect(read(struct, field), `${field} at ${offset}`).not.toBe(0)
    }
  })
})

const lots = fc.integer({ min: 1, max: 1_000_000_000 })
const ticks = fc.integer({ min: 1, max: 2_147_483_647 })
const id = fc.integer({ min: 0, max: 0xffff_ffff })
const whole = fc.maxSafeNat()
const byte = fc.integer({ min: 0, max: 255 })

/** What a writer wrote at an aligned offset, as its struct reads it. */
function written(StructOf: StructClass, write: (target: AlignedBuffer, offset: number) => number): object {
  const target = new AlignedBuffer(256)
  target.bytes.fill(0xee)
  const length = write(target, 64)
  expect(length).toBe(StructOf.sizeOf())
  return new StructOf().__init(64, new ByteBuffer(target.bytes))
}

describe('a command in place', () => {
  test('new order', () => {
    const order = fc.record({
      ...{ symbolId: fc.nat(), side: fc.constantFrom<Side>(0, 1), orderType: byte.map((value) => value as OrderType) },
      ...{ timeInForce: byte.map((value) => value as TimeInForce), quantityLots: lots, priceTicks: ticks },
      ...{ clientOrderId: id, flags: byte, displayLots: lots, minimumLots: lots, triggerTicks: ticks },
      ...{ linkedClientOrderId: id, expireTimeNs: whole, ownerGroup: id },
    })
    fc.assert(
      fc.property(order, (given) => {
        const struct = written(NewOrder, (target, offset) => writers.writeNewOrder(target, offset, given)) as NewOrder
        const { symbolId, ...fields } = given
        expect(struct.header()!.symbolId()).toBe(symbolId)
        for (const [name, value] of Object.entries(fields)) {
          expect((struct as unknown as Record<string, () => number>)[name]!.call(struct), name).toBe(value)
        }
      }),
    )
  })

  test('quote', () => {
    const quote = fc.record({
      ...{ symbolId: fc.nat(), quoteId: id, bidTicks: ticks, bidLots: lots, askTicks: ticks, askLots: lots },
      ...{ positionVersion: whole, fencingToken: whole, ttlNs: whole },
    })
    fc.assert(
      fc.property(quote, (given) => {
        const struct = written(Quote, (target, offset) => writers.writeQuote(target, offset, given)) as Quote
        const { symbolId, ...fields } = given
        expect(struct.header()!.symbolId()).toBe(symbolId)
        for (const [name, value] of Object.entries(fields)) {
          expect((struct as unknown as Record<string, () => number>)[name]!.call(struct), name).toBe(value)
        }
      }),
    )
  })

  test('the session stamps its header', () => {
    fc.assert(
      fc.property(id, id, whole, (clientId, incarnation, clientSeq) => {
        const header = written(CancelQuote, (target, offset) => {
          const length = writers.writeCancelQuote(target, offset, 3, 9, 5)
          writers.stampSession(target, offset, clientId, incarnation, clientSeq)
          return length
        }) as CancelQuote
        expect(header.header()!.clientId()).toBe(clientId)
        expect(header.header()!.incarnation()).toBe(incarnation)
        expect(header.header()!.clientSeq()).toBe(clientSeq)
        expect(header.header()!.size()).toBe(CancelQuote.sizeOf())
      }),
    )
  })
})

test('a frame is read by the structs as by our own reader', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(ticks, lots), { minLength: 1, maxLength: 20 }), whole, (levels, seq) => {
      const writer = new FrameWriter()
      writer.begin(FrameKind.L2, frames.L2Field.LENGTH, 7, 3)
      for (const [price, quantity] of levels) {
        const at = writer.next()
        writer.buffer.int32[(at + frames.L2Field.PRICE_TICKS) >> 2] = price
        writer.buffer.int32[(at + frames.L2Field.QUANTITY_LOTS) >> 2] = quantity
      }
      const frame = writer.finish(0, seq, 11, 13).slice()
      const header = new FrameHeader().__init(0, new ByteBuffer(frame))
      expect([header.kind(), header.epoch(), header.streamId(), header.count()]).toEqual([
        FrameKind.L2,
        7,
        3,
        levels.length,
      ])
      expect([header.lastSeq(), header.timeNs(), header.recordSeq()]).toEqual([seq, 11, 13])
      const reader = new FrameReader()
      reader.read(frame)
      for (let index = 0; index < levels.length; index++) {
        const at = frames.FrameHeader.LENGTH + index * frames.L2Field.LENGTH
        const level = new L2().__init(at, new ByteBuffer(frame))
        expect(level.priceTicks()).toBe(reader.int32(index, frames.L2Field.PRICE_TICKS))
        expect(level.quantityLots()).toBe(reader.int32(index, frames.L2Field.QUANTITY_LOTS))
      }
    }),
  )
})
