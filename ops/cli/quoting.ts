// `tandem quoting`: the switch of the desk's quoting, for all symbols or for one.

import { type Command, InvalidArgumentError } from 'commander'
import { pino } from 'pino'
import { ClientId } from '../../protocol/clients.ts'
import { connectNats } from '../../protocol/io/nats-transport.ts'
import { nameOf, Reason } from '../../protocol/kinds.ts'
import { Subjects } from '../../protocol/subjects.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import { SessionOrderEntry } from '../gateway/session-order-entry.ts'
import { askInstruments } from '../roles/ask-instruments.ts'
import { credentialsOption } from './credentials-option.ts'
import { type ClusterFlags, findCluster } from './find-cluster.ts'
import { printReport, UserError } from './output.ts'

const EXAMPLES = `
Examples:
  ./tandem quoting off                   withdraws every quote in one step, and refuses new ones
  ./tandem quoting off --symbol ALDR     the same in one symbol
  ./tandem quoting on                    nodes quote again by themselves

The switch is part of the journal: it outlives restarts and failovers, and who turned it when is recorded. Positions stay as
they are. A symbol that was switched off by itself stays off until it is switched on by itself.
`

type Flags = ClusterFlags & { readonly symbol?: string; readonly json?: boolean }

export function registerQuoting(program: Command): void {
  program
    .command('quoting')
    .summary('switch quoting off or on')
    .description("Switches the desk's quoting off or on, in all symbols or in one.")
    .argument('<switch>', 'off or on', (text: string) => {
      if (text !== 'on' && text !== 'off') throw new InvalidArgumentError('it is off or on.')
      return text
    })
    .option('--symbol <symbol>', 'this one alone')
    .option('--nats <url>', 'the NATS server; without it: that of the cluster in the data directory')
    .addOption(credentialsOption())
    .option('--cluster <id>', 'id of the cluster', 'local')
    .option('--data-dir <folder>', 'the data directory of a cluster on this machine', 'var')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(switchQuoting)
}

async function switchQuoting(text: 'on' | 'off', flags: Flags): Promise<void> {
  const { natsUrl, credentials, clusterId } = findCluster(flags, 'operator')
  const transport = await connectNats({ url: natsUrl, name: 'quoting', credentials })
  const subjects = new Subjects(clusterId)
  const orders = new SessionOrderEntry(transport, subjects, pino({ level: 'silent' }), ClientId.OPERATOR)
  try {
    const symbolId = flags.symbol === undefined ? NO_SYMBOL_ID : await findSymbol(transport, subjects, flags.symbol)
    const { reply } = await orders.setQuoting(symbolId, text === 'on')
    const value = reply.reason === 0 ? text : `refused: ${nameOf(Reason, reply.reason)}`
    const name = `quoting ${flags.symbol ?? 'of all symbols'}`
    const checks = [{ name, ok: reply.reason === 0, value, limit: text }]
    const results = [{ name: 'quoting', metric: 'recordSeq', value: reply.recordSeq, unit: '' }]
    printReport({ checks, results }, flags.json === true)
  } finally {
    orders.stop()
    await transport.close()
  }
}

async function findSymbol(
  ...[transport, subjects, symbol]: [...Parameters<typeof askInstruments>, string]
): Promise<number> {
  const instruments = await askInstruments(transport, subjects)
  const symbolId = instruments.findIndex((instrument) => instrument.symbol === symbol)
  if (symbolId >= 0) return symbolId
  const traded = instruments.map((instrument) => instrument.symbol).join(', ')
  throw new UserError(`${symbol} is not traded here`, `Traded are: ${traded}.`)
}
