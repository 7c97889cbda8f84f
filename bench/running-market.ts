// A whole market as real processes, for measurements of what people see: `./tandem sim` with given options.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const launcher = join(import.meta.dirname, '../tandem')

export class RunningMarket {
  readonly pageUrl: string
  readonly natsUrl: string
  /** The operator's, for the NATS server. */
  readonly credentials: string
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(child: ChildProcess, folder: string, pageUrl: string) {
    this.#child = child
    this.#folder = folder
    this.pageUrl = pageUrl
    const running = JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8')) as { natsUrl: string }
    this.natsUrl = running.natsUrl
    this.credentials = join(folder, 'credentials', 'operator.json')
  }

  /** Resolves when the market is open; rejects with what was said when it ends before. */
  static async start(options: readonly string[]): Promise<RunningMarket> {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-market-'))
    const args = ['sim', '--data-dir', folder, '--port', '0', ...options]
    const child = spawn(launcher, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    process.once('exit', () => child.kill('SIGTERM'))
    let said = ''
    const opened = new Promise<string>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-16_384)
        const url = /the market is open: (http\S+)/.exec(said)?.[1]
        if (url !== undefined) resolve(url)
      })
      child.once('exit', () => reject(new Error(`the market did not open:\n${said}`)))
    })
    return new RunningMarket(child, folder, await opened)
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await ended
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
