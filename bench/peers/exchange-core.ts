// exchange-core, the Java engine that people pick today, over the same flow: its order book in a process of its own for
// each round, warmed up there and timed there, so that only calls of the book are in the figure.
//
// Its jars come from Maven on first use and stay in var/. Whoever lacks Java or Maven is told so, and goes without.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FlowOutcome, OrderFlow } from '../order-flow.ts'

const SOURCE_FOLDER = join(import.meta.dirname, 'exchange-core')
const CLASS_PATH_FILE = join(import.meta.dirname, '../../var/peers/exchange-core.classpath')
/** Of a process. Its compiler needs about as many. */
const WARM_UP_COUNT = 6

type Round = FlowOutcome & { readonly seconds: number }

/** Java or its packages are not to be had here. */
export class PeerMissingError extends Error {
  override name = 'PeerMissingError'
}

export class ExchangeCore {
  readonly #classPath: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-peer-'))
  readonly #flowPath = join(this.#folder, 'flow.bin')
  #last: Round | null = null

  /** Throws PeerMissingError, which says what is missing. */
  constructor({ words }: OrderFlow) {
    this.#classPath = classPath()
    writeFileSync(this.#flowPath, new Uint8Array(words.buffer, words.byteOffset, words.byteLength))
  }

  /** One warmed round; gives its seconds. */
  run(): number {
    const args = ['-cp', this.#classPath, join(SOURCE_FOLDER, 'Driver.java'), this.#flowPath, String(WARM_UP_COUNT)]
    const { status, stdout, stderr } = spawnSync('java', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`exchange-core ended with ${status}: ${stderr.trim().slice(-500)}`)
    this.#last = JSON.parse(stdout) as Round
    return this.#last.seconds
  }

  outcome(): FlowOutcome {
    const { fills, quantityLots, notional, hash, ordersLeft } = this.#last ?? failNotRun()
    return { fills, quantityLots, notional, hash, ordersLeft }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function failNotRun(): never {
  throw new Error('exchange-core has not run yet')
}

function classPath(): string {
  requireTool('java', '-version')
  if (!existsSync(CLASS_PATH_FILE)) {
    requireTool('mvn', '--version')
    mkdirSync(join(CLASS_PATH_FILE, '..'), { recursive: true })
    const goal = ['dependency:build-classpath', `-Dmdep.outputFile=${CLASS_PATH_FILE}`]
    const { status, stdout } = spawnSync('mvn', ['-q', '-B', '-f', join(SOURCE_FOLDER, 'pom.xml'), ...goal], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new PeerMissingError(`Maven could not bring exchange-core: ${stdout.trim().slice(0, 300)}`)
  }
  return readFileSync(CLASS_PATH_FILE, 'utf8').trim()
}

function requireTool(name: string, argument: string): void {
  try {
    execFileSync(name, [argument], { stdio: 'ignore' })
  } catch (error) {
    throw new PeerMissingError(`exchange-core needs ${name}, which is not here`, { cause: error })
  }
}
