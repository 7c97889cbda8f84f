// How the two engines make sure of each other before either believes a byte of the other's: a shared secret, proven both
// ways without being sent, by HMAC-SHA256 over both sides' random numbers (challenge and response; RFC 2104, and the
// three-pass mutual authentication of ISO/IEC 9798-4).
//
//   dialler                                            listener
//   |---- opening: version, hash of cluster id, number d ->|
//   |<--- opening: version, cluster, number l,
//         proof HMAC(secret, "listener" l d cluster) -----|
//   |---- proof HMAC(secret, "dialler" d l cluster) ----->|
//
// Each message is one block of OPENING_LENGTH or PROOF_LENGTH bytes. Who has not proven itself in time, or says anything
// else, is let go; nothing it sent has reached an engine. An empty secret proves nothing: for the loopback address alone.

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readSecretFile, SecretFileError } from '../../protocol/io/secret-file.ts'
import { PEER_VERSION } from '../replication/peer-codec.ts'

/** Version of the handshake; what follows it has PEER_VERSION. */
const MAGIC = Buffer.from('TANDEM-PEER-1\n', 'latin1')
const CLUSTER_LENGTH = 32
const NUMBER_LENGTH = 32
export const PROOF_LENGTH = 32
const VERSION_AT = MAGIC.length
const CLUSTER_AT = VERSION_AT + 2
const NUMBER_AT = CLUSTER_AT + CLUSTER_LENGTH
export const OPENING_LENGTH = NUMBER_AT + NUMBER_LENGTH
const SECRET_LENGTH_MIN = 32

export type PeerIdentity = {
  readonly clusterId: string
  /** Shared by the two engines; empty: none. */
  readonly secret: string
}

/** Why the other side is not our peer. */
export class PeerHandshakeError extends Error {
  override name = 'PeerHandshakeError'
}

/** The text of a new secret file. */
export function newPeerSecret(): string {
  return `${randomBytes(32).toString('base64url')}\n`
}

/** The secret in a file. Throws SecretFileError. */
export function readPeerSecret(path: string): string {
  const secret = readSecretFile(path).trim()
  if (secret.length >= SECRET_LENGTH_MIN) return secret
  throw new SecretFileError(`${path} holds no secret: at least ${SECRET_LENGTH_MIN} characters are needed`)
}

/** One side of a handshake: bytes in, bytes out. */
export class PeerHandshake {
  readonly #identity: PeerIdentity
  readonly #isDialler: boolean
  readonly #number = randomBytes(NUMBER_LENGTH)
  readonly #send: (bytes: Buffer) => void
  #received = Buffer.alloc(0)
  #peerNumber: Buffer | null = null

  /** A dialler speaks first: at once. */
  constructor(identity: PeerIdentity, isDialler: boolean, send: (bytes: Buffer) => void) {
    this.#identity = identity
    this.#isDialler = isDialler
    this.#send = send
    if (isDialler) send(this.#opening())
  }

  /**
   * Takes what the other side said. Null: more is needed. Else the peer is known, and what it sent behind the handshake is
   * returned. Throws PeerHandshakeError.
   */
  push(chunk: Uint8Array): Buffer | null {
    this.#received = Buffer.concat([this.#received, chunk])
    if (this.#peerNumber === null && !this.#takeOpening()) return null
    if (this.#received.length < PROOF_LENGTH) return null
    const proof = this.#received.subarray(0, PROOF_LENGTH)
    const other = this.#isDialler ? 'listener' : 'dialler'
    if (!timingSafeEqual(proof, this.#proof(other, this.#peerNumber!, this.#number))) {
      throw new PeerHandshakeError('the peer does not know the secret of this cluster (--peer-secret)')
    }
    if (this.#isDialler) this.#send(this.#proof('dialler', this.#number, this.#peerNumber!))
    return this.#received.subarray(PROOF_LENGTH)
  }

  #takeOpening(): boolean {
    this.#checkOpening()
    if (this.#received.length < OPENING_LENGTH) return false
    this.#peerNumber = Buffer.from(this.#received.subarray(NUMBER_AT, OPENING_LENGTH))
    this.#received = this.#received.subarray(OPENING_LENGTH)
    if (!this.#isDialler) {
      this.#send(Buffer.concat([this.#opening(), this.#proof('listener', this.#number, this.#peerNumber)]))
    }
    return true
  }

  /** As soon as a byte is wrong, so that a stranger who says little is known for one. */
  #checkOpening(): void {
    const said = this.#received
    const seen = Math.min(said.length, MAGIC.length)
    if (!said.subarray(0, seen).equals(MAGIC.subarray(0, seen))) {
      throw new PeerHandshakeError('whoever connected to the peer link is no engine')
    }
    if (said.length < CLUSTER_AT) return
    const version = said.readUInt16LE(VERSION_AT)
    if (version !== PEER_VERSION) {
      throw new PeerHandshakeError(
        `the peer speaks version ${version} of the replication protocol, this engine ${PEER_VERSION}`,
      )
    }
    if (said.length < NUMBER_AT) return
    if (!said.subarray(CLUSTER_AT, NUMBER_AT).equals(hashOf(this.#identity.clusterId))) {
      throw new PeerHandshakeError(`the peer is of another cluster than ${this.#identity.clusterId}`)
    }
  }

  #opening(): Buffer {
    return openingBytes(this.#identity.clusterId, PEER_VERSION, this.#number)
  }

  #proof(side: 'dialler' | 'listener', own: Buffer, others: Buffer): Buffer {
    return createHmac('sha256', this.#identity.secret)
      .update(`tandem peer ${side} ${PEER_VERSION}\n`)
      .update(own)
      .update(others)
      .update(hashOf(this.#identity.clusterId))
      .digest()
  }
}

/** What a side says first. */
export function openingBytes(clusterId: string, peerVersion: number, number = randomBytes(NUMBER_LENGTH)): Buffer {
  const version = Buffer.alloc(2)
  version.writeUInt16LE(peerVersion)
  return Buffer.concat([MAGIC, version, hashOf(clusterId), number])
}

function hashOf(clusterId: string): Buffer {
  return createHash('sha256').update(clusterId).digest()
}
