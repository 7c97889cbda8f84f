// A numbered stream per symbol, and one of no one symbol: entries of one kind, gathered until the next flush, then
// published as a frame per symbol (more when one is too long).
//
// Invariant: a stream's number grows by one per entry, and its frames form a chain. The numbers depend on the records
// alone, never on when the flushes fall.

import { assert } from '../../base/assert.ts'
import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { copyDoubles } from '../../base/copy-doubles.ts'
import { EntryChains, NO_ENTRY } from '../../exchange-sim/market-data/entry-chains.ts'
import { FrameWriter } from '../../protocol/frame-writer.ts'
import type { FrameKind } from '../../protocol/kinds.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import type { OutputKind, OutputSink } from './output.ts'

export class SymbolStream {
  readonly #frameKind: FrameKind
  readonly #outputKind: OutputKind
  readonly #stride: number
  readonly #frame = new FrameWriter()
  // Chain and number of symbol i are at i + 1; index 0 is the stream of no one symbol.
  readonly #chains: EntryChains
  readonly #seq: Float64Array
  readonly #timeNs: Float64Array
  readonly #recordSeq: Float64Array
  readonly #dirty: Int32Array
  #dirtyCount = 0

  constructor(symbolCount: number, frameKind: FrameKind, outputKind: OutputKind, stride: number) {
    this.#frameKind = frameKind
    this.#outputKind = outputKind
    this.#stride = stride
    this.#chains = new EntryChains(symbolCount + 1, stride)
    this.#seq = new Float64Array(symbolCount + 1)
    this.#timeNs = new Float64Array(symbolCount + 1)
    this.#recordSeq = new Float64Array(symbolCount + 1)
    this.#dirty = new Int32Array(symbolCount + 1)
  }

  /** Where entries are written. Another object after an `add` that had to make room. */
  get buffer(): EntryChains['buffer'] {
    return this.#chains.buffer
  }

  lastSeq(symbolId: number): number {
    return this.#seq[symbolId + 1]!
  }

  /** The next entry of the symbol's stream: its index in `buffer`, all of whose bytes the caller writes. */
  add(symbolId: number, recordSeq: number, timeNs: number): number {
    const index = symbolId + 1
    if (this.#chains.first(index) === NO_ENTRY) {
      this.#dirty[this.#dirtyCount] = index
      this.#dirtyCount += 1
    }
    this.#seq[index] = this.#seq[index]! + 1
    this.#timeNs[index] = timeNs
    this.#recordSeq[index] = recordSeq
    return this.#chains.append(index)
  }

  flush(epoch: number, sink: OutputSink): void {
    if (this.#dirtyCount === 0) return
    for (let place = 0; place < this.#dirtyCount; place++) this.#publish(this.#dirty[place]!, epoch, sink)
    this.discard()
  }

  /** Forgets what was gathered: nobody listens. */
  discard(): void {
    for (let place = 0; place < this.#dirtyCount; place++) this.#chains.clear(this.#dirty[place]!)
    this.#dirtyCount = 0
    this.#chains.recycle()
  }

  /** Tells each stream's number with an empty frame. */
  announce(epoch: number, sink: OutputSink, recordSeq: number): void {
    assert(this.#dirtyCount === 0, 'what was gathered is flushed first')
    for (let index = 0; index < this.#seq.length; index++) {
      const seq = this.#seq[index]!
      const symbolId = index + NO_SYMBOL_ID
      this.#frame.begin(this.#frameKind, this.#stride, epoch, symbolId)
      sink.output(this.#outputKind, symbolId, this.#frame.finish(seq, seq, this.#timeNs[index]!, recordSeq), recordSeq)
    }
  }

  snapshot(writer: ByteWriter): void {
    writer.uint32(this.#seq.length)
    for (let index = 0; index < this.#seq.length; index++) {
      writer.safeInteger(this.#seq[index]!)
      writer.safeInteger(this.#timeNs[index]!)
      writer.safeInteger(this.#recordSeq[index]!)
    }
  }

  restore(reader: ByteReader): void {
    assert(reader.uint32() === this.#seq.length, 'the snapshot is of the same instruments')
    for (let index = 0; index < this.#seq.length; index++) {
      this.#seq[index] = reader.safeInteger()
      this.#timeNs[index] = reader.safeInteger()
      this.#recordSeq[index] = reader.safeInteger()
    }
  }

  #publish(index: number, epoch: number, sink: OutputSink): void {
    const symbolId = index + NO_SYMBOL_ID
    const chains = this.#chains
    const frame = this.#frame
    let previousSeq = this.#seq[index]! - chains.count(index)
    let entry = chains.first(index)
    while (entry !== NO_ENTRY) {
      frame.begin(this.#frameKind, this.#stride, epoch, symbolId)
      for (; entry !== NO_ENTRY && !frame.isFull; entry = chains.next(entry)) {
        const from = entry * this.#stride
        copyDoubles(chains.buffer.float64, from >> 3, frame.buffer.float64, frame.next() >> 3, this.#stride >> 3)
      }
      const lastSeq = previousSeq + frame.count
      const recordSeq = this.#recordSeq[index]!
      const bytes = frame.finish(previousSeq, lastSeq, this.#timeNs[index]!, recordSeq)
      sink.output(this.#outputKind, symbolId, bytes, recordSeq)
      previousSeq = lastSeq
    }
    assert(previousSeq === this.#seq[index], "the last frame ends at the stream's number")
  }
}
