// Ends the children when the supervisor is gone in a way that let it do nothing, such as kill -9.
//
// The guard is a small shell that reads our pipe: a line names the processes to end. When the pipe closes, because this
// process has died or has closed it, the guard ends those that are left, first politely, then for good. It ignores the
// terminal's signals, which reach the whole process group.

import { type ChildProcess, spawn } from 'node:child_process'

const SCRIPT = `
trap '' INT TERM HUP
pids=
while read -r line; do pids=$line; done
[ -n "$pids" ] || exit 0
kill -TERM $pids 2>/dev/null
for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  kill -0 $pids 2>/dev/null || exit 0
  sleep 0.2
done
kill -KILL $pids 2>/dev/null
exit 0
`

export class Guard {
  readonly #shell: ChildProcess
  readonly #pids = new Set<number>()

  constructor() {
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'] })
    // The guard can be killed too; then there is nobody to write to, and the roles still end by their closed channel.
    this.#shell.stdin?.on('error', () => {})
    this.#shell.on('error', () => {})
  }

  add(pid: number): void {
    this.#pids.add(pid)
    this.#tell()
  }

  remove(pid: number): void {
    this.#pids.delete(pid)
    this.#tell()
  }

  /** Lets the guard go. What was not removed is ended. */
  close(): void {
    this.#shell.stdin?.end()
  }

  #tell(): void {
    this.#shell.stdin?.write(`${[...this.#pids].join(' ')}\n`)
  }
}
