// The command line: finds the verb, loads only its file, and turns what it throws into a message and an exit code.

import { setFlagsFromString } from 'node:v8'
import { Command, CommanderError } from 'commander'
import { printError } from './output.ts'

// The way of a command is longer than what V8 puts into one function by itself: docs/decisions/0008-inlining.md.
setFlagsFromString('--max-inlined-bytecode-size-cumulative=2500')

type Verb = {
  readonly name: string
  readonly group: string
  readonly summary: string
  /** Imports the verb's file and gives its registration. Lazy, so that `tandem status` does not load a web server. */
  readonly load: () => Promise<(program: Command) => void>
}

const RUN = 'Run a market:'
const ROLE = 'Run one process of it:'
const INSPECT = 'Look at it:'

const verbs: readonly Verb[] = [
  {
    name: 'sim',
    group: RUN,
    summary: 'run a whole market on this machine, with a page to watch it',
    load: async () => (await import('./sim.ts')).registerSim,
  },
  {
    name: 'demo',
    group: RUN,
    summary: 'a narrated run: what happens to a market, and what it guarantees',
    load: async () => (await import('./demo.ts')).registerDemo,
  },
  {
    name: 'engine',
    group: ROLE,
    summary: 'match orders, keep positions, journal it all',
    load: async () => (await import('./engine.ts')).registerEngine,
  },
  {
    name: 'strategy',
    group: ROLE,
    summary: 'quote some symbols',
    load: async () => (await import('./strategy.ts')).registerStrategy,
  },
  {
    name: 'gateway',
    group: ROLE,
    summary: 'serve the page, the HTTP API and the WebSocket',
    load: async () => (await import('./gateway.ts')).registerGateway,
  },
  {
    name: 'flow',
    group: ROLE,
    summary: 'send recorded or generated orders',
    load: async () => (await import('./flow.ts')).registerFlow,
  },
  {
    name: 'status',
    group: INSPECT,
    summary: 'say how a running cluster is',
    load: async () => (await import('./status.ts')).registerStatus,
  },
  {
    name: 'credentials',
    group: ROLE,
    summary: 'make the secrets of a cluster on several hosts',
    load: async () => (await import('./credentials.ts')).registerCredentials,
  },
  {
    name: 'certificates',
    group: ROLE,
    summary: 'make the certificates of NATS servers on several hosts',
    load: async () => (await import('./certificates.ts')).registerCertificates,
  },
  {
    name: 'config',
    group: INSPECT,
    summary: 'check a configuration file, or print what one may say',
    load: async () => (await import('./config.ts')).registerConfig,
  },
  {
    name: 'journal',
    group: INSPECT,
    summary: "look into an engine's journal, verify it, replay it",
    load: async () => (await import('./journal.ts')).registerJournal,
  },
  {
    name: 'explain',
    group: INSPECT,
    summary: 'tell the story of a symbol in words, from the journal',
    load: async () => (await import('./explain.ts')).registerExplain,
  },
  {
    name: 'feed',
    group: INSPECT,
    summary: 'import recorded market data, look at it, verify it',
    load: async () => (await import('./feed.ts')).registerFeed,
  },
  {
    name: 'drill',
    group: INSPECT,
    summary: 'kill, pause and restart parts of a cluster under load, and check that nothing is lost',
    load: async () => (await import('./drill.ts')).registerDrill,
  },
  {
    name: 'soak',
    group: INSPECT,
    summary: 'run for hours under load and faults, and see what grows',
    load: async () => (await import('./soak.ts')).registerSoak,
  },
  {
    name: 'quoting',
    group: INSPECT,
    summary: 'switch quoting off or on',
    load: async () => (await import('./quoting.ts')).registerQuoting,
  },
  {
    name: 'switchover',
    group: INSPECT,
    summary: 'let the backup engine take over, in order',
    load: async () => (await import('./switchover.ts')).registerSwitchover,
  },
  {
    name: 'simulate',
    group: INSPECT,
    summary: 'run the engine pair in virtual time with every fault there is',
    load: async () => (await import('./simulate.ts')).registerSimulate,
  },
  {
    name: 'scale',
    group: INSPECT,
    summary: 'simulate symbols spread over several engine pairs',
    load: async () => (await import('./scale.ts')).registerScale,
  },
  {
    name: 'backtest',
    group: RUN,
    summary: 'run a strategy over recorded markets',
    load: async () => (await import('./backtest.ts')).registerBacktest,
  },
  {
    name: 'sweep',
    group: RUN,
    summary: 'run a strategy with many parameters, and rank them',
    load: async () => (await import('./sweep.ts')).registerSweep,
  },
  {
    name: 'fuzz',
    group: INSPECT,
    summary: 'try to find a difference between a part and its oracle',
    load: async () => (await import('./fuzz.ts')).registerFuzz,
  },
  {
    name: 'bench',
    group: INSPECT,
    summary: 'measure how fast it is',
    load: async () => (await import('./bench.ts')).registerBench,
  },
]

const EXAMPLES = `
Examples:
  ./tandem sim                              a market of separate processes, with a page to watch it
  ./tandem sim --duration 30 --json         the same, ended and summed up by itself
  ./tandem <verb> --help                    what a verb takes, with examples
`

async function main(args: readonly string[]): Promise<void> {
  const program = new Command('tandem')
    .description('A low-latency market-maker system: exchange, replicated journal, strategy nodes, backtests.')
    .version('0.1.0', '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [verb]', 'print the help of a verb')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(./tandem --help lists what there is)')
    .exitOverride()
  const wanted = args[0] === 'help' ? args[1] : args[0]
  for (const verb of verbs) {
    if (verb.name === wanted) {
      const register = await verb.load()
      register(program)
    } else {
      program.command(verb.name).summary(verb.summary)
    }
    program.commands
      .find((command) => command.name() === verb.name)
      ?.helpGroup(verb.group)
      .exitOverride()
  }
  if (args.length === 0) program.help({ error: true })
  await program.parseAsync(args, { from: 'user' })
}

// Who reads has seen enough, as `head` does: no reason to go on, and no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

try {
  await main(process.argv.slice(2))
} catch (error) {
  // Commander has printed its own message: help, version, or what is wrong with the arguments.
  if (error instanceof CommanderError) process.exitCode = error.exitCode
  else printError(error, process.argv.includes('--json'))
}
