// Three hosts, as docs/operations.md sets them up, under load, with cables that are pulled: sudo npm run test:hosts
//
// The hosts are network namespaces. What runs on them is what the document tells one to type, and the NATS servers are started
// from deploy/nats-cluster.conf. This program makes the hosts, starts itself again on the third, and removes them at the end.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { printReport } from '../../ops/cli/output.ts'
import { pauseMs } from '../../ops/drill/scenario.ts'
import { CredentialsFolder } from '../../ops/nats/credentials.ts'
import { findNats } from '../../ops/nats/nats-binary.ts'
import { natsUsers, testerUser } from '../../ops/nats/nats-users.ts'
import { connectNats } from '../../protocol/io/nats-transport.ts'
import type { Transport } from '../../protocol/io/transport.ts'
import { HOSTS_CLUSTER, HostDrill } from './host-drill.ts'
import { addressOf, NetworkHosts } from './network-hosts.ts'
import { type TypedCommand, walkthrough } from './walkthrough.ts'

const HOSTS = 3
const MAIN = join(import.meta.dirname, '../../ops/cli/main.ts')
const SERVER_CONFIG = join(import.meta.dirname, '../../deploy/nats-cluster.conf')
/** As the units of systemd do: what ends is started again. */
const RESTART_MS = 1_000

/** Starts what runs on the hosts, and keeps it running. */
class HostProcesses {
  readonly #hosts: NetworkHosts
  readonly #folder: string
  readonly #children = new Map<string, ChildProcess>()
  /** What is to stay away, and how it is started when it may come back. */
  readonly #away = new Map<string, () => void>()
  #isEnding = false

  constructor(hosts: NetworkHosts, folder: string) {
    this.#hosts = hosts
    this.#folder = folder
  }

  keep(host: number, name: string, command: readonly string[]): void {
    if (this.#isEnding) return
    const again = () => this.keep(host, name, command)
    if (this.#away.has(name)) return void this.#away.set(name, again)
    const log = openSync(join(this.#folder, `${name}.log`), 'a')
    const [program = '', ...args] = [...this.#hosts.on(host), ...command]
    const child = spawn(program, args, { stdio: ['ignore', log, log], cwd: this.#folder })
    this.#children.set(name, child)
    child.once('exit', () => {
      this.#children.delete(name)
      setTimeout(again, RESTART_MS)
    })
  }

  /** kill -9, and no new start until it is let back. */
  kill(name: string): void {
    this.#away.set(name, () => undefined)
    this.#children.get(name)?.kill('SIGKILL')
  }

  letBack(name: string): void {
    const start = this.#away.get(name)
    this.#away.delete(name)
    start?.()
  }

  async end(): Promise<void> {
    this.#isEnding = true
    const children = [...this.#children.values()]
    const exits = children.map((child) => new Promise((resolve) => child.once('exit', resolve)))
    for (const child of children) child.kill('SIGTERM')
    await Promise.all(exits)
  }
}

/** The first program: makes the hosts, and runs the second on the last of them. */
async function outside(): Promise<void> {
  const refusal = NetworkHosts.refusal()
  if (refusal !== null) {
    process.stderr.write(`skipped: ${refusal}\n`)
    return
  }
  NetworkHosts.removeForgotten()
  const prefix = `tandem-${process.pid}`
  const hosts = new NetworkHosts(prefix)
  const folder = mkdtempSync(join(tmpdir(), 'tandem-hosts-'))
  try {
    hosts.make(HOSTS)
    const [program = '', ...args] = hosts.on(HOSTS)
    const own = [process.execPath, import.meta.filename, '--inside', prefix, folder, ...process.argv.slice(2)]
    const child = spawn(program, [...args, ...own], { stdio: 'inherit' })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill())
    process.exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
  } finally {
    hosts.remove(HOSTS)
  }
  if (process.exitCode === 0) rmSync(folder, { recursive: true })
  else process.stderr.write(`journals and logs are in ${folder}\n`)
}

/** The second program. */
async function inside(prefix: string, folder: string): Promise<void> {
  const hosts = new NetworkHosts(prefix)
  const processes = new HostProcesses(hosts, folder)
  const { credentials, commands, statusArgs } = prepare(folder)
  const source = findNats({ ...process.env, NATS_URL: '' })
  if (source.kind !== 'binary') throw new Error('this needs a nats-server of its own')
  for (let host = 1; host <= HOSTS; host++) {
    processes.keep(host, serverName(host), [source.path, '-c', serverConfig(folder, host, credentials)])
  }
  for (const { host, args } of commands) {
    const name = args[0] === 'engine' ? `engine-${host}` : args[0]!
    processes.keep(host, name, [process.execPath, MAIN, ...args])
  }
  const transport = await connected(credentials.userPath('tester'))
  try {
    const servers = {
      kill: (host: number) => processes.kill(serverName(host)),
      letBack: (host: number) => processes.letBack(serverName(host)),
    }
    const drill = new HostDrill(hosts, servers, transport, folder)
    await drill.harm()
    drill.check('./tandem status', isStatusGood(statusArgs), true)
    await drill.checkGateway()
    const seen = await drill.settle()
    await processes.end()
    printReport(drill.verdict(seen), process.argv.includes('--json'))
  } finally {
    await transport.close()
    await processes.end()
  }
}

type Prepared = {
  readonly credentials: CredentialsFolder
  /** What is to be kept running, and where. */
  readonly commands: readonly TypedCommand[]
  readonly statusArgs: readonly string[]
}

/** Steps 1 and 2 of the document; what else it tells to type is returned. */
function prepare(folder: string): Prepared {
  const typed = walkthrough({ '/etc/tandem': join(folder, 'etc'), '/var/lib/tandem': join(folder, 'var') })
  mkdirSync(join(folder, 'etc'))
  writeFileSync(join(folder, 'etc/market.yaml'), execFileSync(process.execPath, [MAIN, 'config', 'show']))
  const make = typed.find(({ args }) => args[0] === 'credentials')
  if (make === undefined) throw new Error('the document makes no credentials')
  execFileSync(process.execPath, [MAIN, ...make.args], { stdio: 'ignore' })
  // And one user more, who speaks for the clients of the load.
  const credentials = new CredentialsFolder(join(folder, 'etc/credentials'))
  const users = [...natsUsers(HOSTS_CLUSTER, 8), testerUser(HOSTS_CLUSTER)]
  credentials.make(users)
  credentials.writeAuthorization(users)
  const kept = ['engine', 'strategy', 'flow', 'gateway']
  const commands = typed.filter(({ args }) => kept.includes(args[0]!))
  const status = typed.find(({ args }) => args[0] === 'status')
  return { credentials, commands, statusArgs: status?.args ?? [] }
}

/** deploy/nats-cluster.conf, for this host: its name and addresses, its store, and beside it who may do what. */
function serverConfig(folder: string, host: number, credentials: CredentialsFolder): string {
  const own = join(folder, serverName(host))
  mkdirSync(own)
  copyFileSync(join(credentials.path, 'authorization.conf'), join(own, 'authorization.conf'))
  const path = join(own, 'nats-cluster.conf')
  const text = readFileSync(SERVER_CONFIG, 'utf8')
    .replace('nats-1', serverName(host))
    .replaceAll(/(listen: ")10\.0\.0\.1/g, `$1${addressOf(host)}`)
    .replace('/var/lib/nats', join(own, 'store'))
  writeFileSync(path, text)
  return path
}

function serverName(host: number): string {
  return `nats-${host}`
}

/** The server needs a moment. */
async function connected(credentials: string): Promise<Transport> {
  for (;;) {
    try {
      // The third host sees both others whatever is cut: a server hands on only what its neighbours have to say.
      return await connectNats({ url: `nats://${addressOf(HOSTS)}:4222`, name: 'hosts', credentials, isPinned: true })
    } catch {
      await pauseMs(200)
    }
  }
}

/** What the document tells one to type from anywhere on that network. */
function isStatusGood(args: readonly string[]): boolean {
  return spawnSync(process.execPath, [MAIN, ...args], { stdio: 'ignore' }).status === 0
}

if (process.argv[2] === '--inside') await inside(process.argv[3]!, process.argv[4]!)
else await outside()
