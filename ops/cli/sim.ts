// `tandem sim`: a whole market on this machine, as separate processes.

import { type Command, InvalidArgumentError } from 'commander'
import { printReport } from './output.ts'

const EXAMPLES = `
Examples:
  ./tandem sim                                     run until Ctrl-C; state is kept in var/ and goes on next time
  ./tandem sim --duration 30 --json                end by itself and print a summary for a script
  ./tandem sim --feed AMZN.feed --speed 50         recorded orders of a real day, fifty times as fast
  ./tandem sim --config market.yaml --port 9000    a market of your own (./tandem config show prints one to start from)
  ./tandem sim --nodes 5 --symbols 4 --seed 7      another size, another course of events
  ./tandem sim --strategies glft,grid              nodes that quote in different ways
  ./tandem sim --chaos 6                           kill or pause a process six times a minute, and watch it heal
  ./tandem sim --record market.feed --duration 60  keep what the market does, for backtests

While it runs: open the page that it prints; kill a process (the pids are on the page and in ./tandem status) and watch
it come back.
`

type Flags = {
  readonly config?: string
  readonly feed?: string
  readonly speed?: number
  readonly duration?: number
  readonly seed?: number
  readonly symbols?: string
  readonly nodes?: number
  readonly strategies?: string
  readonly rate?: number
  readonly solo?: boolean
  readonly pair?: boolean
  readonly record?: string
  readonly chaos?: number
  readonly port?: number
  readonly dataDir?: string
  readonly json?: boolean
}

export function registerSim(program: Command): void {
  program
    .command('sim')
    .summary('run a whole market on this machine, with a page to watch it')
    .description(
      'Runs a market as separate processes (nats-server, two engines, strategy nodes, order flow, gateway), restarts what ' +
        'dies, prints where the page is, and ends everything on Ctrl-C.',
    )
    .option('--config <file>', 'configuration of the market (YAML)')
    .option('--feed <file>', 'replay the orders of a recorded feed instead of generated ones')
    .option('--speed <factor>', 'how many times as fast', parsePositive)
    .option('--rate <number>', 'generated commands a second over all symbols, instead of --speed', parsePositive)
    .option('--duration <seconds>', 'end after this long, with a summary and checks', parsePositive)
    .option('--seed <number>', 'the generated orders follow from it', parseWhole)
    .option('--symbols <list>', 'trade only these (A,B,C), or the first so many')
    .option('--nodes <count>', 'strategy nodes to deal the symbols out to (default: 3)', parseWhole)
    .option('--strategies <list>', 'how they quote, one after the other (A,B,C); ./tandem strategy --help names them')
    .option('--solo', 'one engine instead of a pair')
    .option('--pair', 'a pair of engines, whatever the configuration says')
    .option('--record <file>', 'record the market to a feed file')
    .option('--chaos <rate>', 'kill and pause processes, so many times a minute', parsePositive)
    .option('--port <port>', 'port of the page (without it: the first free one from 8080)', parseWhole)
    .option(
      '--data-dir <folder>',
      'where journal and logs live (default: var/; with --duration a new temporary folder)',
    )
    .option('--json', 'print one JSON object at the end, and nothing else on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      const { simConfig } = await import('../supervisor/sim-config.ts')
      const { runSim } = await import('../supervisor/sim.ts')
      const outcome = await runSim(simConfig(flags), { dataDir: flags.dataDir })
      printReport(outcome.report, flags.json === true, outcome.extra)
    })
}

function parsePositive(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('a number above 0')
  return value
}

function parseWhole(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('a whole number')
  return Number(text)
}
