// The disk of one machine. It keeps what was written when a process dies, forgets what was not synced when the power goes,
// answers late, fills up, flips bits, and can end the process at any single step.

import { assert, must } from '../base/assert.ts'
import { NS_PER_MS } from '../base/clock.ts'
import { DiskFullError } from '../engine/journal/journal-errors.ts'
import type { Done, Storage } from '../engine/journal/storage.ts'
import type { World } from './world.ts'

/** The process that uses the disk is gone, in the middle of what it was doing. */
export class ProcessEnd extends Error {
  override name = 'ProcessEnd'
}

/** A write that a power loss may undo: what was there before. */
type Unsynced = { readonly position: number; readonly before: Uint8Array; readonly number: number }

type File = { bytes: Uint8Array; unsynced: Unsynced[] }

const SECTOR_SIZE = 512
const SYNC_NS = 0.3 * NS_PER_MS

export class SimulatedDisk implements Storage {
  readonly location: string
  isFull = false
  /** Added to the time that a sync takes. */
  extraNs = 0
  readonly #world: World
  #files = new Map<string, File>()
  #writeCount = 0
  /** Of the process that uses it: requests of an earlier one get no answer. */
  #generation = 0
  #stepsLeft = Number.POSITIVE_INFINITY

  constructor(world: World, location: string) {
    this.#world = world
    this.location = location
  }

  /** The process ends at the `steps`-th step from now on. */
  endProcessAfter(steps: number): void {
    this.#stepsLeft = steps
  }

  /** The process died: its requests get no answer, its writes stay. */
  onProcessEnd(): void {
    this.#generation += 1
    this.#stepsLeft = Number.POSITIVE_INFINITY
  }

  /** Of what was not synced, some sectors are on the disk and some are not. */
  losePower(): void {
    const { random } = this.#world
    for (const file of this.#files.values()) {
      for (const { position, before } of file.unsynced.reverse()) {
        if (random.nextChance(0.3)) continue
        const isWhole = random.nextChance(0.5)
        for (let at = 0; at < before.length; at += SECTOR_SIZE) {
          if (!isWhole && random.nextChance(0.5)) continue
          file.bytes.set(before.subarray(at, at + SECTOR_SIZE), position + at)
        }
      }
      file.unsynced = []
    }
  }

  /** One bit of a segment is not what was written. Says where, or null where there is nothing to damage. */
  flipBit(): string | null {
    const { random } = this.#world
    const names = this.list().filter((name) => name.startsWith('segment-'))
    const name = names[random.nextBelow(Math.max(1, names.length))]
    if (name === undefined) return null
    const { bytes } = this.#file(name)
    // The last records are spared: damage there cannot be told from a write that was cut short.
    const end = bytes.findLastIndex((byte) => byte !== 0) - 2_048
    if (end < 1_024) return null
    const at = random.nextBetween(512, end)
    bytes[at]! ^= 1 << random.nextBelow(8)
    return `${name}, byte ${at}`
  }

  /** Everything is gone. */
  wipe(): void {
    this.#files = new Map()
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
    this.#step()
    assert(!this.#files.has(name), `${name} is created once`)
    if (this.isFull) throw new DiskFullError(`${this.location}/${name}: no room`)
    this.#files.set(name, { bytes: new Uint8Array(size), unsynced: [] })
  }

  prepare(name: string, size: number, done: Done): void {
    this.#later(() => {
      if (this.isFull) {
        done(new DiskFullError(`${this.location}/${name}: no room`))
        return
      }
      this.create(name, size)
      done(null)
    })
  }

  write(name: string, position: number, bytes: Uint8Array): void {
    const file = this.#file(name)
    assert(position + bytes.length <= file.bytes.length, 'writes stay inside the file')
    let { length } = bytes
    // A write that the end of the process cuts short.
    if (this.#stepsLeft <= 1) length = this.#world.random.nextBelow(length + 1)
    this.#writeCount += 1
    file.unsynced.push({ position, before: file.bytes.slice(position, position + length), number: this.#writeCount })
    file.bytes.set(bytes.subarray(0, length), position)
    this.#step()
  }

  clearFrom(name: string, position: number): void {
    const file = this.#file(name)
    this.#step()
    file.bytes.fill(0, position)
    file.unsynced = file.unsynced.filter((unsynced) => unsynced.position < position)
  }

  sync(name: string, done: Done): void {
    const file = this.#file(name)
    const number = this.#writeCount
    this.#later(() => {
      file.unsynced = file.unsynced.filter((write) => write.number > number)
      done(null)
    })
  }

  syncNow(name: string): void {
    this.#step()
    this.#file(name).unsynced = []
  }

  save(name: string, bytes: Uint8Array, done: Done): void {
    const copy = bytes.slice()
    this.#later(() => {
      if (this.isFull) {
        done(new DiskFullError(`${this.location}/${name}: no room`))
        return
      }
      this.#files.set(name, { bytes: copy, unsynced: [] })
      done(null)
    })
  }

  saveNow(name: string, bytes: Uint8Array): void {
    this.#step()
    if (this.isFull) throw new DiskFullError(`${this.location}/${name}: no room`)
    this.#files.set(name, { bytes: bytes.slice(), unsynced: [] })
  }

  rename(from: string, to: string): void {
    this.#step()
    const file = this.#file(from)
    this.#files.delete(from)
    this.#files.set(to, file)
  }

  remove(name: string): void {
    this.#step()
    this.#file(name)
    this.#files.delete(name)
  }

  removeNow(name: string): void {
    this.remove(name)
  }

  #file(name: string): File {
    return must(this.#files.get(name), `there is a file ${name}`)
  }

  #step(): void {
    this.#stepsLeft -= 1
    if (this.#stepsLeft <= 0) throw new ProcessEnd('at a step of the disk')
  }

  #later(action: () => void): void {
    const generation = this.#generation
    const { schedule, random } = this.#world
    const delayNs = SYNC_NS * (0.5 + random.nextFloat() * 2) + this.extraNs * random.nextFloat()
    schedule.after(delayNs, () => {
      if (generation === this.#generation) this.onAnswer(action)
    })
  }

  /** How an answer reaches the process: set by whoever runs it. */
  onAnswer: (action: () => void) => void = (action) => action()
}
