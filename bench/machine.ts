// What a figure was measured on and with: without it no figure can be compared with another.

import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { findNats } from '../ops/nats/nats-binary.ts'

export type Machine = {
  readonly cpu: string
  readonly coreCount: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
  readonly v8: string
  readonly nats: string
  /** The commit that was measured, with + when files were changed since. */
  readonly commit: string
  readonly takenAt: string
  /** Processes that wanted a core, over the last minute, when the run began: above the core count, others were running. */
  readonly load: number
}

export function describeMachine(): Machine {
  const cores = cpus()
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    coreCount: cores.length,
    memoryGb: Math.round(totalmem() / 1e9),
    system: `${type()} ${release()}`,
    node: process.version,
    v8: process.versions.v8 ?? 'unknown',
    nats: natsVersion(),
    commit: commitOf(join(import.meta.dirname, '..')),
    takenAt: new Date().toISOString(),
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  }
}

export function machineLine({ cpu, coreCount, memoryGb, system, node, nats, commit, load, takenAt }: Machine): string {
  const what = `${coreCount} x ${cpu}, ${memoryGb} GB, ${system}, Node ${node}, ${nats}, commit ${commit}`
  return `${what}, ${takenAt.slice(0, 16)}Z, load ${load}`
}

function natsVersion(): string {
  try {
    const source = findNats()
    if (source.kind === 'running') return `nats-server at ${source.url}`
    return execFileSync(source.path, ['--version'], { encoding: 'utf8' }).trim().replace(':', '')
  } catch {
    return 'no nats-server'
  }
}

function commitOf(folder: string): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+')
  } catch {
    return 'unknown'
  }
}
