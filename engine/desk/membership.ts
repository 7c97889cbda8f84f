// Which strategy nodes are present: those that registered, and renewed their presence in time.
//
// A node is a client; one life of it is an incarnation, that of its session. When its client opens another session the
// old incarnation may do nothing any more, but its place is kept until its presence ends: a node that restarts quickly
// keeps its symbols.

import { must } from '../../base/assert.ts'
import { type ByteReader, ByteReaderError } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { NODE_COUNT_MAX } from '../../protocol/limits.ts'

export type Member = {
  readonly clientId: number
  incarnation: number
  /** First registered, without having gone since. */
  readonly joinedNs: number
  /** Its presence ends then. */
  presenceNs: number
  /** Nothing is granted to it until it renews: a lease of its ran out, or its client has begun anew. */
  isSilent: boolean
}

export class Membership {
  readonly #members = new Map<number, Member>()
  #clientIds: readonly number[] = []
  #earliestNs = Number.POSITIVE_INFINITY

  get count(): number {
    return this.#members.size
  }

  /** Client ids of the present nodes, ascending. */
  get clientIds(): readonly number[] {
    return this.#clientIds
  }

  /** When the next presence ends; Infinity when nobody is present. */
  get earliestNs(): number {
    return this.#earliestNs
  }

  find(clientId: number): Member | undefined {
    return this.#members.get(clientId)
  }

  member(clientId: number): Member {
    return must(this.#members.get(clientId), 'the node is present')
  }

  add(clientId: number, incarnation: number, nowNs: number, presenceNs: number): void {
    this.#members.set(clientId, { clientId, incarnation, joinedNs: nowNs, presenceNs, isSilent: false })
    this.#changed()
  }

  remove(clientId: number): void {
    this.#members.delete(clientId)
    this.#changed()
  }

  setPresence(member: Member, presenceNs: number): void {
    member.presenceNs = presenceNs
    this.#findEarliest()
  }

  snapshot(writer: ByteWriter): void {
    writer.uint32(this.#clientIds.length)
    for (const clientId of this.#clientIds) {
      const member = this.member(clientId)
      writer.uint32(clientId)
      writer.uint32(member.incarnation)
      writer.safeInteger(member.joinedNs)
      writer.safeInteger(member.presenceNs)
      writer.uint8(member.isSilent ? 1 : 0)
    }
  }

  restore(reader: ByteReader): void {
    const count = reader.uint32()
    if (count > NODE_COUNT_MAX) throw new ByteReaderError(`${count} nodes, more than ${NODE_COUNT_MAX}`)
    for (let index = 0; index < count; index++) {
      const clientId = reader.uint32()
      const incarnation = reader.uint32()
      const joinedNs = reader.safeInteger()
      const presenceNs = reader.safeInteger()
      const isSilent = reader.uint8() === 1
      this.#members.set(clientId, { clientId, incarnation, joinedNs, presenceNs, isSilent })
    }
    this.#changed()
  }

  #changed(): void {
    this.#clientIds = [...this.#members.keys()].sort((one, other) => one - other)
    this.#findEarliest()
  }

  #findEarliest(): void {
    this.#earliestNs = Number.POSITIVE_INFINITY
    for (const { presenceNs } of this.#members.values()) this.#earliestNs = Math.min(this.#earliestNs, presenceNs)
  }
}
