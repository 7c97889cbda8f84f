// One nats-server as a child process: writes its configuration, starts it, learns its port, stops it.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isLoopback } from '../../protocol/io/loopback.ts'
import { UserError } from '../cli/output.ts'

export type NatsServerOptions = {
  readonly binary: string
  /** Holds its configuration and its JetStream store. */
  readonly dataDir: string
  readonly host: string
  /** 0: any free port. A server that is started again is given the port that it had, where its clients look for it. */
  readonly port: number
  /** Who may do what: the `authorization` block of its configuration. null: everybody may everything. */
  readonly authorization: string | null
}

export type NatsServer = {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Resolves with a sentence when the process has ended, asked or not. */
  readonly exited: Promise<string>
  stop(): Promise<void>
}

const READY_MS_MAX = 10_000
const STOP_MS_MAX = 5_000

/** Resolves when the server accepts clients. */
export async function startNatsServer(options: NatsServerOptions): Promise<NatsServer> {
  assertReachableByRight(options)
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
  const configPath = join(options.dataDir, 'nats-server.conf')
  writeFileSync(configPath, configText(options), { mode: 0o600 })
  const child = spawn(options.binary, ['-c', configPath], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // A process group of its own: Ctrl-C must not end it before those that depend on it.
    detached: true,
  })
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
    child.once('error', (error) => resolve(error.message))
  })
  const port = await listeningPort(child, exited)
  return {
    url: `nats://${options.host}:${port}`,
    port,
    pid: child.pid ?? 0,
    exited,
    stop: () => stop(child, exited),
  }
}

/** A server that asks nobody who they are may be reached from this machine only. */
function assertReachableByRight({ host, authorization }: NatsServerOptions): void {
  if (authorization !== null || isLoopback(host)) return
  throw new UserError(
    `a nats-server that asks nobody who they are does not listen on ${host}`,
    'Give it users (./tandem credentials makes them), or let it listen on 127.0.0.1.',
  )
}

/**
 * `sync_interval: always` makes an acknowledged change of the JetStream store survive a power loss; servers before 2.10
 * do not know it.
 */
function configText({ binary, dataDir, host, port, authorization }: NatsServerOptions): string {
  const sync = knowsSyncInterval(binary) ? ', sync_interval: always' : ''
  return [
    '# Written at each start.',
    `listen: "${host}:${port === 0 ? -1 : port}"`,
    `jetstream { store_dir: ${JSON.stringify(join(dataDir, 'jetstream'))}${sync} }`,
    authorization ?? '',
  ].join('\n')
}

function knowsSyncInterval(binary: string): boolean {
  const text = execFileSync(binary, ['--version'], { encoding: 'utf8' })
  const version = /v?(\d+)\.(\d+)\.\d+/.exec(text)
  if (version === null) throw new UserError(`${binary} does not tell its version (it said: ${text.trim()})`)
  const [major, minor] = [Number(version[1]), Number(version[2])]
  return major > 2 || (major === 2 && minor >= 10)
}

/** The server tells on stderr where it listens and that it is ready. What it said last explains a failure. */
async function listeningPort(child: ChildProcess, exited: Promise<string>): Promise<number> {
  let said = ''
  const ready = new Promise<number>((resolve) => {
    child.stderr?.setEncoding('utf8')
    child.stderr?.on('data', (text: string) => {
      said = (said + text).slice(-8_192)
      const port = /Listening for client connections on .*:(\d+)/.exec(said)
      if (port !== null && said.includes('Server is ready')) resolve(Number(port[1]))
    })
  })
  const late = Promise.withResolvers<string>()
  const deadline = setTimeout(() => late.resolve(`it was not ready within ${READY_MS_MAX} ms`), READY_MS_MAX)
  const outcome = await Promise.race([ready, exited, late.promise])
  clearTimeout(deadline)
  if (typeof outcome === 'number') return outcome
  child.kill('SIGKILL')
  const complaint = said.split('\n').filter((line) => /\[(ERR|FTL)\]|nats-server:/.test(line))
  throw new UserError(`nats-server did not start (${outcome})${complaint.map((line) => `\n  ${line}`).join('')}`)
}

async function stop(child: ChildProcess, exited: Promise<string>): Promise<void> {
  child.kill('SIGTERM')
  const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
  await exited
  clearTimeout(deadline)
}
