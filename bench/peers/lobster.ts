// lobster, a limit order book in Rust, under a driver of our own.
//
// Cargo fetches it and builds the driver on first use, into var/. Whoever lacks Cargo is told so, and goes without.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type Driver, PEER_FOLDER, PeerMissingError, requireTool } from './child-peer.ts'

const NAME = 'lobster'
const MANIFEST = join(import.meta.dirname, NAME, 'Cargo.toml')
const TARGET_FOLDER = join(PEER_FOLDER, NAME)
/** Nothing is compiled as it runs, and the driver's own untimed run has touched everything. */
const WARM_UP_COUNT = 0

/** Throws PeerMissingError, which says what is missing. */
export function lobster(): Driver {
  requireTool(NAME, 'cargo', '--version')
  const fetched = cargo('fetch')
  if (fetched.status !== 0) {
    throw new PeerMissingError(`Cargo could not bring ${NAME}: ${fetched.stderr.trim().slice(0, 300)}`)
  }
  const built = cargo('build', '--release', '--offline', '--target-dir', TARGET_FOLDER)
  if (built.status !== 0) throw new Error(`Cargo could not build ${NAME}: ${built.stderr.trim().slice(-500)}`)
  return { name: NAME, command: [join(TARGET_FOLDER, 'release/lobster-peer')], warmUpCount: WARM_UP_COUNT }
}

function cargo(command: string, ...args: readonly string[]) {
  return spawnSync('cargo', [command, '--quiet', '--manifest-path', MANIFEST, ...args], { encoding: 'utf8' })
}
