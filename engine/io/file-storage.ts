// A journal's files in a directory of the file system.

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { open as openFile, rename as renameFile, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { DiskFullError, DiskWriteError, JournalLockedError } from '../journal/journal-errors.ts'
import type { Done, Storage } from '../journal/storage.ts'

const LOCK = 'lock'
const ZEROS = new Uint8Array(1024 * 1024)

export class FileStorage implements Storage {
  readonly location: string
  readonly #descriptors = new Map<string, number>()
  readonly #isReadOnly: boolean
  #isClosed = false

  private constructor(location: string, isReadOnly: boolean) {
    this.location = location
    this.#isReadOnly = isReadOnly
  }

  /** Takes the directory for this process alone; makes it where there is none. Throws JournalLockedError. */
  static open(directory: string): FileStorage {
    const location = resolve(directory)
    asDiskError(location, () => {
      try {
        mkdirSync(location, { recursive: true, mode: 0o700 })
      } catch (error) {
        // Tells a read-only file system from a folder that is not there.
        accessSync(dirname(location), constants.W_OK)
        throw error
      }
    })
    takeLock(location)
    return new FileStorage(location, false)
  }

  /** Looks only: the directory may be in use by an engine. */
  static openReadOnly(directory: string): FileStorage {
    const location = resolve(directory)
    if (!existsSync(location) || !statSync(location).isDirectory()) {
      throw new DiskWriteError(`${location} is no directory. Name the directory that an engine keeps its journal in.`)
    }
    return new FileStorage(location, true)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const descriptor of this.#descriptors.values()) closeSync(descriptor)
    this.#descriptors.clear()
    if (!this.#isReadOnly) unlinkSync(join(this.location, LOCK))
  }

  list(): string[] {
    return readdirSync(this.location).sort()
  }

  size(name: string): number {
    return fstatSync(this.#descriptor(name)).size
  }

  read(name: string, position: number, target: Uint8Array): number {
    const descriptor = this.#descriptor(name)
    let length = 0
    while (length < target.length) {
      const count = readSync(descriptor, target, length, target.length - length, position + length)
      if (count === 0) break
      length += count
    }
    return length
  }

  create(name: string, size: number): void {
    const path = join(this.location, name)
    asDiskError(path, () => {
      const descriptor = openSync(path, 'wx+', 0o600)
      try {
        for (let at = 0; at < size; ) at += writeSync(descriptor, ZEROS, 0, Math.min(ZEROS.length, size - at), at)
        fsyncSync(descriptor)
      } catch (error) {
        closeSync(descriptor)
        unlinkSync(path)
        throw error
      }
      this.#descriptors.set(name, descriptor)
      this.#syncDirectory()
    })
  }

  prepare(name: string, size: number, done: Done): void {
    const path = join(this.location, name)
    void this.#inBackground(path, done, async () => {
      const file = await openFile(path, 'wx+', 0o600)
      try {
        for (let at = 0; at < size; ) {
          at += (await file.write(ZEROS, 0, Math.min(ZEROS.length, size - at), at)).bytesWritten
        }
        await file.sync()
      } catch (error) {
        await unlink(path)
        throw error
      } finally {
        await file.close()
      }
    })
  }

  write(name: string, position: number, bytes: Uint8Array): void {
    const descriptor = this.#descriptor(name)
    try {
      let written = 0
      while (written < bytes.length) {
        written += writeSync(descriptor, bytes, written, bytes.length - written, position + written)
      }
    } catch (error) {
      throw diskErrorOf(join(this.location, name), error)
    }
  }

  clearFrom(name: string, position: number): void {
    const descriptor = this.#descriptor(name)
    asDiskError(join(this.location, name), () => {
      const { size } = fstatSync(descriptor)
      // Cutting off and growing again is one step each for the file system; writing zeros could stop half-way.
      ftruncateSync(descriptor, position)
      ftruncateSync(descriptor, size)
      fsyncSync(descriptor)
    })
  }

  sync(name: string, done: Done): void {
    fdatasync(this.#descriptor(name), (error) => {
      this.#answer(done, error === null ? null : diskErrorOf(join(this.location, name), error))
    })
  }

  syncNow(name: string): void {
    asDiskError(join(this.location, name), () => fdatasyncSync(this.#descriptor(name)))
  }

  save(name: string, bytes: Uint8Array, done: Done): void {
    const path = join(this.location, name)
    void this.#inBackground(path, done, async () => {
      const file = await openFile(`${path}.tmp`, 'w', 0o600)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await renameFile(`${path}.tmp`, path)
      if (!this.#isClosed) this.#syncDirectory()
    })
  }

  saveNow(name: string, bytes: Uint8Array): void {
    const path = join(this.location, name)
    asDiskError(path, () => {
      const descriptor = openSync(`${path}.tmp`, 'w', 0o600)
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
        fsyncSync(descriptor)
      } finally {
        closeSync(descriptor)
      }
      renameSync(`${path}.tmp`, path)
      this.#syncDirectory()
    })
  }

  rename(from: string, to: string): void {
    asDiskError(join(this.location, from), () => {
      renameSync(join(this.location, from), join(this.location, to))
      const descriptor = this.#descriptors.get(from)
      this.#descriptors.delete(from)
      if (descriptor !== undefined) this.#descriptors.set(to, descriptor)
      this.#syncDirectory()
    })
  }

  remove(name: string): void {
    asDiskError(join(this.location, name), () => {
      const descriptor = this.#descriptors.get(name)
      if (descriptor !== undefined) closeSync(descriptor)
      this.#descriptors.delete(name)
      unlinkSync(join(this.location, name))
    })
  }

  removeNow(name: string): void {
    this.remove(name)
    asDiskError(this.location, () => this.#syncDirectory())
  }

  #descriptor(name: string): number {
    let descriptor = this.#descriptors.get(name)
    if (descriptor === undefined) {
      descriptor = openSync(join(this.location, name), this.#isReadOnly ? 'r' : 'r+')
      this.#descriptors.set(name, descriptor)
    }
    return descriptor
  }

  #syncDirectory(): void {
    const descriptor = openSync(this.location, 'r')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  }

  async #inBackground(path: string, done: Done, action: () => Promise<void>): Promise<void> {
    let failure: Error | null = null
    try {
      await action()
    } catch (error) {
      failure = diskErrorOf(path, error)
    }
    this.#answer(done, failure)
  }

  /** After `close` nobody waits for an answer any more. */
  #answer(done: Done, error: Error | null): void {
    if (!this.#isClosed) done(error)
  }
}

/** The lock names a process and when it started, so that the number of a dead one, used again, holds nobody up. */
function takeLock(location: string): void {
  const path = join(location, LOCK)
  const own = `${process.pid} ${startTimeOf(process.pid) ?? 'unknown'}\n`
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(path, own, { flag: 'wx', mode: 0o600 })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw diskErrorOf(path, error)
    }
    const [pid = '', started = ''] = readFileSync(path, 'utf8').trim().split(' ')
    if (isAlive(Number(pid), started)) {
      throw new JournalLockedError(
        `${location} is in use by process ${pid}. Stop that engine, or name another directory.`,
      )
    }
    unlinkSync(path)
  }
  throw new JournalLockedError(`${location} is being taken by another engine at this moment.`)
}

function isAlive(pid: number, started: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = startTimeOf(pid)
  return now === null || started === 'unknown' || now === started
}

/** Clock ticks since boot at which the process started; null where there is no /proc. */
function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

function asDiskError(path: string, action: () => void): void {
  try {
    action()
  } catch (error) {
    throw diskErrorOf(path, error)
  }
}

function diskErrorOf(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const message = error instanceof Error ? error.message : String(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new DiskFullError(`${path}: the disk is full. Free some space, then start the engine again.`, {
      cause: error,
    })
  }
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return new DiskWriteError(
      `${path}: cannot be written (${code}). Mount the disk writable, or name another directory.`,
      {
        cause: error,
      },
    )
  }
  return new DiskWriteError(`${path}: ${message}`, { cause: error })
}
