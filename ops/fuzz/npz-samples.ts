// Arrays of hftbacktest, damaged at each of their layers: a field of a record, the array's own header, and the archive around
// it. What is damaged inside is packed anew, with sizes and checksum that are right, so that the layers behind are reached.

import { crc32, deflateRawSync } from 'node:zlib'
import type { Prng } from '../../base/prng.ts'
import { mutate, pick } from './mutate.ts'

const ENTRY_NAME = 'data.npy'
const FIELDS = 'ev <u8 exch_ts <i8 local_ts <i8 px <f8 qty <f8 order_id <u8 ival <i8 fval <f8'
const HEADER_SIZE = 256
const RECORD_SIZE = 64
const LOCAL_SIZE = 30
const CENTRAL_SIZE = 46
const END_SIZE = 22
const DEFLATED = 8
const BASE_NS = 1_700_000_000_000_000_000n
const NS_PER_MS = 1_000_000n
/** Buyers and sellers, at the exchange and here. */
const BUY = 0xe000_0000
const SELL = 0xd000_0000
/** Event, price and quantity of each record: levels, a trade, a clearing, and orders that come, change, trade and go. */
const EVENTS: readonly (readonly [number, number, number])[] = [
  [BUY | 3, 0, 0],
  [BUY | 4, 10, 5],
  [SELL | 4, 10.05, 3],
  [BUY | 1, 10.01, 2],
  [SELL | 2, 10.01, 1],
  [BUY | 10, 10.02, 4],
  [BUY | 12, 10.03, 4],
  [BUY | 13, 10.03, 1],
  [BUY | 11, 10.03, 3],
]
const WORDS = [0n, 1n, -1n, 2n ** 31n, 2n ** 52n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), BASE_NS]
const NUMBERS = [0, -1, 0.001, 1e-9, 1e300, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31 / 100, 2 ** 40, 12_345.67]
const NUMBER_AT = [24, 32, 56]
const WORD_AT = [0, 8, 16, 40, 48]

/** A right one, with levels and orders. */
export function npzSample(): Uint8Array {
  return packedNpz(npyArray(), false)
}

/** A damaged one. */
export function damagedNpz(random: Prng): Uint8Array {
  const array = npyArray()
  const damagedArray = random.nextChance(0.6) ? damageRecord(random, array) : mutate(random, array)
  const archive = packedNpz(damagedArray, random.nextChance(0.5))
  return random.nextChance(0.3) ? mutate(random, archive) : archive
}

/** A field of a record becomes an odd one of its kind. */
function damageRecord(random: Prng, array: Uint8Array): Uint8Array {
  const view = new DataView(array.buffer, array.byteOffset, array.length)
  const record = HEADER_SIZE + random.nextBelow(EVENTS.length) * RECORD_SIZE
  if (random.nextChance(0.5)) view.setFloat64(record + pick(random, NUMBER_AT), pick(random, NUMBERS), true)
  else view.setBigInt64(record + pick(random, WORD_AT), pick(random, WORDS), true)
  return array
}

/** The array alone: a header of 256 bytes, and records of 64. */
export function npyArray(): Uint8Array {
  const words = FIELDS.split(' ')
  const pairs = Array.from({ length: words.length / 2 }, (_, at) => `('${words[at * 2]}', '${words[at * 2 + 1]}')`)
  const text = `{'descr': [${pairs.join(', ')}], 'fortran_order': False, 'shape': (${EVENTS.length},), }`
  const array = Buffer.alloc(HEADER_SIZE + EVENTS.length * RECORD_SIZE)
  array.fill(' ', 0, HEADER_SIZE)
  array.write('\x93NUMPY\x01\x00', 0, 'latin1')
  array.writeUInt16LE(HEADER_SIZE - 10, 8)
  array.write(text, 10, 'latin1')
  EVENTS.forEach(([event, price, quantity], index) => {
    const at = HEADER_SIZE + index * RECORD_SIZE
    const exchangeNs = BASE_NS + BigInt(index) * NS_PER_MS
    array.writeUInt32LE(event >>> 0, at)
    array.writeBigInt64LE(exchangeNs, at + 8)
    array.writeBigInt64LE(exchangeNs + NS_PER_MS, at + 16)
    array.writeDoubleLE(price, at + 24)
    array.writeDoubleLE(quantity, at + 32)
    array.writeBigUInt64LE(7n, at + 40)
  })
  return Uint8Array.from(array)
}

/** The archive with this array in it. */
export function packedNpz(array: Uint8Array, isDeflated: boolean): Uint8Array {
  const data = isDeflated ? deflateRawSync(array) : Buffer.from(array)
  const facts = Buffer.alloc(26)
  facts.writeUInt16LE(20, 0)
  facts.writeUInt16LE(isDeflated ? DEFLATED : 0, 4)
  facts.writeUInt32LE(crc32(array), 10)
  facts.writeUInt32LE(data.length, 14)
  facts.writeUInt32LE(array.length, 18)
  facts.writeUInt16LE(ENTRY_NAME.length, 22)
  const local = Buffer.alloc(LOCAL_SIZE)
  local.writeUInt32LE(0x04034b50, 0)
  facts.copy(local, 4)
  const central = Buffer.alloc(CENTRAL_SIZE)
  central.writeUInt32LE(0x02014b50, 0)
  central.writeUInt16LE(20, 4)
  facts.copy(central, 6)
  const end = Buffer.alloc(END_SIZE)
  const name = Buffer.from(ENTRY_NAME, 'latin1')
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length + name.length, 12)
  end.writeUInt32LE(local.length + name.length + data.length, 16)
  return Uint8Array.from(Buffer.concat([local, name, data, central, name, end]))
}
