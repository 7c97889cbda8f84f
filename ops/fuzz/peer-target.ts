// Hostile peers: no bytes get past the handshake without the secret, and a stream of damaged frames ends with an error that
// says why; frames that were not damaged arrive as they were sent.

import type { Prng } from '../../base/prng.ts'
import { openingBytes, PeerHandshake, PeerHandshakeError } from '../../engine/io/peer-handshake.ts'
import {
  PEER_HEADER_LENGTH,
  PEER_VERSION,
  PeerEncoder,
  PeerFrameAssembler,
  PeerFrameError,
} from '../../engine/replication/peer-codec.ts'
import { type PeerFrame, PeerFrameKind } from '../../engine/replication/peer-frame.ts'
import { type FuzzSubject, type FuzzTarget, Outcomes } from './fuzz-target.ts'
import { chunksOf, joined, mutate, randomBytes } from './mutate.ts'

const IDENTITY = { clusterId: 'fuzz', secret: 'a secret that no stranger can guess' }
const PROOF_LENGTH = 32
/** In a frame's header. */
const KIND_AT = 6

export const peerTarget: FuzzTarget = {
  name: 'peer',
  summary: 'bytes on the peer link: nobody gets in without the secret, and no damaged frame arrives',
  covers: ['engine/io/peer-handshake.ts', 'engine/replication/peer-codec.ts'],
  open: () => new PeerSubject(),
}

class PeerSubject implements FuzzSubject {
  readonly outcomes = new Outcomes()
  readonly #encoder = new PeerEncoder()

  execute(random: Prng): string | undefined {
    return random.nextChance(0.05) ? this.#knock(random) : this.#speak(random)
  }

  close(): void {}

  /** A stranger at the door. */
  #knock(random: Prng): string | undefined {
    const handshake = new PeerHandshake(IDENTITY, random.nextChance(0.5), () => {})
    const opening = joined(openingBytes(IDENTITY.clusterId, PEER_VERSION), randomBytes(random, 2 * PROOF_LENGTH))
    const bytes = random.nextChance(0.5) ? opening : mutate(random, opening)
    try {
      for (const chunk of chunksOf(random, bytes)) {
        if (handshake.push(chunk) !== null) return 'a stranger was let in'
      }
    } catch (error) {
      if (!(error instanceof PeerHandshakeError)) throw error
      this.outcomes.add(error.message.replaceAll(/\d+/g, 'n'))
      return undefined
    }
    this.outcomes.add('still waiting for a proof')
    return undefined
  }

  /** A stream of frames, of which one is damaged. */
  #speak(random: Prng): string | undefined {
    const frames = Array.from({ length: random.nextBetween(1, 4) }, () => this.#encode(randomFrame(random)))
    const damagedIndex = random.nextBelow(frames.length)
    const damaged = mutate(random, frames[damagedIndex]!)
    const isChanged = Buffer.compare(damaged, frames[damagedIndex]!) !== 0
    const stream = joined(...frames.map((frame, index) => (index === damagedIndex ? damaged : frame)))
    const received: Uint8Array[] = []
    const assembler = new PeerFrameAssembler()
    let outcome = 'more is needed'
    try {
      for (const chunk of chunksOf(random, stream)) {
        assembler.push(chunk, (frame) => received.push(this.#encode(frame)))
      }
    } catch (error) {
      if (!(error instanceof PeerFrameError)) throw error
      outcome = error.message.replaceAll(/\d+/g, 'n')
    }
    this.outcomes.add(received.length === frames.length ? 'all frames' : outcome)
    for (let index = 0; index < Math.min(received.length, damagedIndex); index++) {
      if (Buffer.compare(received[index]!, frames[index]!) !== 0) return 'a frame arrived otherwise than it was sent'
    }
    if (!isChanged && received.length !== frames.length) return 'an undamaged stream was refused'
    const isForeign = received.slice(damagedIndex).some((frame) => !frames.some((sent) => isTakenFor(frame, sent)))
    return isForeign ? 'a damaged frame was believed' : undefined
  }

  #encode(frame: PeerFrame): Uint8Array {
    const { header, body } = this.#encoder.encode(frame)
    return joined(header, body)
  }
}

/** Records have checksums of their own, which the journal looks at: of their frame the header must be right. */
function isTakenFor(received: Uint8Array, sent: Uint8Array): boolean {
  const isAppend = received[KIND_AT] === PeerFrameKind.APPEND
  const length = isAppend ? PEER_HEADER_LENGTH : received.length
  return Buffer.compare(received.subarray(0, length), isAppend ? sent.subarray(0, length) : sent) === 0
}

function randomFrame(random: Prng): PeerFrame {
  const epoch = random.nextBelow(1_000)
  const incarnation = random.nextUint32()
  const seq = random.nextBelow(1_000_000)
  switch (random.nextBelow(6)) {
    case 0:
      return { kind: PeerFrameKind.HELLO, epoch, incarnation }
    case 1:
      return { kind: PeerFrameKind.ACK, epoch, incarnation, position: seq }
    case 2:
      return { kind: PeerFrameKind.HEARTBEAT, epoch, incarnation, isPrimary: true, commitPosition: seq }
    case 3: {
      const starts = Array.from({ length: random.nextBelow(5) }, (_, index) => ({ epoch: index, firstSeq: index + 1 }))
      const history = { starts, end: seq }
      return { kind: PeerFrameKind.SYNC, epoch, toIncarnation: incarnation, timeBaseUnixMs: seq, firstSeq: 1, history }
    }
    case 4: {
      const place = { previousSeq: seq, lastSeq: seq + 1, commitPosition: seq }
      const records = randomBytes(random, 200)
      return { kind: PeerFrameKind.APPEND, epoch, toIncarnation: incarnation, ...place, records }
    }
    default:
      return {
        ...{ kind: PeerFrameKind.SNAPSHOT, epoch, toIncarnation: incarnation, timeBaseUnixMs: seq, seq, timeNs: seq },
        ...{
          recordEpoch: epoch,
          stateHash: incarnation,
          bodyLength: 4_096,
          offset: 0,
          bytes: randomBytes(random, 300),
        },
      }
  }
}
