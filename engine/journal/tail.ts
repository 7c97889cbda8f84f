// Takes bytes off the end of a segment and keeps them in a file of their own: nothing that was written is deleted unseen.

import type { Storage } from './storage.ts'

/** Moves what stands in the segment from byte `from` on into the file `keptIn`, and leaves zeros. */
export function setTailAside(storage: Storage, name: string, from: number, keptIn: string): void {
  const size = storage.size(name)
  const tail = new Uint8Array(size - from)
  storage.read(name, from, tail)
  let used = tail.length
  while (used > 0 && tail[used - 1] === 0) used -= 1
  replaceFile(storage, keptIn, tail.subarray(0, used))
  storage.clearFrom(name, from)
}

/** Moves a whole segment out of the journal's names. */
export function setSegmentAside(storage: Storage, name: string, keptIn: string): void {
  if (storage.list().includes(keptIn)) storage.remove(keptIn)
  storage.rename(name, keptIn)
}

function replaceFile(storage: Storage, name: string, bytes: Uint8Array): void {
  if (storage.list().includes(name)) storage.remove(name)
  storage.create(name, bytes.length)
  storage.write(name, 0, bytes)
  storage.syncNow(name)
}
