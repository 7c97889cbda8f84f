// Starts one process of the cluster and waits until it serves. What runs is a role of this same command line, or the
// nats-server; both look alike to the supervisor from here on.

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ReadyMessage } from '../roles/run-role.ts'

/** A process that serves. */
export type Launched = {
  readonly pid: number
  /** What only the process itself knows, such as the gateway's URL. */
  readonly details: Readonly<Record<string, unknown>>
  /** Resolves with a sentence when the process has ended, asked or not. */
  readonly exited: Promise<string>
  stop(): Promise<void>
}

/** The process ended, or stayed silent, before it served. The message says what it said last. */
export class LaunchError extends Error {
  override name = 'LaunchError'
}

export type RoleLaunch = {
  /** The verb and its arguments, as one would type them. */
  readonly args: readonly string[]
  /** Arguments of Node itself, beside our own. */
  readonly nodeArgs?: readonly string[]
  /** Variables beside our own. */
  readonly env?: Readonly<Record<string, string>>
  /** Takes all that the process prints; appended to. */
  readonly logPath: string
  /** Told as soon as the process is there, before it serves. */
  readonly onSpawn: (pid: number) => void
  /** Aborted: stop it, though it does not serve yet. */
  readonly signal: AbortSignal
}

const mainPath = join(import.meta.dirname, '../cli/main.ts')
/** A killed process whose memory is in large pages is gone 10 ms sooner, and its peer hears of it as much sooner. */
const LARGE_PAGES = 'glibc.malloc.hugetlb=1'
const READY_MS_MAX = 60_000
const STOP_MS_MAX = 8_000

export async function launchRole({ args, nodeArgs, env, logPath, onSpawn, signal }: RoleLaunch): Promise<Launched> {
  const log = openSync(logPath, 'a', 0o600)
  const child = spawn(process.execPath, [...process.execArgv, ...(nodeArgs ?? []), mainPath, ...args], {
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...process.env, GLIBC_TUNABLES: process.env.GLIBC_TUNABLES ?? LARGE_PAGES, ...env },
    // A process group of its own: Ctrl-C reaches the supervisor alone, which then stops the others in order.
    detached: true,
  })
  closeSync(log)
  const exited = exitOf(child)
  if (child.pid !== undefined) onSpawn(child.pid)
  const giveUp = () => child.kill('SIGTERM')
  signal.addEventListener('abort', giveUp)
  const details = await readyOf(child, exited, logPath)
  signal.removeEventListener('abort', giveUp)
  return { pid: child.pid ?? 0, details, exited, stop: () => stopProcess(child, exited) }
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
    child.once('error', (error) => resolve(error.message))
  })
}

async function readyOf(
  child: ChildProcess,
  exited: Promise<string>,
  logPath: string,
): Promise<Readonly<Record<string, unknown>>> {
  const ready = new Promise<ReadyMessage>((resolve) => {
    child.on('message', (message) => {
      if ((message as Partial<ReadyMessage>).ready === true) resolve(message as ReadyMessage)
    })
  })
  const late = Promise.withResolvers<string>()
  const deadline = setTimeout(() => late.resolve(`not ready within ${READY_MS_MAX / 1_000} s`), READY_MS_MAX)
  const outcome = await Promise.race([ready, exited, late.promise])
  clearTimeout(deadline)
  if (typeof outcome !== 'string') return outcome.details
  child.kill('SIGKILL')
  throw new LaunchError(`${outcome}: ${lastWords(logPath)}`)
}

async function stopProcess(child: ChildProcess, exited: Promise<string>): Promise<void> {
  child.kill('SIGTERM')
  // A process that was paused would never see the first signal.
  const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
  await exited
  clearTimeout(deadline)
}

/** What a log ends with, as a person would read it: the command line's error if there is one, else the last line. */
function lastWords(logPath: string): string {
  const lines = readFileSync(logPath, 'utf8').slice(-4_096).trimEnd().split('\n')
  const error = lines.findLastIndex((line) => /^(?:tandem|error): /.test(line))
  if (error !== -1)
    return lines
      .slice(error)
      .join('\n')
      .replace(/^(?:tandem|error): /, '')
  const line = lines.at(-1) ?? ''
  try {
    const entry = JSON.parse(line) as { msg?: unknown }
    return typeof entry.msg === 'string' ? entry.msg : line
  } catch {
    return line === '' ? 'it said nothing' : line
  }
}
