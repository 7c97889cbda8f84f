// A group of processes that gets a core only where nobody else wants it, and gives it up at once when somebody does. A low
// priority alone does not do that: whoever runs keeps the core for a slice of a millisecond or more, whoever waits for it.
//
// It is a control group of Linux with `cpu.idle` (the kernel's cgroup-v2.rst; version 1 has it, too), which takes the right to
// make one. Where there is none, the group changes nothing.

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Of the processor's controller in version 1, and of all in version 2. */
const ROOTS = ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup']
const MEMBERS = 'cgroup.procs'

export class IdleGroup {
  /** null: there is none. */
  readonly #path = makeGroup()
  readonly #onExit = () => this.remove()

  constructor() {
    process.once('exit', this.#onExit)
  }

  add(pid: number): void {
    if (this.#path !== null) writeFileSync(join(this.#path, MEMBERS), String(pid))
  }

  /** Whoever is in it yet goes on outside. */
  remove(): void {
    process.off('exit', this.#onExit)
    if (this.#path === null || !existsSync(this.#path)) return
    for (const pid of readFileSync(join(this.#path, MEMBERS), 'utf8').split('\n')) {
      if (pid !== '') moveOut(this.#path, pid)
    }
    rmdirSync(this.#path)
  }
}

function makeGroup(): string | null {
  for (const root of ROOTS) {
    const path = join(root, `tandem-idle-${process.pid}`)
    try {
      mkdirSync(path)
    } catch {
      continue
    }
    if (existsSync(join(path, 'cpu.idle'))) {
      writeFileSync(join(path, 'cpu.idle'), '1')
      return path
    }
    rmdirSync(path)
  }
  return null
}

function moveOut(path: string, pid: string): void {
  try {
    writeFileSync(join(path, '..', MEMBERS), pid)
  } catch {
    // It has ended meanwhile.
  }
}
