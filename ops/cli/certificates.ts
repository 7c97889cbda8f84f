// `tandem certificates`: what the NATS servers of a cluster on several hosts need to be spoken to in secret.

import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { CertificatesFolder } from '../nats/certificates.ts'
import { printReport } from './output.ts'

const EXAMPLES = `
Examples:
  ./tandem certificates /etc/tandem/certificates 10.0.0.1 10.0.0.2 10.0.0.3

It makes, with openssl, and leaves what is there already:
  authority.pem        what everybody has to trust: NODE_EXTRA_CA_CERTS of each process
  authority-key.pem    what signs: keep it where no server is
  <host>/              for that host, to be copied into its /etc/tandem/certificates: server.pem, server-key.pem, authority.pem,
                       and tls.conf, the block for its NATS server's configuration

Processes then name the servers as tls://HOST:4222, and speak to none that does not encrypt. To renew a host's certificate,
delete its folder, run the command again, copy and reload the server.
`

type Flags = {
  readonly cluster: string
  readonly days: number
  readonly installed: string
  readonly json?: boolean
}

export function registerCertificates(program: Command): void {
  program
    .command('certificates')
    .summary('make the certificates of NATS servers on several hosts')
    .description('Makes an authority, and for each host the key and certificate of its NATS server.')
    .argument('<folder>', 'where they are kept')
    .argument('<host...>', 'names or addresses of the servers, as clients name them')
    .option('--cluster <id>', 'id of the cluster', 'local')
    .option('--days <count>', "how long a host's certificate is good for", dayCount, 825)
    .option('--installed <folder>', 'where the files will lie on their host', '/etc/tandem/certificates')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(makeCertificates)
}

function makeCertificates(path: string, hosts: readonly string[], flags: Flags): void {
  const folder = new CertificatesFolder(resolve(path))
  folder.makeAuthority(flags.cluster)
  for (const host of hosts) folder.makeHost(host, flags.days, flags.installed)
  process.stderr.write(`what everybody has to trust: ${folder.authorityPath}\n`)
  const results = [{ name: 'certificates', metric: 'hosts', value: hosts.length, unit: '' }]
  const checks = [{ name: 'written', ok: true, value: folder.path, limit: null }]
  printReport({ checks, results }, flags.json === true)
}

function dayCount(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > 3_650) throw new InvalidArgumentError('a number from 1 to 3650.')
  return value
}
