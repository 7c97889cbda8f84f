// exchange-core, the Java engine that people pick today: its order book under a driver of our own.
//
// Its jars come from Maven on first use and stay in var/. Whoever lacks Java or Maven is told so, and goes without.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Driver, PEER_FOLDER, PeerMissingError, requireTool } from './child-peer.ts'

const NAME = 'exchange-core'
const SOURCE_FOLDER = join(import.meta.dirname, NAME)
const CLASS_PATH_FILE = join(PEER_FOLDER, `${NAME}.classpath`)
/** Its compiler needs about as many. */
const WARM_UP_COUNT = 6

/** Throws PeerMissingError, which says what is missing. */
export function exchangeCore(): Driver {
  const command = ['java', '-cp', classPath(), join(SOURCE_FOLDER, 'Driver.java')] as const
  return { name: NAME, command: [...command], warmUpCount: WARM_UP_COUNT }
}

function classPath(): string {
  requireTool(NAME, 'java', '-version')
  if (!existsSync(CLASS_PATH_FILE)) {
    requireTool(NAME, 'mvn', '--version')
    mkdirSync(PEER_FOLDER, { recursive: true })
    const goal = ['dependency:build-classpath', `-Dmdep.outputFile=${CLASS_PATH_FILE}`]
    const { status, stdout } = spawnSync('mvn', ['-q', '-B', '-f', join(SOURCE_FOLDER, 'pom.xml'), ...goal], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new PeerMissingError(`Maven could not bring ${NAME}: ${stdout.trim().slice(0, 300)}`)
  }
  return readFileSync(CLASS_PATH_FILE, 'utf8').trim()
}
