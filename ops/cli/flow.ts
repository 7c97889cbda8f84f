// `tandem flow`: outside orders for a running cluster, recorded or generated, as a process of its own.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { MODEL_NAMES, type ModelName } from '../flow/order-models.ts'
import { createLog } from '../roles/log.ts'
import { runRole } from '../roles/run-role.ts'
import { credentialsOption } from './credentials-option.ts'

const EXAMPLES = `
Examples:
  ./tandem flow --nats 127.0.0.1:4222                               generated orders at the model's own rates
  ./tandem flow --nats 127.0.0.1:4222 --rate 50000 --seed 7         fifty thousand commands a second
  ./tandem flow --nats 127.0.0.1:4222 --feed AMZN.feed --speed 10   a recorded day, ten times as fast
  ./tandem flow --nats 127.0.0.1:4222 --model mixed                 orders that excite orders, trends and insiders
  ./tandem flow --nats 127.0.0.1:4222 --rates-file AMZN.rates.json       rates of a recorded day (tandem feed rates)

The generator is the zero-intelligence model of Cont, Stoikov and Talreja (2010) with the rates of its paper: on each
side and per second 1.85, 1.51, 1.09, 0.88, 0.77 limit orders 1 to 5 ticks from the opposite best price and 1.92 / i^0.52
at i ticks up to 20, 0.94 market orders, and 0.47 to 0.81 cancels of each resting order. Sizes are geometric: limit
orders 10 lots in the mean, market orders 12. Other models add to it; docs/order-flow.md has their parameters.
A recorded feed must have every order (L3). docs/order-flow.md says which command each event becomes.
`

type Flags = {
  readonly nats: string
  readonly credentials?: string
  readonly cluster: string
  readonly instance: string
  readonly clientId: number
  readonly feed?: string
  readonly speed: number
  readonly seed: number
  readonly rate?: number
  readonly model: ModelName
  readonly ratesFile?: string
}

export function registerFlow(program: Command): void {
  program
    .command('flow')
    .summary('send recorded or generated orders')
    .description('Sends outside orders to a running cluster: those of a recorded feed, or generated ones.')
    .option('--nats <url>', 'the NATS server', process.env['NATS_URL'] ?? '127.0.0.1:4222')
    .addOption(credentialsOption())
    .option('--cluster <id>', 'id of the cluster', 'local')
    .option('--instance <name>', 'name of this process', 'flow')
    .option('--client-id <id>', 'its id as a client; one process each', wholeNumber, 1)
    .option('--feed <file>', 'a recorded feed to send; without it, generated orders')
    .option('--speed <factor>', 'how many times as fast as recorded, or as the model says', positiveNumber, 1)
    .option('--seed <number>', 'generated orders follow from it', wholeNumber, 1)
    .option('--rate <number>', 'generated commands a second over all symbols, instead of --speed', positiveNumber)
    .addOption(
      new Option('--model <name>', 'who sends the generated orders').choices(MODEL_NAMES).default('zero-intelligence'),
    )
    .option('--rates-file <file>', 'measured rates of orders, for the generator')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      const log = createLog('flow', flags.instance)
      const { startFlow } = await import('../roles/flow.ts')
      await runRole('flow', log, () =>
        startFlow(
          {
            natsUrl: flags.nats,
            credentials: flags.credentials,
            clusterId: flags.cluster,
            instance: flags.instance,
            clientId: flags.clientId,
            feed: flags.feed,
            speed: flags.speed,
            seed: flags.seed,
            ratePerS: flags.rate,
            model: flags.model,
            ratesFile: flags.ratesFile,
            onFinished: endWhenAlone,
          },
          log,
        ),
      )
    })
}

/** A supervisor would start it again; run by hand, there is nothing left to do. */
function endWhenAlone(): void {
  if (!process.connected) process.kill(process.pid, 'SIGTERM')
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > 0xffff_ffff) throw new InvalidArgumentError('a whole number is needed.')
  return value
}

function positiveNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('a number above 0 is needed.')
  return value
}
