// The direct session's bytes: messages come out as they went in, however the stream is cut; what is none is refused.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  DIRECT_SIZE_MAX,
  DirectAssembler,
  DirectKind,
  DirectWireError,
  decodeHello,
  encodeDirect,
  encodeHello,
} from '../../protocol/direct-wire.ts'

test('however the stream is cut, the same messages come out of it', () => {
  const message = fc.record({
    kind: fc.constantFrom(...Object.values(DirectKind)),
    body: fc.uint8Array({ maxLength: 300 }),
  })
  fc.assert(
    fc.property(fc.array(message), fc.array(fc.nat(200)), (messages, cuts) => {
      const stream = Buffer.concat(messages.map(({ kind, body }) => encodeDirect(kind, body)))
      const assembler = new DirectAssembler()
      const seen: { kind: number; body: number[] }[] = []
      let at = 0
      for (const length of [...cuts, stream.length]) {
        assembler.push(stream.subarray(at, at + length), (kind, body) => seen.push({ kind, body: [...body] }))
        at += length
      }
      expect(seen).toEqual(messages.map(({ kind, body }) => ({ kind, body: [...body] })))
    }),
  )
})

test('a size that no message can have ends the stream', () => {
  for (const size of [0, 7, DIRECT_SIZE_MAX + 1, 0xffffffff]) {
    const bytes = new Uint8Array(16)
    new DataView(bytes.buffer).setUint32(0, size, true)
    expect(() => new DirectAssembler().push(bytes, () => {})).toThrow(DirectWireError)
  }
})

test('HELLO says who comes; what is too short is none', () => {
  const hello = { version: 1, clientId: 1_000_000, clusterId: 'local' }
  expect(decodeHello(encodeHello(hello).subarray(8))).toEqual(hello)
  expect(decodeHello(new Uint8Array(7))).toBeNull()
})
