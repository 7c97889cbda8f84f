// `tandem credentials`: the secrets of a cluster whose processes run on several hosts.

import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { CredentialsFolder } from '../nats/credentials.ts'
import { natsUsers } from '../nats/nats-users.ts'
import { printReport } from './output.ts'

const EXAMPLES = `
Examples:
  ./tandem credentials /etc/tandem/credentials
  ./tandem credentials /etc/tandem/credentials --cluster desk-1 --nodes 12

It makes, for their owner's eyes alone, and leaves what is there already:
  <user>.json          who a process is to the NATS server (an nkey): engine, strategy-1 ..., flow, gateway, recorder, operator, supervisor
  peer-secret          what the two engines prove to each other
  authorization.conf   public keys and permissions: include it in the configuration of each NATS server

Give each host the files of the processes that it runs, and no others. To take a user's rights away, delete its file, run
the command again and reload the servers.
`

type Flags = { readonly cluster: string; readonly nodes: number; readonly json?: boolean }

export function registerCredentials(program: Command): void {
  program
    .command('credentials')
    .summary('make the secrets of a cluster on several hosts')
    .description('Makes the credentials of every process of a cluster, and what its NATS servers have to know of them.')
    .argument('<folder>', 'where they are kept')
    .option('--cluster <id>', 'id of the cluster', 'local')
    .option('--nodes <count>', 'how many strategy nodes there may be', nodeCount, 8)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(makeCredentials)
}

function makeCredentials(path: string, flags: Flags): void {
  const folder = new CredentialsFolder(resolve(path))
  const users = natsUsers(flags.cluster, flags.nodes)
  folder.make(users)
  const include = folder.writeAuthorization(users)
  process.stderr.write(`include this in each NATS server's configuration: ${include}\n`)
  const results = [{ name: 'credentials', metric: 'users', value: users.length, unit: '' }]
  const checks = [{ name: 'written', ok: true, value: folder.path, limit: null }]
  printReport({ checks, results }, flags.json === true)
}

function nodeCount(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > 1_000) throw new InvalidArgumentError('a number from 0 to 1000.')
  return value
}
