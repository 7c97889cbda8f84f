// Files of a journal that somebody has in memory, such as a page that fetched them: a storage that can only be read.

import { must } from '../../base/assert.ts'
import type { Storage } from './storage.ts'

/** A file was to be changed that can only be read: a mistake of the program. */
function refuse(): never {
  throw new TypeError('given files are only read')
}

export class GivenFiles implements Storage {
  readonly location: string
  readonly #files: ReadonlyMap<string, Uint8Array>

  readonly create = refuse
  readonly prepare = refuse
  readonly write = refuse
  readonly clearFrom = refuse
  readonly sync = refuse
  readonly syncNow = refuse
  readonly save = refuse
  readonly saveNow = refuse
  readonly rename = refuse
  readonly remove = refuse
  readonly removeNow = refuse

  /** `location`: what messages call the place. */
  constructor(location: string, files: ReadonlyMap<string, Uint8Array>) {
    this.location = location
    this.#files = files
  }

  list(): string[] {
    return [...this.#files.keys()].sort()
  }

  size(name: string): number {
    return this.#bytes(name).length
  }

  read(name: string, position: number, target: Uint8Array): number {
    const part = this.#bytes(name).subarray(position, position + target.length)
    target.set(part)
    return part.length
  }

  #bytes(name: string): Uint8Array {
    return must(this.#files.get(name), 'a file that was given')
  }
}
