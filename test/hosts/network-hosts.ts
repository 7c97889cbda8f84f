// Hosts made of network namespaces of the Linux kernel: each has its own address and loopback, and a cable to one switch that
// can be unplugged. Needs root and iproute2; nothing outside of the namespaces is touched.
//
//   host 1 10.0.0.1 ──┐
//   host 2 10.0.0.2 ──┼── switch (a bridge in a namespace of its own)
//   host 3 10.0.0.3 ──┘

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

export class NetworkHosts {
  readonly #prefix: string

  /** `prefix`: of the namespaces' names, so that two runs do not meet. */
  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** Why there can be no hosts here, or null. */
  static refusal(): string | null {
    if (process.platform !== 'linux') return 'network namespaces are a thing of Linux'
    if (process.getuid?.() !== 0) return 'network namespaces need root'
    const probe = `tandem-probe-${process.pid}`
    try {
      ip('netns', 'add', probe)
    } catch (error) {
      const why = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error)
      return `no network namespace can be made here (iproute2 and CAP_SYS_ADMIN are needed): ${why}`
    }
    ip('netns', 'del', probe)
    return null
  }

  /** Hosts of a run that was killed before it could remove them. */
  static removeForgotten(): void {
    for (const [name, pid] of ip('netns', 'list').matchAll(/^tandem-(\d+)-(?:host-\d+|switch)/gm)) {
      if (!existsSync(`/proc/${pid}`)) removeNamespace(name)
    }
  }

  make(count: number): void {
    const net = this.#switch
    ip('netns', 'add', net)
    ip('-n', net, 'link', 'add', 'switch', 'type', 'bridge')
    ip('-n', net, 'link', 'set', 'switch', 'up')
    for (let host = 1; host <= count; host++) {
      const name = this.name(host)
      ip('netns', 'add', name)
      ip('-n', net, 'link', 'add', `port${host}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
      ip('-n', net, 'link', 'set', `port${host}`, 'master', 'switch', 'up')
      ip('-n', name, 'address', 'add', `${addressOf(host)}/24`, 'dev', 'eth0')
      ip('-n', name, 'link', 'set', 'lo', 'up')
      ip('-n', name, 'link', 'set', 'eth0', 'up')
    }
  }

  /** The namespace of a host. */
  name(host: number): string {
    return `${this.#prefix}-host-${host}`
  }

  /** What to put before a command so that it runs on the host. */
  on(host: number): readonly string[] {
    return ['ip', 'netns', 'exec', this.name(host)]
  }

  /** Nothing reaches the host any more, and nobody is told. */
  unplug(host: number): void {
    ip('-n', this.#switch, 'link', 'set', `port${host}`, 'down')
  }

  plug(host: number): void {
    ip('-n', this.#switch, 'link', 'set', `port${host}`, 'up')
  }

  /** From now on the two do not hear each other; everybody else hears both. */
  cut(one: number, other: number): void {
    ip('-n', this.name(one), 'route', 'add', 'blackhole', `${addressOf(other)}/32`)
    ip('-n', this.name(other), 'route', 'add', 'blackhole', `${addressOf(one)}/32`)
  }

  mend(one: number, other: number): void {
    ip('-n', this.name(one), 'route', 'del', 'blackhole', `${addressOf(other)}/32`)
    ip('-n', this.name(other), 'route', 'del', 'blackhole', `${addressOf(one)}/32`)
  }

  /** Ends what still runs on the hosts, and the hosts. */
  remove(count: number): void {
    for (let host = 1; host <= count; host++) removeNamespace(this.name(host))
    removeNamespace(this.#switch)
  }

  get #switch(): string {
    return `${this.#prefix}-switch`
  }
}

export function addressOf(host: number): string {
  return `10.0.0.${host}`
}

function removeNamespace(name: string): void {
  try {
    for (const pid of ip('netns', 'pids', name).split('\n').filter(Boolean)) endProcess(Number(pid))
    ip('netns', 'del', name)
  } catch {
    // It was never made.
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
