// An order session without manners, for measuring abuse: it numbers its commands as the engine expects them, and waits for
// nothing. What it is answered is counted.

import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { assert } from '../base/assert.ts'
import { stampSession, writeCancelOrder, writeNewOrder, writeOpenSession } from '../protocol/command-writer.ts'
import { ExecutionField } from '../protocol/frame.ts'
import { FrameFault, FrameReader } from '../protocol/frame-reader.ts'
import { EventFlag, EventKind, nameOf, OrderType, Reason, Side, TimeInForce } from '../protocol/kinds.ts'
import { COMMAND_SIZE_MAX } from '../protocol/limits.ts'
import type { MarketPlace } from './session-hop.ts'

/** How often each thing was answered, or happened. */
export class Tally {
  readonly counts = new Map<string, number>()

  add(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
  }
}

const BATCH_COUNT = 64
/** Of the orders that it guesses at: low numbers, as an engine gives them. */
const GUESS_MAX = 100_000

export class RawSession {
  readonly #clientId: number
  readonly #place: MarketPlace
  readonly #tally: Tally
  readonly #reader = new FrameReader()
  readonly #batch = new AlignedBuffer(BATCH_COUNT * COMMAND_SIZE_MAX)
  #incarnation = 0
  #nextSeq = 1
  #guess = 1
  #onOpen: () => void = () => {}
  #opening = new Uint8Array(0)

  constructor(clientId: number, place: MarketPlace, tally: Tally) {
    this.#clientId = clientId
    this.#place = place
    this.#tally = tally
  }

  get isOpen(): boolean {
    return this.#incarnation > 0
  }

  /** What opens it, to be sent again where it may have gone lost. Empty before `open`. */
  get opening(): Uint8Array {
    return this.#opening
  }

  /** Resolves when the engine has answered the message that `send` takes. */
  async open(send: (message: Uint8Array) => void): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onOpen = resolve
    const command = new AlignedBuffer(COMMAND_SIZE_MAX)
    const length = writeOpenSession(command, 0, 1 + Math.floor(Math.random() * 2 ** 31), false)
    stampSession(command, 0, this.#clientId, 0, 0)
    this.#opening = command.bytes.slice(0, length)
    send(this.#opening)
    await promise
  }

  /** New orders that never rest, numbered on. Valid until the next batch. */
  orders(): Uint8Array {
    const { symbolId, priceTicks } = this.#place
    return this.#fill((buffer, offset) =>
      writeNewOrder(buffer, offset, {
        ...{ symbolId, side: Side.BUY, orderType: OrderType.LIMIT, timeInForce: TimeInForce.IOC },
        ...{ quantityLots: 1, priceTicks, clientOrderId: this.#nextSeq },
      }),
    )
  }

  /** Cancels of whatever orders there may be. */
  guesses(): Uint8Array {
    return this.#fill((buffer, offset) => {
      this.#guess = (this.#guess % GUESS_MAX) + 1
      return writeCancelOrder(buffer, offset, this.#place.symbolId, this.#guess, 0)
    })
  }

  /** The commands that were sent last, once more. */
  repeats(): Uint8Array {
    assert(this.#nextSeq > BATCH_COUNT, 'there is something to repeat')
    this.#nextSeq -= BATCH_COUNT
    return this.orders()
  }

  onFrame(frame: Uint8Array): void {
    const reader = this.#reader
    assert(reader.read(frame) === FrameFault.NONE, 'the engine sends frames that can be read')
    for (let index = 0; index < reader.count; index++) {
      if ((reader.uint8(index, ExecutionField.FLAGS) & EventFlag.REPLY) !== 0) this.#onReply(index)
    }
  }

  #onReply(index: number): void {
    const reader = this.#reader
    const kind = reader.uint8(index, ExecutionField.KIND)
    const reason = reader.uint8(index, ExecutionField.REASON)
    this.#tally.add(reason === 0 ? nameOf(EventKind, kind) : `${nameOf(EventKind, kind)} ${nameOf(Reason, reason)}`)
    const value = reader.float64(index, ExecutionField.VALUE)
    if (reason === Reason.SEQUENCE_GAP) this.#nextSeq = value
    if (kind !== EventKind.SESSION_OPENED) return
    this.#incarnation = value
    this.#nextSeq = 1
    this.#onOpen()
  }

  #fill(write: (buffer: AlignedBuffer, offset: number) => number): Uint8Array {
    const buffer = this.#batch
    let length = 0
    for (let index = 0; index < BATCH_COUNT; index++) {
      const size = write(buffer, length)
      stampSession(buffer, length, this.#clientId, this.#incarnation, this.#nextSeq)
      this.#nextSeq += 1
      length += size
    }
    return buffer.bytes.subarray(0, length)
  }
}
