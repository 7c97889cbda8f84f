// A file system of its own, small enough to be filled: where this process may mount one.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

function run(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** null: mounting is not allowed here. */
export function mountSmallDisk(sizeKib: number): SmallDisk | null {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-disk-'))
  if (run('mount', '-t', 'tmpfs', '-o', `size=${sizeKib}k`, 'tandem-test', folder)) return new SmallDisk(folder)
  rmdirSync(folder)
  return null
}

export class SmallDisk {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** From now on nothing can be written. */
  makeReadOnly(): void {
    if (!run('mount', '-o', 'remount,ro', this.folder)) throw new Error(`${this.folder} is still written to`)
  }

  unmount(): void {
    if (!run('umount', this.folder)) throw new Error(`${this.folder} is still in use`)
    rmdirSync(this.folder)
  }
}
