// A real `./tandem sim` for a test: started with given arguments, watched line by line, and ended with all that it started.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Report } from '../../ops/cli/output.ts'
import { isAlive } from '../../ops/supervisor/data-dir.ts'

const launcher = join(import.meta.dirname, '../../tandem')

export class SimProcess {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'tandem-sim-test-'))
  /** Every process that it told of, in order. */
  readonly pids: number[] = []
  readonly exited: Promise<number | null>
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()
  #stdout = ''
  #stderr = ''
  #ended = false

  constructor(args: readonly string[]) {
    const options = ['sim', '--data-dir', this.dataDir, '--port', '0', ...args]
    this.#child = spawn(launcher, options, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NATS_URL: '' } })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
      for (const [, pid] of text.matchAll(/is (?:up|back) \(pid (\d+)\)/g)) this.pids.push(Number(pid))
      for (const look of this.#waiting) look()
    })
    this.exited = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        this.#ended = true
        for (const look of this.#waiting) look()
        resolve(code)
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** What it said on stderr. */
  get log(): string {
    return this.#stderr
  }

  /** Resolves with the match as soon as stderr holds it; rejects with all it said when it ends without. */
  said(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(this.#stderr)
        if (found === null && !this.#ended) return
        this.#waiting.delete(look)
        if (found === null) reject(new Error(`it ended without saying ${pattern}:\n${this.#stderr}`))
        else resolve(found)
      }
      this.#waiting.add(look)
      look()
    })
  }

  /** The process id that a process of the cluster has now. */
  async pidOf(name: string): Promise<number> {
    await this.said(new RegExp(`^${name} is up`, 'm'))
    const all = [...this.#stderr.matchAll(new RegExp(`^${name} is (?:up|back) \\(pid (\\d+)\\)`, 'gm'))]
    return Number(all.at(-1)?.[1])
  }

  /** The report on the last line of stdout. */
  async report(): Promise<Report & { readonly ok: boolean }> {
    await this.exited
    const line = this.#stdout.trimEnd().split('\n').at(-1) ?? ''
    return JSON.parse(line) as Report & { ok: boolean }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Those of its processes that are still there. */
  survivors(): number[] {
    return this.pids.filter(isAlive)
  }

  /** Ends what is left and removes the data. */
  async dispose(): Promise<void> {
    if (!this.#ended) this.#child.kill('SIGKILL')
    await this.exited
    for (const pid of this.survivors()) process.kill(pid, 'SIGKILL')
    rmSync(this.dataDir, { recursive: true, force: true })
  }
}
