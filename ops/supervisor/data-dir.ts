// The folder of one cluster: what lies where, and that only one supervisor works in it.
//
//   <data-dir>/cluster.yaml   the configuration in force, for running a role by hand
//   <data-dir>/running.json   who runs here now: process id, NATS address, page
//   <data-dir>/engine-a/      journal and snapshots of an engine; engine-b/ of its peer, engine/ of one alone
//   <data-dir>/nats/          the NATS server's configuration and store
//   <data-dir>/credentials/   who is who to the NATS server, and the secret of the engines' link
//   <data-dir>/log/           what each process said

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { UserError } from '../cli/output.ts'
import type { TandemConfig } from '../config/schema.ts'

/** What other commands need to find a running cluster. */
export type Running = {
  readonly pid: number
  readonly clusterId: string
  readonly natsUrl: string
  /** Where the credentials for that server are; null: it asks for none. */
  readonly credentialsFolder: string | null
  readonly pageUrl: string | null
}

export class DataDir {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** `name`: of the engine's process. */
  engine(name: string): string {
    return join(this.path, name)
  }

  get credentials(): string {
    return join(this.path, 'credentials')
  }

  get nats(): string {
    return join(this.path, 'nats')
  }

  get configPath(): string {
    return join(this.path, 'cluster.yaml')
  }

  logPath(name: string): string {
    return join(this.path, 'log', `${name}.log`)
  }

  /** Makes the folders, takes the place, and writes down what runs. */
  claim(config: TandemConfig): void {
    const other = readRunning(this.path)
    if (other !== undefined && other.pid !== process.pid && isOurs(other.pid)) {
      throw new UserError(
        `a cluster runs in ${this.path} already (process ${other.pid}, page ${other.pageUrl ?? 'none'})`,
        'Stop it, or give this one another folder: --data-dir FOLDER',
      )
    }
    for (const folder of [this.path, this.nats, join(this.path, 'log')]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
    }
    writeFileSync(this.configPath, `# The configuration in force; written at each start.\n${stringify(config)}`)
    this.announce({ clusterId: config.clusterId, natsUrl: '', credentialsFolder: null, pageUrl: null })
  }

  announce(running: Omit<Running, 'pid'>): void {
    writeFileSync(runningPath(this.path), `${JSON.stringify({ pid: process.pid, ...running })}\n`, { mode: 0o600 })
  }

  release(): void {
    rmSync(runningPath(this.path), { force: true })
  }
}

/** Who runs in the folder, or who died there without saying so; undefined when nobody does. */
export function readRunning(path: string): Running | undefined {
  if (!existsSync(runningPath(path))) return undefined
  try {
    return JSON.parse(readFileSync(runningPath(path), 'utf8')) as Running
  } catch {
    return undefined
  }
}

/** True while the process runs. One that has ended and that nobody has asked about yet (a zombie) does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  const stat = readOr(`/proc/${pid}/stat`)
  return stat === undefined || !/\) [ZX] /.test(stat)
}

/** The process runs and is a command of ours, not another one that was given the id after ours had died. */
function isOurs(pid: number): boolean {
  return isAlive(pid) && readOr(`/proc/${pid}/cmdline`)?.includes('ops/cli/main.ts') !== false
}

function readOr(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function runningPath(path: string): string {
  return join(path, 'running.json')
}
