// Databento's DBN, versions 1 to 3: metadata and records, read in place. Pure decoding.
//
//   "DBN" | uint8 version | uint32 length of the metadata | metadata | records
//
// A record: uint8 length / 4 | uint8 rtype | uint16 publisher | uint32 instrument id | uint64 event time | body
// All numbers are little-endian; prices are int64 in units of 1e-9; times are nanoseconds since 1970.

export const DBN_PREFIX_SIZE = 8
export const DBN_METADATA_SIZE_MAX = 1 << 26
export const DBN_HEADER_SIZE = 16
const VERSION_MAX = 3
const FIXED_SIZE = 100

export const DbnRecordType = { TRADE: 0x00, MBP_1: 0x01, MBP_10: 0x0a, MBO: 0xa0 } as const

export const DbnFlag = { LAST: 0x80, SNAPSHOT: 0x20, BAD_RECEIVE_TIME: 0x08 } as const

export const DBN_SCHEMAS: readonly string[] = ['mbo', 'mbp-1', 'mbp-10', 'tbbo', 'trades']

export type DbnMetadata = {
  readonly version: number
  readonly dataset: string
  /** Index into DBN_SCHEMAS, or a number above. 65535: mixed. */
  readonly schema: number
  readonly symbols: readonly string[]
  /** Symbol by instrument id. */
  readonly mappings: ReadonlyMap<number, string>
}

/** Size of the metadata, or what is wrong with the first eight bytes. */
export function dbnMetadataSize(prefix: Uint8Array): number | string {
  if (prefix[0] !== 0x44 || prefix[1] !== 0x42 || prefix[2] !== 0x4e) return 'does not start with DBN'
  const version = prefix[3]!
  if (version < 1 || version > VERSION_MAX) return `has version ${version} of DBN; 1 to ${VERSION_MAX} are possible`
  const size = new DataView(prefix.buffer, prefix.byteOffset).getUint32(4, true)
  if (size < FIXED_SIZE || size > DBN_METADATA_SIZE_MAX) return `has metadata of ${size} bytes`
  return size
}

/** `bytes`: the metadata. Throws a RangeError when a list in it passes its end. */
export function readDbnMetadata(version: number, bytes: Uint8Array): DbnMetadata {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  // Version 1 has a count of records before the kinds of symbols, later ones the length of symbols after them.
  const symbolSize = version === 1 ? 22 : view.getUint16(45, true)
  // Of symbols without a size a file could hold any number.
  if (symbolSize === 0) throw new RangeError('symbols of 0 bytes')
  let at = FIXED_SIZE
  const text = (size: number): string => {
    if (at + size > bytes.length) throw new RangeError('a text passes the end of the metadata')
    const end = bytes.subarray(at, at + size).indexOf(0)
    const value = new TextDecoder().decode(bytes.subarray(at, end === -1 ? at + size : at + end))
    at += size
    return value
  }
  const uint32 = (): number => {
    const value = view.getUint32(at, true)
    at += 4
    return value
  }
  const list = (): string[] => {
    const count = uint32()
    if (count * symbolSize > bytes.length) throw new RangeError('a list passes the end of the metadata')
    return Array.from({ length: count }, () => text(symbolSize))
  }
  // The definition of the schema: its length, then nothing so far.
  const definitionSize = uint32()
  at += definitionSize
  const symbols = list()
  list()
  list()
  const mappings = new Map<number, string>()
  for (let left = uint32(); left > 0; left--) {
    const symbol = text(symbolSize)
    for (let intervals = uint32(); intervals > 0; intervals--) {
      at += 8
      const id = Number(text(symbolSize))
      if (Number.isSafeInteger(id)) mappings.set(id, symbol)
    }
  }
  const dataset = new TextDecoder().decode(bytes.subarray(0, 16)).replace(/\0.*$/s, '')
  return { version, dataset, schema: view.getUint16(16, true), symbols, mappings }
}

/** Fields of records with a trade or book event: bodies of MBO and of the others differ. */
export const MboField = {
  ORDER_ID: 16,
  PRICE: 24,
  SIZE: 32,
  FLAGS: 36,
  ACTION: 38,
  SIDE: 39,
  RECEIVE_TIME: 40,
} as const
export const MbpField = { PRICE: 16, SIZE: 24, ACTION: 28, SIDE: 29, FLAGS: 30, RECEIVE_TIME: 32, LEVELS: 48 } as const
export const DBN_EVENT_TIME = 8
export const MBO_SIZE = 56
export const MBP_LEVEL_SIZE = 32

const TWO_32 = 4_294_967_296

/** A time as nanoseconds since the base, exactly; NaN for the value that means none. */
export function readDbnTimeNs(view: DataView, at: number, timeBaseUnixS: number): number {
  const low = view.getUint32(at, true)
  const high = view.getUint32(at + 4, true)
  if (low === 0xffff_ffff && high === 0xffff_ffff) return Number.NaN
  const [billions, rest] = divideByBillion(high, low)
  return (billions - timeBaseUnixS) * 1e9 + rest
}

/** A 64-bit number by 1e9: the whole quotient and the remainder. */
function divideByBillion(high: number, low: number): [number, number] {
  const quotientHigh = Math.floor(high / 1e9)
  // 16 bits at a time, so that no step leaves the whole numbers that a double holds.
  const step1 = (high - quotientHigh * 1e9) * 65_536 + Math.floor(low / 65_536)
  const quotient1 = Math.floor(step1 / 1e9)
  const step0 = (step1 - quotient1 * 1e9) * 65_536 + (low & 0xffff)
  const quotient0 = Math.floor(step0 / 1e9)
  return [quotientHigh * TWO_32 + quotient1 * 65_536 + quotient0, step0 - quotient0 * 1e9]
}

/** A price in units of 1e-9; NaN for the value that means none, and for one too large. */
export function readDbnPrice(view: DataView, at: number): number {
  const low = view.getUint32(at, true)
  const high = view.getInt32(at + 4, true)
  const price = high * TWO_32 + low
  return Number.isSafeInteger(price) ? price : Number.NaN
}

/** Order ids are 64 bits; beyond a safe integer they are of no use here: NaN. */
export function readDbnId(view: DataView, at: number): number {
  const id = view.getUint32(at + 4, true) * TWO_32 + view.getUint32(at, true)
  return Number.isSafeInteger(id) ? id : Number.NaN
}
