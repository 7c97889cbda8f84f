// What a journal needs of a disk: flat files in one directory. The real one is engine/io/file-storage.ts; the twin in
// memory is memory-storage.ts. Reads and writes are synchronous; what can take long answers through a callback.

export type Done = (error: Error | null) => void

export type Storage = {
  /** Where it is, for messages. */
  readonly location: string
  /** Names of the files, in ascending order. */
  list(): string[]
  size(name: string): number
  /** Reads from `position` until `target` is full or the file ends. Returns the bytes read. */
  read(name: string, position: number, target: Uint8Array): number
  /** Makes a file of `size` zero bytes, allocated on the disk. Throws DiskFullError. */
  create(name: string, size: number): void
  /** The same without making the caller wait. */
  prepare(name: string, size: number, done: Done): void
  write(name: string, position: number, bytes: Uint8Array): void
  /** Leaves zeros from `position` on. A crash in between leaves all of the bytes or none, once they are synced. */
  clearFrom(name: string, position: number): void
  /** Asks for the file's data to be on the disk. */
  sync(name: string, done: Done): void
  /** The same, and waits for it. For the rare moments when the order on the disk matters. */
  syncNow(name: string): void
  /** Writes a whole file so that it is there whole or not at all, also after a power loss. */
  save(name: string, bytes: Uint8Array, done: Done): void
  /** The same, and waits for it. */
  saveNow(name: string, bytes: Uint8Array): void
  rename(from: string, to: string): void
  remove(name: string): void
  /** The same, so that it is gone also after a power loss. */
  removeNow(name: string): void
}
