// Arrays of hftbacktest in .npz files (a zip archive with data.npy in it): reading them as a stream of records, and
// writing them. Sources: NumPy's format description (NEP 1), PKWARE's APPNOTE, hftbacktest's event type.
//
//   record  ev u64 | exch_ts i64 | local_ts i64 | px f64 | qty f64 | order_id u64 | ival i64 | fval f64     64 bytes

import { closeSync, createReadStream, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { describeInputError, InputFileError } from './input-file.ts'

export const NPY_RECORD_SIZE = 64
const FIELDS = 'ev <u8 exch_ts <i8 local_ts <i8 px <f8 qty <f8 order_id <u8 ival <i8 fval <f8'
const END_SIZE = 22
const CENTRAL_SIZE = 46
const LOCAL_SIZE = 30
const STORED = 0
const DEFLATED = 8
const ZIP_SIZE_MAX = 0xffff_fff0
const ENTRY_NAME = 'data.npy'
const NPY_HEADER_SIZE = 256
const NPY_HEADER_SIZE_MAX = 64 * 1024

/** Calls `onRecord` with each record's view and byte offset; false stops. `onProgress` is told bytes of the file. */
export async function readNpz(
  path: string,
  onRecord: (view: DataView, at: number) => boolean,
  onProgress: (bytesRead: number, bytesTotal: number) => void = () => {},
): Promise<void> {
  const entry = findEntry(path)
  const file = createReadStream(path, { start: entry.start, end: Math.max(entry.start, entry.start + entry.size - 1) })
  let content: Readable = file
  if (entry.method === DEFLATED) {
    const inflate = createInflateRaw()
    file.on('error', (error) => inflate.destroy(error))
    content = file.pipe(inflate)
  }
  let left: Buffer = Buffer.alloc(0)
  let isHeaderRead = false
  let count = 0
  let wanted = Number.POSITIVE_INFINITY
  try {
    for await (const chunk of content) {
      let bytes = left.length === 0 ? (chunk as Buffer) : Buffer.concat([left, chunk as Buffer])
      if (!isHeaderRead) {
        const header = parseHeader(path, bytes)
        if (header === null) {
          left = bytes
          continue
        }
        isHeaderRead = true
        wanted = header.count
        bytes = bytes.subarray(header.size)
      }
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      let at = 0
      for (; at + NPY_RECORD_SIZE <= bytes.length; at += NPY_RECORD_SIZE) {
        count += 1
        if (!onRecord(view, at)) return
      }
      left = bytes.subarray(at)
      onProgress(file.bytesRead, entry.size)
    }
  } catch (error) {
    throw describeInputError(error, path, `record ${count}`, file.bytesRead)
  } finally {
    file.destroy()
  }
  if (!isHeaderRead || count < wanted) {
    throw new InputFileError(`${path}: the array ends after ${count} records, and ${wanted} are announced`)
  }
}

type Entry = { readonly start: number; readonly size: number; readonly method: number }

/** The first array of the archive. */
function findEntry(path: string): Entry {
  const file = openSync(path, 'r')
  try {
    const { size } = statSync(path)
    const read = (at: number, length: number): DataView => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - at)))
      readSync(file, bytes, 0, bytes.length, at)
      return new DataView(bytes.buffer)
    }
    const tail = read(Math.max(0, size - 65_557), 65_557)
    for (let at = tail.byteLength - END_SIZE; at >= 0; at--) {
      if (tail.getUint32(at, true) !== 0x06054b50) continue
      const central = read(tail.getUint32(at + 16, true), CENTRAL_SIZE)
      if (central.byteLength < CENTRAL_SIZE || central.getUint32(0, true) !== 0x02014b50) break
      const local = central.getUint32(42, true)
      const header = read(local, LOCAL_SIZE)
      if (header.byteLength < LOCAL_SIZE) break
      const start = local + LOCAL_SIZE + header.getUint16(26, true) + header.getUint16(28, true)
      const method = central.getUint16(10, true)
      if (method !== STORED && method !== DEFLATED) break
      const packed = central.getUint32(20, true)
      // Python states sizes in 64 bits even where 32 are enough: then the archive's end tells.
      const end = packed === 0xffff_ffff ? tail.getUint32(at + 16, true) : start + packed
      return { start, size: end - start, method }
    }
  } finally {
    closeSync(file)
  }
  throw new InputFileError(`${path}: this is no .npz archive with one array, or it is cut off\n  Copy it again.`)
}

/** Null: not all of it is there yet. */
function parseHeader(path: string, bytes: Buffer): { size: number; count: number } | null {
  if (bytes.length < 12) return null
  if (bytes.toString('latin1', 1, 6) !== 'NUMPY') throw new InputFileError(`${path}: it holds no NumPy array`)
  const isLong = bytes[6]! > 1
  const start = isLong ? 12 : 10
  const size = start + (isLong ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8))
  // A length that is none would keep all that follows in memory.
  if (size > NPY_HEADER_SIZE_MAX) throw new InputFileError(`${path}: the array's header has ${size} bytes`)
  if (bytes.length < size) return null
  const text = bytes.toString('latin1', start, size)
  const fields = [...text.matchAll(/\('(\w+)', ?'([^']+)'\)/g)].map(([, name, type]) => `${name} ${type}`).join(' ')
  const shape = /'shape': ?\((\d+),/.exec(text)
  if (fields !== FIELDS || shape === null) {
    throw new InputFileError(
      `${path}: this is no array of hftbacktest's events: its fields are ${fields || 'not named'}\n` +
        `  Expected are ${FIELDS}.`,
    )
  }
  return { size, count: Number(shape[1]) }
}

/** Writes records to `<path>.part`, which becomes `path` when it is whole. */
export class NpzWriter {
  readonly #path: string
  readonly #file: number
  readonly #buffer = Buffer.alloc(NPY_RECORD_SIZE * 4096)
  readonly #view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset, this.#buffer.length)
  #used = 0
  #at = 0
  count = 0

  constructor(path: string) {
    this.#path = path
    this.#file = openSync(`${path}.part`, 'w')
    this.#at = LOCAL_SIZE + ENTRY_NAME.length + NPY_HEADER_SIZE
  }

  push(word: number, exchangeNs: bigint, localNs: bigint, price: number, quantity: number, orderId: number): void {
    const at = this.#used
    this.#view.setBigUint64(at, BigInt(word), true)
    this.#view.setBigInt64(at + 8, exchangeNs, true)
    this.#view.setBigInt64(at + 16, localNs, true)
    this.#view.setFloat64(at + 24, price, true)
    this.#view.setFloat64(at + 32, quantity, true)
    this.#view.setBigUint64(at + 40, BigInt(orderId), true)
    this.#used += NPY_RECORD_SIZE
    this.count += 1
    if (this.#used === this.#buffer.length) this.#flush()
  }

  finish(): void {
    this.#flush()
    const header = this.#npyHeader()
    // The check sum goes over the header first, which is known last.
    let crc = crc32(header)
    crc = this.#crcOfData(crc)
    const size = header.length + this.count * NPY_RECORD_SIZE
    if (size > ZIP_SIZE_MAX) {
      this.abandon()
      throw new InputFileError(`${this.#path}: more than 4 GB do not fit one array\n  Slice the feed first.`)
    }
    writeSync(
      this.#file,
      Buffer.concat([zipHeader(0x04034b50, crc, size), Buffer.from(ENTRY_NAME), header]),
      0,
      undefined,
      0,
    )
    const central = Buffer.concat([zipHeader(0x02014b50, crc, size), Buffer.from(ENTRY_NAME)])
    const end = Buffer.alloc(END_SIZE)
    end.writeUInt32LE(0x06054b50, 0)
    end.writeUInt16LE(1, 8)
    end.writeUInt16LE(1, 10)
    end.writeUInt32LE(central.length, 12)
    end.writeUInt32LE(this.#at, 16)
    writeSync(this.#file, Buffer.concat([central, end]), 0, undefined, this.#at)
    closeSync(this.#file)
    renameSync(`${this.#path}.part`, this.#path)
  }

  abandon(): void {
    closeSync(this.#file)
    rmSync(`${this.#path}.part`, { force: true })
  }

  #flush(): void {
    writeSync(this.#file, this.#buffer, 0, this.#used, this.#at)
    this.#at += this.#used
    this.#used = 0
  }

  #crcOfData(start: number): number {
    const file = openSync(`${this.#path}.part`, 'r')
    const buffer = Buffer.alloc(1 << 20)
    let crc = start
    try {
      for (let at = LOCAL_SIZE + ENTRY_NAME.length + NPY_HEADER_SIZE; ; ) {
        const got = readSync(file, buffer, 0, buffer.length, at)
        if (got === 0) return crc
        crc = crc32(buffer.subarray(0, got), crc)
        at += got
      }
    } finally {
      closeSync(file)
    }
  }

  #npyHeader(): Buffer {
    const words = FIELDS.split(' ')
    const pairs = Array.from({ length: words.length / 2 }, (_, at) => `('${words[at * 2]}', '${words[at * 2 + 1]}')`)
    const text = `{'descr': [${pairs.join(', ')}], 'fortran_order': False, 'shape': (${this.count},), }`
    const header = Buffer.alloc(NPY_HEADER_SIZE, ' ')
    header.write('\x93NUMPY\x01\x00', 0, 'latin1')
    header.writeUInt16LE(NPY_HEADER_SIZE - 10, 8)
    header.write(text, 10, 'latin1')
    header.write('\n', NPY_HEADER_SIZE - 1)
    return header
  }
}

/** A local header (0x04034b50) or an entry of the central directory (0x02014b50), stored, without a date. */
function zipHeader(magic: number, crc: number, size: number): Buffer {
  const isCentral = magic === 0x02014b50
  const header = Buffer.alloc(isCentral ? CENTRAL_SIZE : LOCAL_SIZE)
  header.writeUInt32LE(magic, 0)
  header.writeUInt16LE(20, 4)
  const at = isCentral ? 2 : 0
  header.writeUInt16LE(20, 4 + at)
  header.writeUInt16LE(0x21, 12 + at)
  header.writeUInt32LE(crc >>> 0, 14 + at)
  header.writeUInt32LE(size, 18 + at)
  header.writeUInt32LE(size, 22 + at)
  header.writeUInt16LE(ENTRY_NAME.length, 26 + at)
  return header
}
