// Reads what ByteWriter wrote. It trusts nothing: a read past the end throws a ByteReaderError, never returns garbage.

export class ByteReaderError extends Error {
  override name = 'ByteReaderError'
}

export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get position(): number {
    return this.#position
  }

  get remaining(): number {
    return this.#bytes.length - this.#position
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true)
  }

  safeInteger(): number {
    const at = this.#advance(8)
    const value = this.#view.getFloat64(at, true)
    if (!Number.isSafeInteger(value)) throw new ByteReaderError(`no safe integer at byte ${at}`)
    return value
  }

  /** `sizeMax` bounds what a hostile length can make us read. */
  string(sizeMax = 65_536): string {
    const size = this.uint32()
    if (size > sizeMax) throw new ByteReaderError(`a string of ${size} bytes, more than ${sizeMax}`)
    const at = this.#position
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.bytes(size))
    } catch (error) {
      if (error instanceof ByteReaderError) throw error
      throw new ByteReaderError(`no UTF-8 text at byte ${at}`)
    }
  }

  /** A view of the next bytes, not a copy. */
  bytes(size: number): Uint8Array {
    const at = this.#advance(size)
    return this.#bytes.subarray(at, at + size)
  }

  #advance(size: number): number {
    const at = this.#position
    if (at + size > this.#bytes.length) {
      throw new ByteReaderError(`needs ${size} bytes at byte ${at}, but there are ${this.#bytes.length}`)
    }
    this.#position = at + size
    return at
  }
}
