// A disk in memory: for tests and for the simulator, which decides when a sync ends and what a power loss leaves.

import { assert } from '../../base/assert.ts'
import type { Done, Storage } from './storage.ts'

type File = {
  bytes: Uint8Array
  /** What a power loss would leave. */
  durable: Uint8Array
  /** Counts the syncs that were asked for, and the newest of them that has ended. */
  askedCount: number
  durableCount: number
}

export class MemoryStorage implements Storage {
  readonly location = 'memory'
  readonly #files = new Map<string, File>()
  readonly #pending: (() => void)[] = []
  readonly #isImmediate: boolean

  /** `isImmediate`: whatever is asked for is done at once; else when `complete` is called. */
  constructor(isImmediate = true) {
    this.#isImmediate = isImmediate
  }

  /** Requests that wait for the disk. */
  get pendingCount(): number {
    return this.#pending.length
  }

  /** The disk answers the oldest `count` requests. */
  complete(count = this.#pending.length): void {
    for (const action of this.#pending.splice(0, count)) action()
  }

  /** What was not synced is gone, and so is every request that was under way. */
  losePower(): void {
    this.#pending.length = 0
    for (const file of this.#files.values()) file.bytes = file.durable.slice()
  }

  /** The process died: its requests get no answer, its writes stay. */
  crash(): void {
    this.#pending.length = 0
  }

  list(): string[] {
    return [...this.#files.keys()].sort()
  }

  size(name: string): number {
    return this.#file(name).bytes.length
  }

  read(name: string, position: number, target: Uint8Array): number {
    const { bytes } = this.#file(name)
    const length = Math.max(0, Math.min(target.length, bytes.length - position))
    target.set(bytes.subarray(position, position + length))
    return length
  }

  create(name: string, size: number): void {
    assert(!this.#files.has(name), `${name} is created once`)
    const [bytes, durable] = [new Uint8Array(size), new Uint8Array(size)]
    this.#files.set(name, { bytes, durable, askedCount: 0, durableCount: 0 })
  }

  prepare(name: string, size: number, done: Done): void {
    this.#later(() => {
      this.create(name, size)
      done(null)
    })
  }

  write(name: string, position: number, bytes: Uint8Array): void {
    const file = this.#file(name)
    assert(position + bytes.length <= file.bytes.length, 'writes stay inside the file')
    file.bytes.set(bytes, position)
  }

  clearFrom(name: string, position: number): void {
    this.#file(name).bytes.fill(0, position)
  }

  sync(name: string, done: Done): void {
    const file = this.#file(name)
    // What is written between the request and its end may be lost.
    const requested = file.bytes.slice()
    const request = ++file.askedCount
    this.#later(() => {
      if (request > file.durableCount) {
        file.durable = requested
        file.durableCount = request
      }
      done(null)
    })
  }

  syncNow(name: string): void {
    const file = this.#file(name)
    file.durable = file.bytes.slice()
    file.durableCount = ++file.askedCount
  }

  save(name: string, bytes: Uint8Array, done: Done): void {
    const copy = bytes.slice()
    this.#later(() => {
      this.#files.set(name, { bytes: copy, durable: copy.slice(), askedCount: 0, durableCount: 0 })
      done(null)
    })
  }

  saveNow(name: string, bytes: Uint8Array): void {
    this.#files.set(name, { bytes: bytes.slice(), durable: bytes.slice(), askedCount: 0, durableCount: 0 })
  }

  rename(from: string, to: string): void {
    const file = this.#file(from)
    this.#files.delete(from)
    this.#files.set(to, file)
  }

  remove(name: string): void {
    this.#file(name)
    this.#files.delete(name)
  }

  removeNow(name: string): void {
    this.remove(name)
  }

  #file(name: string): File {
    const file = this.#files.get(name)
    assert(file !== undefined, `there is a file ${name}`)
    return file
  }

  #later(action: () => void): void {
    if (this.#isImmediate) action()
    else this.#pending.push(action)
  }
}
