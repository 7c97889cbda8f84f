// One buffer seen as bytes, 32-bit and 64-bit words at once. Structs inside it start at multiples of 8.
// The machines that Tandem runs on are little-endian, like its formats; start-up refuses any other.

export class AlignedBuffer {
  readonly size: number
  readonly bytes: Uint8Array
  readonly int32: Int32Array
  readonly uint32: Uint32Array
  readonly float64: Float64Array

  /** `size` in bytes, rounded up to a multiple of 8. */
  constructor(size: number) {
    this.size = (size + 7) & ~7
    const buffer = new ArrayBuffer(this.size)
    this.bytes = new Uint8Array(buffer)
    this.int32 = new Int32Array(buffer)
    this.uint32 = new Uint32Array(buffer)
    this.float64 = new Float64Array(buffer)
  }
}
