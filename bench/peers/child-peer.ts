// A peer in another language, over the same flow: its driver runs in a process of its own for each round, warmed up there
// and timed there, so that only calls of its book are in the figure.
//
// The driver gets the path of the flow and the number of warm-up runs as its last arguments, and prints one line of JSON.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FlowOutcome, OrderFlow } from '../order-flow.ts'

/** What is built or fetched for peers stays here. */
export const PEER_FOLDER = join(import.meta.dirname, '../../var/peers')

type Round = FlowOutcome & { readonly seconds: number }

export type Driver = {
  readonly name: string
  /** The program and its first arguments. */
  readonly command: readonly [string, ...string[]]
  /** Runs of a process before the one that is timed. */
  readonly warmUpCount: number
}

/** The tools or the packages of a peer are not to be had here. */
export class PeerMissingError extends Error {
  override name = 'PeerMissingError'
}

export class ChildPeer {
  readonly name: string
  readonly #driver: Driver
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-peer-'))
  readonly #flowPath = join(this.#folder, 'flow.bin')
  #last: Round | null = null

  constructor(driver: Driver, { words }: Pick<OrderFlow, 'words'>) {
    this.name = driver.name
    this.#driver = driver
    writeFileSync(this.#flowPath, new Uint8Array(words.buffer, words.byteOffset, words.byteLength))
  }

  /** One warmed round; gives its seconds. */
  run(): number {
    const [program, ...first] = this.#driver.command
    const args = [...first, this.#flowPath, String(this.#driver.warmUpCount)]
    const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
    if (error !== undefined) throw new Error(`${this.name} could not be started: ${error.message}`, { cause: error })
    if (status !== 0) throw new Error(`${this.name} ended with ${status}: ${stderr.trim().slice(-500)}`)
    this.#last = JSON.parse(stdout) as Round
    return this.#last.seconds
  }

  outcome(): FlowOutcome {
    if (this.#last === null) throw new Error(`${this.name} has not run yet`)
    const { fills, quantityLots, notional, hash, ordersLeft } = this.#last
    return { fills, quantityLots, notional, hash, ordersLeft }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Throws PeerMissingError where the program cannot be started. */
export function requireTool(peer: string, program: string, argument: string): void {
  const { status, error } = spawnSync(program, [argument], { stdio: 'ignore' })
  if (status !== 0) throw new PeerMissingError(`${peer} needs ${program}, which is not here`, { cause: error })
}
