// Runs one role as the process: starts it, says that it is ready, and stops it when asked or when its parent is gone.
//
// How a parent and a role talk (the supervisor's side is ops/supervisor/child.ts): the role is started with Node's IPC
// channel. It sends one message `{ ready: true, details }` when it serves; details is what only the role knows, such as
// the gateway's URL. It stops on SIGTERM and SIGINT, and when the channel closes, which it does when the parent dies in
// whatever way, so that no role outlives its supervisor. A role started by hand has no channel and lives by signals.

import type { Logger } from 'pino'
import { printError } from '../cli/output.ts'

export type Role = {
  /** Ends the role's work in order. Called once. */
  stop(): Promise<void>
  /** Told to the parent once the role is ready. */
  readonly details?: Readonly<Record<string, unknown>>
}

export type ReadyMessage = { readonly ready: true; readonly details: Readonly<Record<string, unknown>> }

/** A role that does not stop within this time is ended. */
const STOP_MS_MAX = 5_000

/** Resolves when the role has stopped; the process then ends by itself with exit code 0. */
export async function runRole(name: string, log: Logger, start: () => Promise<Role>): Promise<void> {
  const stopRequested = new Promise<string>((resolve) => {
    process.once('SIGINT', () => resolve('SIGINT'))
    process.once('SIGTERM', () => resolve('SIGTERM'))
    if (process.connected) process.once('disconnect', () => resolve('the supervisor is gone'))
  })
  // Asked to stop before it was ready: there is nothing to end in order yet.
  const started = await Promise.race([start(), stopRequested]).catch((error: unknown) => {
    // What it had opened already, such as a connection, must not keep it.
    printError(error, false)
    process.exit(1)
  })
  if (typeof started === 'string') {
    log.info({ reason: started }, `${name} stopped before it was ready`)
    process.exit(0)
  }
  const ready: ReadyMessage = { ready: true, details: started.details ?? {} }
  process.send?.(ready)
  log.info(ready.details, `${name} ready`)

  const reason = await stopRequested
  log.info({ reason }, `${name} stopping`)
  const deadline = setTimeout(() => {
    log.error(`${name} did not stop within ${STOP_MS_MAX} ms; ended`)
    process.exit(1)
  }, STOP_MS_MAX)
  await started.stop()
  clearTimeout(deadline)
  log.info(`${name} stopped`)
  if (process.connected) process.disconnect?.()
}
