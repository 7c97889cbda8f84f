// A disk that takes everything at once and keeps only what a running engine reads back: for measuring what an engine does
// without its disk. All segments share their bytes, so that a long run needs no more memory than a short one.

import { assert } from '../base/assert.ts'
import type { Done, Storage } from '../engine/journal/storage.ts'

export class InstantDisk implements Storage {
  readonly location = 'nowhere'
  /** Files that were saved whole. */
  readonly #saved = new Map<string, Uint8Array>()
  /** Sizes of the files that are written in place. */
  readonly #sizes = new Map<string, number>()
  #shared = new Uint8Array(0)

  list(): string[] {
    return [...this.#saved.keys(), ...this.#sizes.keys()].sort()
  }

  size(name: string): number {
    return this.#saved.get(name)?.length ?? this.#sizes.get(name) ?? 0
  }

  read(name: string, position: number, target: Uint8Array): number {
    const bytes = this.#saved.get(name) ?? new Uint8Array(0)
    const part = bytes.subarray(position, position + target.length)
    target.set(part)
    return part.length
  }

  create(name: string, size: number): void {
    this.#sizes.set(name, size)
    if (size > this.#shared.length) this.#shared = new Uint8Array(size)
  }

  prepare(name: string, size: number, done: Done): void {
    this.create(name, size)
    done(null)
  }

  write(_name: string, position: number, bytes: Uint8Array): void {
    assert(position + bytes.length <= this.#shared.length, 'writes stay inside the file')
    this.#shared.set(bytes, position)
  }

  clearFrom(): void {}

  sync(_name: string, done: Done): void {
    done(null)
  }

  syncNow(): void {}

  save(name: string, bytes: Uint8Array, done: Done): void {
    this.saveNow(name, bytes)
    done(null)
  }

  saveNow(name: string, bytes: Uint8Array): void {
    this.#saved.set(name, bytes.slice())
  }

  rename(from: string, to: string): void {
    this.#sizes.set(to, this.size(from))
    this.#sizes.delete(from)
  }

  remove(name: string): void {
    this.#sizes.delete(name)
    this.#saved.delete(name)
  }

  removeNow(name: string): void {
    this.remove(name)
  }
}
