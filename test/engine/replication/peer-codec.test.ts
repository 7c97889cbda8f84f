// Peer frames on the wire: each kind comes back as it was, in whatever pieces; nothing else is taken for one.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodePeerFrame,
  PEER_FRAME_SIZE_MAX,
  PEER_VERSION,
  PeerEncoder,
  PeerFrameAssembler,
  PeerFrameError,
} from '../../../engine/replication/peer-codec.ts'
import { type PeerFrame, PeerFrameKind } from '../../../engine/replication/peer-frame.ts'

const bytes = Uint8Array.from({ length: 72 }, (_, index) => index)
const history = {
  starts: [
    { epoch: 1, firstSeq: 1 },
    { epoch: 4, firstSeq: 90 },
  ],
  end: 2 ** 40,
}
const claim = { syncedEpoch: 3, isEligible: true, isPrimary: false, position: 12 }

const FRAMES: readonly PeerFrame[] = [
  { kind: PeerFrameKind.HELLO, epoch: 7, incarnation: 4_000_000_000 },
  { kind: PeerFrameKind.SYNC, epoch: 7, toIncarnation: 9, timeBaseUnixMs: 1.7e12, firstSeq: 33, history },
  {
    ...{ kind: PeerFrameKind.APPEND, epoch: 7, toIncarnation: 9 },
    ...{ previousSeq: 5, lastSeq: 2 ** 50, commitPosition: 4, records: bytes },
  },
  { kind: PeerFrameKind.ACK, epoch: 7, incarnation: 9, position: -1 },
  { kind: PeerFrameKind.HEARTBEAT, epoch: 7, incarnation: 9, isPrimary: true, commitPosition: 99 },
  { kind: PeerFrameKind.REFUSE, epoch: 0xffff_ffff },
  { kind: PeerFrameKind.HAND_OVER, epoch: 7, toIncarnation: 9, position: 11 },
  { kind: PeerFrameKind.VIEW_LOST, epoch: 7, incarnation: 9, claim },
  { kind: PeerFrameKind.VIEW_PROMISE, epoch: 7, toIncarnation: 9 },
  {
    ...{ kind: PeerFrameKind.SNAPSHOT, epoch: 7, toIncarnation: 9, timeBaseUnixMs: 1.7e12, seq: 50, timeNs: 3 },
    ...{ recordEpoch: 6, stateHash: 0xdead_beef, bodyLength: 144, offset: 72, bytes },
  },
]

function encode(frame: PeerFrame): Uint8Array {
  const { header, body } = new PeerEncoder().encode(frame)
  return Uint8Array.from([...header, ...body])
}

function nameOfKind({ kind }: PeerFrame): string {
  return Object.entries(PeerFrameKind).find(([, value]) => value === kind)?.[0] ?? ''
}

test('there is an example of each kind', () => {
  expect(FRAMES.map(nameOfKind).sort()).toEqual(Object.keys(PeerFrameKind).sort())
})

test.each(FRAMES.map((frame) => [nameOfKind(frame), frame] as const))('%s comes back as it was', (_name, frame) => {
  expect(decodePeerFrame(encode(frame))).toEqual(frame)
})

describe('a stream', () => {
  test('is cut into the same frames, however it arrives', () => {
    const stream = Buffer.concat(FRAMES.map(encode))
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 50 }), (sizes) => {
        const assembler = new PeerFrameAssembler()
        const heard: PeerFrame[] = []
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length]!
          assembler.push(stream.subarray(at, at + size), (frame) => heard.push(structuredClone(frame)))
          at += size
        }
        expect(heard.length).toBe(FRAMES.length)
        heard.forEach((frame, index) => {
          expect(frame).toEqual(FRAMES[index])
        })
      }),
      { numRuns: 100 },
    )
  })

  test('of another version is refused by name', () => {
    const frame = encode(FRAMES[0]!)
    frame[4] = PEER_VERSION + 1
    expect(() => new PeerFrameAssembler().push(frame, () => {})).toThrow(
      `version ${PEER_VERSION + 1} of the replication protocol, this engine ${PEER_VERSION}`,
    )
  })

  test('that claims too much is refused before anything is held for it', () => {
    const frame = encode(FRAMES[0]!)
    new DataView(frame.buffer).setUint32(0, PEER_FRAME_SIZE_MAX + 1, true)
    expect(() => new PeerFrameAssembler().push(frame, () => {})).toThrow(PeerFrameError)
  })

  test('with any one bit flipped is no frame, or for records one that they themselves unmask', () => {
    for (const frame of FRAMES) {
      const whole = encode(frame)
      for (let bit = 0; bit < whole.length * 8; bit++) {
        const isRecord = frame.kind === PeerFrameKind.APPEND && bit >= 64 * 8
        const damaged = whole.slice()
        damaged[bit >> 3]! ^= 1 << (bit & 7)
        if (!isRecord) expect(() => decodePeerFrame(damaged)).toThrow(PeerFrameError)
      }
    }
  })
})
