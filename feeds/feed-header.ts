// The header of a feed file: where the events come from, what the instruments are, and what time 0 is.

import { assert } from '../base/assert.ts'
import { checksum } from '../base/checksum.ts'
import { SYMBOL_COUNT_MAX } from '../protocol/limits.ts'
import {
  aligned,
  FEED_MAGIC,
  FEED_VERSION,
  FeedFormatError,
  HEADER_BODY_SIZE_MAX,
  HEADER_FIXED_SIZE,
} from './feed-format.ts'
import { isStep } from './price-scale.ts'

export type FeedInstrument = {
  readonly symbol: string
  /** Decimal string: prices are whole multiples of it. */
  readonly tickSize: string
  /** Decimal string: quantities are whole multiples of it. */
  readonly lotSize: string
}

export type FeedHeader = {
  /** The kind of source: lobster, itch, dbn, binance, ... */
  readonly source: string
  /** The finest that the events tell: every order, price levels, the touch, or trades alone. */
  readonly detail: FeedDetail
  /** Seconds from 1970-01-01 UTC to time 0 of the feed; null when the source does not say. */
  readonly timeBaseUnixS: number | null
  readonly instruments: readonly FeedInstrument[]
  /** Anything else worth keeping, as text: file names, levels, options of the import. */
  readonly metadata: Readonly<Record<string, string>>
}

export type FeedDetail = 'L3' | 'L2' | 'L1' | 'trades'

const SPACE = 0x20
const DETAILS: readonly string[] = ['L3', 'L2', 'L1', 'trades']

export function encodeHeader(header: FeedHeader): Uint8Array {
  const fault = headerFault(header)
  assert(fault === null, `the header is valid: ${fault}`)
  const { source, detail, timeBaseUnixS, instruments, metadata } = header
  const text = new TextEncoder().encode(
    JSON.stringify({
      source,
      detail,
      timeBaseUnixS,
      instruments: instruments.map(({ symbol, tickSize, lotSize }) => ({ symbol, tickSize, lotSize })),
      metadata,
    }),
  )
  const body = new Uint8Array(aligned(text.length)).fill(SPACE)
  body.set(text)
  assert(body.length <= HEADER_BODY_SIZE_MAX, 'the header fits its bound')
  const bytes = new Uint8Array(HEADER_FIXED_SIZE + body.length)
  const view = new DataView(bytes.buffer)
  bytes.set(FEED_MAGIC, 0)
  view.setUint32(8, FEED_VERSION, true)
  view.setUint32(12, body.length, true)
  bytes.set(body, HEADER_FIXED_SIZE)
  view.setUint32(20, headerChecksum(bytes, body.length), true)
  return bytes
}

/** Bytes of the whole header, read from its first HEADER_FIXED_SIZE bytes. */
export function headerSize(bytes: Uint8Array): number {
  if (!isFeed(bytes)) throw new FeedFormatError('this is not a feed file: it does not start with TNDMFEED', 0)
  if (bytes.length < HEADER_FIXED_SIZE) throw new FeedFormatError('the file ends inside its header', bytes.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const version = view.getUint32(8, true)
  if (version !== FEED_VERSION) {
    throw new FeedFormatError(`the file has version ${version} of the format, this program reads ${FEED_VERSION}`, 8)
  }
  const bodySize = view.getUint32(12, true)
  if (bodySize > HEADER_BODY_SIZE_MAX) throw new FeedFormatError(`a header of ${bodySize} bytes is too long`, 12)
  return HEADER_FIXED_SIZE + bodySize
}

export function isFeed(bytes: Uint8Array): boolean {
  return FEED_MAGIC.every((byte, at) => bytes[at] === byte)
}

export function decodeHeader(bytes: Uint8Array): FeedHeader {
  const size = headerSize(bytes)
  if (bytes.length < size) throw new FeedFormatError('the file ends inside its header', bytes.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(20, true) !== headerChecksum(bytes, size - HEADER_FIXED_SIZE)) {
    throw new FeedFormatError("the header's checksum does not match: the file is damaged", 20)
  }
  const header = parseBody(bytes.subarray(HEADER_FIXED_SIZE, size))
  const fault = headerFault(header)
  if (fault !== null) throw new FeedFormatError(`the header is not valid: ${fault}`, HEADER_FIXED_SIZE)
  return header as FeedHeader
}

/** Over everything but the checksum itself. */
function headerChecksum(bytes: Uint8Array, bodySize: number): number {
  return checksum(bytes, HEADER_FIXED_SIZE, HEADER_FIXED_SIZE + bodySize, checksum(bytes, 0, 20))
}

function parseBody(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new FeedFormatError('the header is no JSON text', HEADER_FIXED_SIZE)
  }
}

/** What is wrong with a header, or null. */
function headerFault(value: unknown): string | null {
  if (!isObject(value)) return 'it is no object'
  const { source, detail, timeBaseUnixS, instruments, metadata } = value
  if (typeof source !== 'string' || source.length === 0) return 'source is no text'
  if (typeof detail !== 'string' || !DETAILS.includes(detail)) return `detail is none of ${DETAILS.join(', ')}`
  if (timeBaseUnixS !== null && !Number.isSafeInteger(timeBaseUnixS)) return 'timeBaseUnixS is no whole number'
  if (!Array.isArray(instruments)) return 'instruments is no list'
  if (instruments.length < 1 || instruments.length > SYMBOL_COUNT_MAX) {
    return `there are ${instruments.length} instruments, and 1 to ${SYMBOL_COUNT_MAX} are possible`
  }
  for (const instrument of instruments as unknown[]) {
    if (!isObject(instrument)) return 'an instrument is no object'
    const { symbol, tickSize, lotSize } = instrument
    if (typeof symbol !== 'string' || symbol.length === 0) return "an instrument's symbol is no text"
    if (typeof tickSize !== 'string' || !isStep(tickSize)) return `the tick size of ${symbol} is no decimal above 0`
    if (typeof lotSize !== 'string' || !isStep(lotSize)) return `the lot size of ${symbol} is no decimal above 0`
  }
  if (!isObject(metadata)) return 'metadata is no object'
  if (Object.values(metadata).some((text) => typeof text !== 'string')) return 'metadata holds more than texts'
  return null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
