// The other processes of a benchmark: scripts of this folder that end with their parent, whatever happens to it.

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Runs the script, which ends itself when its standard input does. */
export function startScript(
  script: URL,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(script), ...args], {
    stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
    // As the engines are: the system shares a busy machine out among sessions, and what is compared has to get as much.
    detached: true,
  })
}

/** A process that says nothing for so long says nothing any more. */
const MESSAGE_MS_MAX = 120_000

/** The next message of the script. */
export function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  const { promise, resolve, reject } = Promise.withResolvers<Message>()
  const onMessage = (message: unknown) => resolve(message as Message)
  const onExit = (code: number | null) => reject(new Error(`a process of the benchmark ended with code ${code}`))
  const timer = setTimeout(() => reject(new Error('a process of the benchmark says nothing')), MESSAGE_MS_MAX)
  child.once('message', onMessage)
  child.once('exit', onExit)
  return promise.finally(() => {
    clearTimeout(timer)
    child.off('message', onMessage)
    child.off('exit', onExit)
  })
}

/** kill -9, and waits until it is gone. */
export async function endScript(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exited
}
