// Peer frames as bytes.
//
//   0      4         6      7       8          12      16            20    24         32          40 ...          64
//   +------+---------+------+-------+----------+-------+-------------+-----+----------+-----------+--------------+------+
//   | size | version | kind | flags | checksum | epoch | incarnation | n   | position | position2 | more, by kind| body |
//   +------+---------+------+-------+----------+-------+-------------+-----+----------+-----------+--------------+------+
//    uint32 uint16    uint8  uint8   uint32     uint32  uint32        u32   float64    float64
//
// The checksum is XXH32 over bytes 12 .. size, but for APPEND, whose records have their own: there it is over the header.
// Its seed is that of bytes 0 .. 8, so that no frame is taken for one of another kind or size.
// Engines of other versions are told apart by `version`; a rolling upgrade needs both sides to read each other's.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { assert } from '../../base/assert.ts'
import { checksum } from '../../base/checksum.ts'
import type { EpochHistory } from '../journal/epoch-history.ts'
import { type PeerFrame, PeerFrameKind } from './peer-frame.ts'

/**
 * Version of the frames and of what their records may be. 1: the first. 2: the checksum covers size, version, kind and flags.
 * 3: records may be REPORT_LIMIT, which an engine that does not know it would answer otherwise.
 */
export const PEER_VERSION = 3
export const PEER_HEADER_LENGTH = 64
/** Largest frame: one catch-up chunk or snapshot part, or the records of one pass, with room to spare. */
export const PEER_FRAME_SIZE_MAX = 16 * 1024 * 1024
const CHECKSUM_AT = 8
const CHECKED_FROM = 12
const HISTORY_ENTRY_LENGTH = 16

/** Bits of the flags byte. */
const IS_PRIMARY = 1
const IS_ELIGIBLE = 2

const EMPTY = new Uint8Array(0)

/** Why bytes are no frame. */
export class PeerFrameError extends Error {
  override name = 'PeerFrameError'
}

/** Writes headers into one buffer: valid until the next call. The body follows it on the wire. */
export class PeerEncoder {
  readonly #header = new AlignedBuffer(PEER_HEADER_LENGTH)

  encode(frame: PeerFrame): { readonly header: Uint8Array; readonly body: Uint8Array } {
    const { bytes, uint32, float64 } = this.#header
    bytes.fill(0)
    bytes[4] = PEER_VERSION
    bytes[6] = frame.kind
    uint32[3] = frame.epoch
    const body = this.#encodeFields(frame)
    uint32[0] = PEER_HEADER_LENGTH + body.length
    assert(uint32[0] <= PEER_FRAME_SIZE_MAX && float64.length === 8, 'a frame within its bound')
    uint32[2] = frameChecksum(bytes, body)
    return { header: bytes, body }
  }

  #encodeFields(frame: PeerFrame): Uint8Array {
    const { bytes, uint32, float64 } = this.#header
    switch (frame.kind) {
      case PeerFrameKind.HELLO:
        uint32[4] = frame.incarnation
        return EMPTY
      case PeerFrameKind.SYNC:
        uint32[4] = frame.toIncarnation
        float64[3] = frame.history.end
        float64[4] = frame.timeBaseUnixMs
        float64[5] = frame.firstSeq
        return encodeHistory(frame.history)
      case PeerFrameKind.APPEND:
        uint32[4] = frame.toIncarnation
        float64[3] = frame.previousSeq
        float64[4] = frame.lastSeq
        float64[5] = frame.commitPosition
        return frame.records
      case PeerFrameKind.ACK:
        uint32[4] = frame.incarnation
        float64[3] = frame.position
        return EMPTY
      case PeerFrameKind.HEARTBEAT:
        uint32[4] = frame.incarnation
        bytes[7] = frame.isPrimary ? IS_PRIMARY : 0
        float64[3] = frame.commitPosition
        return EMPTY
      case PeerFrameKind.REFUSE:
        return EMPTY
      case PeerFrameKind.HAND_OVER:
        uint32[4] = frame.toIncarnation
        float64[3] = frame.position
        return EMPTY
      case PeerFrameKind.VIEW_LOST:
        uint32[4] = frame.incarnation
        uint32[5] = frame.claim.syncedEpoch
        bytes[7] = (frame.claim.isPrimary ? IS_PRIMARY : 0) | (frame.claim.isEligible ? IS_ELIGIBLE : 0)
        float64[3] = frame.claim.position
        return EMPTY
      case PeerFrameKind.VIEW_PROMISE:
        uint32[4] = frame.toIncarnation
        return EMPTY
      case PeerFrameKind.SNAPSHOT:
        uint32[4] = frame.toIncarnation
        uint32[5] = frame.recordEpoch
        float64[3] = frame.seq
        float64[4] = frame.timeNs
        float64[5] = frame.timeBaseUnixMs
        uint32[12] = frame.stateHash
        uint32[13] = frame.bodyLength
        float64[7] = frame.offset
        return frame.bytes
    }
  }
}

function frameChecksum(header: Uint8Array, body: Uint8Array): number {
  const ofBody = header[6] === PeerFrameKind.APPEND ? 0 : checksum(body, 0, body.length)
  const ofStart = checksum(header, 0, CHECKSUM_AT)
  return (checksum(header, CHECKED_FROM, PEER_HEADER_LENGTH, ofStart) ^ ofBody) >>> 0
}

/** Size of the frame that begins at byte `at` of `length`; 0: more are needed to tell. Throws PeerFrameError. */
function peerFrameSize(bytes: Uint8Array, at: number, length: number): number {
  if (length - at < 8) return 0
  const version = bytes[at + 4]! | (bytes[at + 5]! << 8)
  if (version !== PEER_VERSION) {
    throw new PeerFrameError(
      `the peer speaks version ${version} of the replication protocol, this engine ${PEER_VERSION}`,
    )
  }
  const size = (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  if (size < PEER_HEADER_LENGTH || size > PEER_FRAME_SIZE_MAX) {
    throw new PeerFrameError(
      `a frame of ${size} bytes, where ${PEER_HEADER_LENGTH} .. ${PEER_FRAME_SIZE_MAX} are allowed`,
    )
  }
  return size
}

/** The frame in exactly these bytes; what it holds refers to them. `header` is room to read in. Throws PeerFrameError. */
export function decodePeerFrame(bytes: Uint8Array, header = new AlignedBuffer(PEER_HEADER_LENGTH)): PeerFrame {
  for (let index = 0; index < PEER_HEADER_LENGTH; index++) header.bytes[index] = bytes[index]!
  const { uint32, float64 } = header
  const body = bytes.subarray(PEER_HEADER_LENGTH)
  const kind = header.bytes[6]! as PeerFrameKind
  if (uint32[2] !== frameChecksum(header.bytes, body)) {
    throw new PeerFrameError('a frame whose checksum does not match')
  }
  const epoch = uint32[3]!
  const incarnation = uint32[4]!
  const toIncarnation = incarnation
  const flags = header.bytes[7]!
  switch (kind) {
    case PeerFrameKind.HELLO:
      return { kind, epoch, incarnation }
    case PeerFrameKind.SYNC:
      return {
        ...{ kind, epoch, toIncarnation, timeBaseUnixMs: float64[4]!, firstSeq: float64[5]! },
        history: decodeHistory(body, float64[3]!),
      }
    case PeerFrameKind.APPEND: {
      const [previousSeq, lastSeq, commitPosition] = [float64[3]!, float64[4]!, float64[5]!]
      return { kind, epoch, toIncarnation, previousSeq, lastSeq, commitPosition, records: body }
    }
    case PeerFrameKind.ACK:
      return { kind, epoch, incarnation, position: float64[3]! }
    case PeerFrameKind.HEARTBEAT:
      return { kind, epoch, incarnation, isPrimary: (flags & IS_PRIMARY) !== 0, commitPosition: float64[3]! }
    case PeerFrameKind.REFUSE:
      return { kind, epoch }
    case PeerFrameKind.HAND_OVER:
      return { kind, epoch, toIncarnation, position: float64[3]! }
    case PeerFrameKind.VIEW_LOST: {
      const [isPrimary, isEligible] = [(flags & IS_PRIMARY) !== 0, (flags & IS_ELIGIBLE) !== 0]
      return {
        kind,
        epoch,
        incarnation,
        claim: { syncedEpoch: uint32[5]!, isEligible, isPrimary, position: float64[3]! },
      }
    }
    case PeerFrameKind.VIEW_PROMISE:
      return { kind, epoch, toIncarnation }
    case PeerFrameKind.SNAPSHOT:
      return {
        ...{ kind, epoch, toIncarnation, timeBaseUnixMs: float64[5]!, seq: float64[3]!, timeNs: float64[4]! },
        ...{
          recordEpoch: uint32[5]!,
          stateHash: uint32[12]!,
          bodyLength: uint32[13]!,
          offset: float64[7]!,
          bytes: body,
        },
      }
    default:
      throw new PeerFrameError(`a frame of the unknown kind ${String(kind)}`)
  }
}

/** 16 bytes for each epoch: its number and its first record. */
function encodeHistory({ starts }: EpochHistory): Uint8Array {
  const pairs = new Float64Array(starts.length * 2)
  starts.forEach(({ epoch, firstSeq }, index) => {
    pairs[index * 2] = epoch
    pairs[index * 2 + 1] = firstSeq
  })
  return new Uint8Array(pairs.buffer)
}

function decodeHistory(body: Uint8Array, end: number): EpochHistory {
  if (body.length % HISTORY_ENTRY_LENGTH !== 0) throw new PeerFrameError(`a history of ${body.length} bytes`)
  const pairs = new Float64Array(Uint8Array.from(body).buffer)
  const starts = Array.from({ length: pairs.length / 2 }, (_, index) => ({
    epoch: pairs[index * 2]!,
    firstSeq: pairs[index * 2 + 1]!,
  }))
  return { starts, end }
}

/** Cuts a stream of bytes into frames. A frame is valid until the next call. */
export class PeerFrameAssembler {
  readonly #header = new AlignedBuffer(PEER_HEADER_LENGTH)
  /** The beginning of a frame whose end has not come yet. */
  #bytes = EMPTY
  #length = 0

  /** Throws PeerFrameError: the stream is of no use any more. */
  push(chunk: Uint8Array, onFrame: (frame: PeerFrame) => void): void {
    if (this.#length === 0) {
      // Nearly always a chunk is whole frames: they are read where they are.
      const at = this.#cut(chunk, chunk.length, onFrame)
      if (at < chunk.length) this.#take(chunk.subarray(at))
      return
    }
    this.#take(chunk)
    const at = this.#cut(this.#bytes, this.#length, onFrame)
    this.#bytes.copyWithin(0, at, this.#length)
    this.#length -= at
  }

  /** Hands over the whole frames; returns where the first that is not whole begins. */
  #cut(bytes: Uint8Array, length: number, onFrame: (frame: PeerFrame) => void): number {
    let at = 0
    while (true) {
      const size = peerFrameSize(bytes, at, length)
      if (size === 0 || length - at < size) return at
      onFrame(decodePeerFrame(bytes.subarray(at, at + size), this.#header))
      at += size
    }
  }

  #take(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(needed * 2)
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    this.#bytes.set(chunk, this.#length)
    this.#length = needed
  }
}
