// `tandem strategy`: one strategy node of a running cluster, as a process of its own.

import { type Command, InvalidArgumentError } from 'commander'
import { parseSessionAddress, type SessionAddress } from '../../protocol/io/session-address.ts'
import { STRATEGY_KINDS } from '../../strategies/catalogue.ts'
import { createLog } from '../roles/log.ts'
import { runRole } from '../roles/run-role.ts'
import { credentialsOption } from './credentials-option.ts'

const EXAMPLES = `
Examples:
  ./tandem strategy --nats 127.0.0.1:4222 --node 1
  ./tandem strategy --nats 127.0.0.1:4222 --node 2 --param halfSpreadTicks=5 --param quantityLots=20
  ./tandem strategy --node 2 --max-loss 500 --max-inventory 40    reduce-only from a loss of 500 on, off from 1,000
  ./tandem strategy --node 3 --session 127.0.0.1:7101 --session 127.0.0.1:7102    quotes go straight to the engines
`

type Flags = {
  readonly nats: string
  readonly credentials?: string
  readonly cluster: string
  readonly node: number
  readonly strategy: string
  readonly param: Readonly<Record<string, number>>
  readonly session: readonly SessionAddress[]
  readonly maxInventory: number
  readonly maxLoss: number
  readonly maxDistance: number
  readonly maxQuoteAge: number
  readonly staleMarket: number
}

export function registerStrategy(program: Command): void {
  program
    .command('strategy')
    .summary('quote the symbols that the desk grants')
    .description(
      'Joins a running cluster as a strategy node: the desk assigns it its share of the symbols and grants it the authority ' +
        'to quote them, two-sided and within limits. Ctrl-C withdraws its quotes and hands its symbols over.',
    )
    .option('--nats <url>', 'the NATS server', process.env['NATS_URL'] ?? '127.0.0.1:4222')
    .addOption(credentialsOption())
    .option('--cluster <id>', 'id of the cluster', 'local')
    .requiredOption('--node <number>', 'number of this node, 1 and up; one process each', nodeNumber)
    .option('--strategy <name>', 'how it quotes', STRATEGY_KINDS[0]?.name)
    .option('--param <name=value>', 'a parameter of the strategy; may be given several times', addParameter, {})
    .option(
      '--session <address>',
      'an engine of this machine that takes orders without the bus; once for each',
      addSession,
      [],
    )
    .option('--max-inventory <lots>', 'of a symbol, long or short', above, Number.POSITIVE_INFINITY)
    .option(
      '--max-loss <money>',
      'realised and not, since the start: from here on reduce-only, from twice that on off',
      above,
      Number.POSITIVE_INFINITY,
    )
    .option('--max-distance <bp>', 'from the reference price, in hundredths of a percent', above, 1_000)
    .option('--max-quote-age <ms>', 'a quote that is not refreshed ends (default: as configured)', above, 0)
    .option('--stale-market <ms>', 'quote nothing when the market was not heard of for so long', above, 3_000)
    .addHelpText('after', () => EXAMPLES + describeStrategies())
    .action(async (flags: Flags) => {
      const log = createLog('strategy', String(flags.node))
      const { startStrategy } = await import('../roles/strategy.ts')
      await runRole('strategy', log, () =>
        startStrategy(
          {
            natsUrl: flags.nats,
            credentials: flags.credentials,
            clusterId: flags.cluster,
            node: flags.node,
            strategy: flags.strategy,
            parameters: flags.param,
            sessionAddresses: flags.session,
            limits: {
              inventoryLotsMax: flags.maxInventory,
              lossMax: flags.maxLoss,
              distanceBpMax: flags.maxDistance,
              quoteAgeNs: flags.maxQuoteAge * 1e6,
              staleMarketNs: flags.staleMarket * 1e6,
            },
          },
          log,
        ),
      )
    })
}

function describeStrategies(): string {
  return STRATEGY_KINDS.map(({ name, summary, parameters }) => {
    const lines = parameters.map((spec) => `  ${spec.name.padEnd(24)}${spec.meaning} (${spec.unit}; ${spec.default})`)
    return `\n${name}: ${summary}\n${lines.join('\n')}\n`
  }).join('')
}

function nodeNumber(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > 10_000) throw new InvalidArgumentError('a number from 1 to 10000.')
  return value
}

function above(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value > 0)) throw new InvalidArgumentError('a number above 0.')
  return value
}

function addSession(text: string, before: readonly SessionAddress[]): SessionAddress[] {
  const address = parseSessionAddress(text)
  if (address === null) throw new InvalidArgumentError('a loopback host:port or a path is needed.')
  return [...before, address]
}

function addParameter(text: string, before: Readonly<Record<string, number>>): Record<string, number> {
  const match = /^(\w+)=(.+)$/.exec(text)
  const value = Number(match?.[2])
  if (match?.[1] === undefined || !Number.isFinite(value)) throw new InvalidArgumentError('name=number is needed.')
  return { ...before, [match[1]]: value }
}
