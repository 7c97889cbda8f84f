// Hostile bytes on a direct session, and hostile frames to a client: the stream is cut into the messages that were sent or
// refused by name, and a frame that is taken has the shape that it claims.

import type { Prng } from '../../base/prng.ts'
import {
  DIRECT_VERSION,
  DirectAssembler,
  DirectKind,
  DirectWireError,
  decodeHello,
  encodeDirect,
  encodeHello,
} from '../../protocol/direct-wire.ts'
import { FrameHeader } from '../../protocol/frame.ts'
import { FrameFault, FrameReader } from '../../protocol/frame-reader.ts'
import { FrameWriter } from '../../protocol/frame-writer.ts'
import { FrameKind, nameOf } from '../../protocol/kinds.ts'
import { randomCommand, stamped } from './command-inputs.ts'
import { type FuzzSubject, type FuzzTarget, Outcomes } from './fuzz-target.ts'
import { chunksOf, joined, mutate, pick, randomBytes } from './mutate.ts'

const FRAME_KINDS = Object.values(FrameKind)
/** No layout is longer. */
const STRIDE = 256
const ENTRY_COUNT_MAX = 4

export const sessionTarget: FuzzTarget = {
  name: 'session',
  summary: 'bytes of direct sessions, and frames to clients: cut as sent, or refused by name',
  covers: ['protocol/direct-wire.ts', 'protocol/frame-reader.ts'],
  open: () => new SessionSubject(),
}

class SessionSubject implements FuzzSubject {
  readonly outcomes = new Outcomes()
  readonly #writer = new FrameWriter()
  readonly #reader = new FrameReader()

  execute(random: Prng): string | undefined {
    return random.nextChance(0.5) ? this.#speak(random) : this.#publish(random)
  }

  close(): void {}

  /** A connection: HELLO and commands, of which one message is damaged. */
  #speak(random: Prng): string | undefined {
    const hello = { version: DIRECT_VERSION, clientId: random.nextBelow(2_000), clusterId: 'fuzz' }
    const messages = [encodeHello(hello), ...Array.from({ length: random.nextBelow(4) }, () => commandsOf(random))]
    const damagedIndex = random.nextBelow(messages.length)
    const damaged = mutate(random, messages[damagedIndex]!)
    const stream = joined(...messages.map((message, index) => (index === damagedIndex ? damaged : message)))
    const received: Uint8Array[] = []
    const assembler = new DirectAssembler()
    let outcome = 'cut'
    try {
      for (const chunk of chunksOf(random, stream)) {
        assembler.push(chunk, (kind, body) => {
          if (kind === DirectKind.HELLO) decodeHello(body)
          received.push(encodeDirect(kind as DirectKind, body))
        })
      }
    } catch (error) {
      if (!(error instanceof DirectWireError)) throw error
      outcome = error.message.replaceAll(/\d+/g, 'n')
    }
    this.outcomes.add(outcome)
    for (let index = 0; index < damagedIndex; index++) {
      const isSame = index < received.length && Buffer.compare(received[index]!, messages[index]!) === 0
      if (!isSame) return 'a message arrived otherwise than it was sent'
    }
    const length = received.reduce((sum, message) => sum + message.length, 0)
    return length > stream.length ? 'more arrived than was sent' : undefined
  }

  /** A frame to a client. */
  #publish(random: Prng): string | undefined {
    const writer = this.#writer
    writer.begin(pick(random, FRAME_KINDS), STRIDE, random.nextBelow(100), random.nextBetween(-1, 3))
    const count = random.nextBelow(ENTRY_COUNT_MAX + 1)
    for (let entry = 0; entry < count; entry++) {
      const at = writer.next()
      if (random.nextChance(0.5)) writer.buffer.bytes.set(randomBytes(random, STRIDE), at)
    }
    const seq = random.nextBelow(1_000)
    const whole = writer.finish(seq, seq + count, seq, seq)
    const frame = mutate(random, whole)
    const reader = this.#reader
    const fault = reader.read(frame)
    this.outcomes.add(`frame: ${nameOf(FrameFault, fault)}`)
    if (fault !== FrameFault.NONE) return reader.count === 0 ? undefined : 'a refused frame has entries'
    if (FrameHeader.LENGTH + reader.count * reader.stride !== frame.length) return 'a frame of another length was taken'
    const numbers = [reader.previousSeq, reader.lastSeq, reader.timeNs, reader.recordSeq]
    if (!numbers.every((value) => Number.isSafeInteger(value) && value >= 0))
      return 'a frame with odd numbers was taken'
    // In a snapshot `previousSeq` counts the entries of the parts that follow.
    const isSnapshot = reader.kind === FrameKind.L2_SNAPSHOT || reader.kind === FrameKind.L3_SNAPSHOT
    return isSnapshot || reader.lastSeq >= reader.previousSeq ? undefined : 'a frame that runs backwards was taken'
  }
}

function commandsOf(random: Prng): Uint8Array {
  return encodeDirect(DirectKind.COMMANDS, stamped(randomCommand(random), 10, 1, random.nextBelow(100)))
}
