// What ByteWriter wrote, ByteReader reads back; what is no such thing is refused by name, never read as something else.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteReaderError } from '../../base/byte-reader.ts'
import { ByteWriter } from '../../base/byte-writer.ts'

type Item =
  | { readonly type: 'uint8' | 'uint32' | 'int32' | 'safeInteger'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bytes'; readonly value: Uint8Array }

const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ type: fc.constant('uint8' as const), value: fc.nat(0xff) }),
  fc.record({ type: fc.constant('uint32' as const), value: fc.nat(0xffff_ffff) }),
  fc.record({ type: fc.constant('int32' as const), value: fc.integer() }),
  fc.record({ type: fc.constant('safeInteger' as const), value: fc.maxSafeInteger() }),
  fc.record({ type: fc.constant('string' as const), value: fc.string({ unit: 'binary', maxLength: 40 }) }),
  fc.record({ type: fc.constant('bytes' as const), value: fc.uint8Array({ maxLength: 60 }) }),
)

function write(writer: ByteWriter, { type, value }: Item): void {
  if (type === 'string') writer.string(value)
  else if (type === 'bytes') writer.bytes(value)
  else writer[type](value)
}

function read(reader: ByteReader, { type, value }: Item): unknown {
  return type === 'bytes' ? reader.bytes(value.length).slice() : reader[type]()
}

describe('ByteWriter and ByteReader', () => {
  it('bring back what went in, in the same order, over any growth of the buffer', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 50 }), fc.nat(16), fc.nat(7), (items, initialSize, shift) => {
        const writer = new ByteWriter(initialSize)
        for (const each of items) write(writer, each)
        expect(writer.finish().length).toBe(writer.length)
        // A view into a larger buffer, at any offset.
        const within = new Uint8Array(writer.length + shift)
        within.set(writer.finish(), shift)
        const reader = new ByteReader(within.subarray(shift))
        for (const each of items) expect(read(reader, each)).toEqual(each.value)
        expect([reader.remaining, reader.position]).toEqual([0, writer.length])
      }),
    )
  })

  it('refuse to write what does not fit its field', () => {
    const writer = new ByteWriter()
    for (const value of [-1, 256, 0.5, Number.NaN]) expect(() => writer.uint8(value)).toThrow('uint8')
    for (const value of [-1, 2 ** 32, 0.5, Number.NaN]) expect(() => writer.uint32(value)).toThrow('uint32')
    for (const value of [-(2 ** 31) - 1, 2 ** 31, 0.5, Number.NaN]) expect(() => writer.int32(value)).toThrow('int32')
    for (const value of [2 ** 53, 0.5, Number.NaN]) expect(() => writer.safeInteger(value)).toThrow('safe integer')
    expect(writer.length).toBe(0)
  })

  it('refuse to read past the end, wherever it was cut', () => {
    const items: Item[] = [
      { type: 'uint8', value: 1 },
      { type: 'uint32', value: 2 },
      { type: 'int32', value: -3 },
      { type: 'safeInteger', value: 4 },
      { type: 'string', value: 'five' },
    ]
    const writer = new ByteWriter()
    for (const each of items) write(writer, each)
    const whole = writer.finish()
    for (let length = 0; length < whole.length; length++) {
      const reader = new ByteReader(whole.subarray(0, length))
      expect(() => items.forEach((each) => read(reader, each)), `cut to ${length}`).toThrow(ByteReaderError)
    }
  })

  it('refuse a number that is none, a string that is too long, and bytes that are no text', () => {
    const fraction = new Uint8Array(new Float64Array([0.5]).buffer)
    expect(() => new ByteReader(fraction).safeInteger()).toThrow('no safe integer at byte 0')
    const writer = new ByteWriter()
    writer.string('twelve bytes')
    expect(() => new ByteReader(writer.finish()).string(11)).toThrow('a string of 12 bytes, more than 11')
    const noText = Uint8Array.of(2, 0, 0, 0, 0xff, 0xfe)
    expect(() => new ByteReader(noText).string()).toThrow(ByteReaderError)
  })
})
