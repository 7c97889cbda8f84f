// `tandem drill`: proof by repeated, real failures. Starts a cluster, harms it under load, and checks what clients were
// told against the journals.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { type DrillRun, drillReport } from '../drill/drill-report.ts'
import type { Scenario } from '../drill/scenario.ts'
import { NODE_SCENARIOS } from '../drill/scenarios/nodes.ts'
import { NAMED_SCENARIOS, SCENARIOS } from '../drill/scenarios.ts'
import { Timeline } from '../drill/timeline.ts'
import { type Check, isOk, printReport, type Result, UserError } from './output.ts'

const EXAMPLES = `
Scenarios:
${SCENARIOS.map(describe).join('\n')}

Parts of nodes, each by its name, or as nodes --scenario kill, on a cluster of its own:
${NODE_SCENARIOS.map(describe).join('\n')}

Examples:
  ./tandem drill kill-primary
  ./tandem drill kill-primary kill-backup --rounds 50 --rate 5000 --json
  ./tandem drill all --rounds 3 --report drill.html
  ./tandem drill nodes --rounds 1 --json
  ./tandem drill nodes --scenario pause --rounds 3
  ./tandem drill random --minutes 30 --seed 7

Each round: load, harm at a random moment, mending, more load; then every acknowledged command must be in the journal
exactly once, with the answer that was given, and replaying the journal must give the engine's state hash. After every
record at most one node may have authority over a symbol, no quote stand without it, exposure be within its limit, and each
position be the sum of its fills. Where no
strategy node quotes, an order of all commands is searched that explains what each client was told, from the clients'
histories alone: they are linearizable.
Unavailability is the time between two answers that the harm brought; the longest silence may come later, while a process
that was started again takes its share of the machine.
`

const RATE_PER_S = 1_000

type Flags = {
  readonly scenario?: string
  readonly rounds: number
  readonly minutes?: number
  readonly report?: string
  readonly rate?: number
  readonly seed: number
  readonly keep?: boolean
  readonly json?: boolean
}

export function registerDrill(program: Command): void {
  program
    .command('drill')
    .summary('kill, pause and restart parts of a cluster under load, and check that nothing is lost')
    .description('Starts a cluster of its own, harms it under load, and checks that no acknowledged command was lost.')
    .argument('<scenario...>', "names of scenarios, or 'all'")
    .option('--scenario <part>', 'of nodes: only this part of it')
    .option('--rounds <number>', 'how often each', whole, 10)
    .option('--minutes <number>', 'go on with each for so long, instead', whole)
    .option('--report <file>', 'write a page with verdicts, figures and pictures')
    .option('--rate <number>', 'commands a second (default: 1000; nodes: 2000)', whole)
    .option('--seed <number>', 'moments and orders follow from it', whole, 1)
    .option('--keep', 'keep the journals and logs of drills that held, too')
    .option('--json', 'print one JSON object at the end, and nothing else on stdout')
    .addHelpText('after', EXAMPLES)
    .action((names: string[], flags: Flags) => drill(names, flags))
}

async function drill(names: readonly string[], flags: Flags): Promise<void> {
  const { InterruptedError, runScenario } = await import('../drill/drill.ts')
  const chosen = choose(names, flags.scenario)
  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort())
  const print = (line: string) => process.stderr.write(`${line}\n`)
  const checks: Check[] = []
  const results: Result[] = []
  const runs: DrillRun[] = []
  for (const scenario of chosen) {
    const folder = mkdtempSync(join(tmpdir(), `tandem-drill-${scenario.name}-`))
    const length = flags.minutes === undefined ? `${flags.rounds} rounds` : `${flags.minutes} minutes`
    const ratePerS = flags.rate ?? scenario.ratePerS ?? RATE_PER_S
    print(`${scenario.name}: ${scenario.summary}; ${length}, ${ratePerS} commands/s, seed ${flags.seed}`)
    const timeline = new Timeline()
    let isKept = true
    try {
      const report = await runScenario(scenario, {
        rounds: flags.minutes === undefined ? flags.rounds : 1,
        ...(flags.minutes === undefined ? {} : { minutes: flags.minutes }),
        timeline,
        ratePerS,
        seed: flags.seed,
        folder,
        onProgress: print,
        signal: abort.signal,
      })
      isKept = flags.keep === true || !isOk(report)
      checks.push(...report.checks)
      results.push(...report.results)
      runs.push({ name: scenario.name, summary: scenario.summary, report, timeline })
    } catch (error) {
      // The others are still to be told of.
      if (error instanceof InterruptedError) throw error
      const value = error instanceof Error ? error.message : String(error)
      const check = { name: `${scenario.name}: ran to its end`, ok: false, value, limit: null }
      print(`${check.name}: no: ${value}`)
      checks.push(check)
      runs.push({ name: scenario.name, summary: scenario.summary, report: { checks: [check], results: [] }, timeline })
    } finally {
      if (isKept) print(`journals and logs are in ${folder}`)
      else rmSync(folder, { recursive: true, force: true })
    }
  }
  if (flags.report !== undefined) {
    writeFileSync(flags.report, drillReport('Tandem: failover drill', runs))
    print(`the report is ${flags.report}`)
  }
  printReport({ checks, results }, flags.json === true)
}

function describe({ name, summary }: Scenario): string {
  return `  ${name.padEnd(27)}${summary}`
}

function choose(names: readonly string[], part?: string): readonly Scenario[] {
  if (part !== undefined) {
    if (names.length !== 1 || names[0] !== 'nodes') throw new UserError('--scenario is for nodes alone')
    return choose([part.startsWith('node-') ? part : `node-${part}`])
  }
  if (names.includes('all')) return SCENARIOS
  return names.map((name) => {
    const scenario = NAMED_SCENARIOS.find((candidate) => candidate.name === name)
    if (scenario !== undefined) return scenario
    const known = NAMED_SCENARIOS.map((candidate) => candidate.name).join(', ')
    throw new UserError(`there is no scenario ${name}`, `There are ${known}, and all.`)
  })
}

function whole(text: string): number {
  const value = Number(text)
  if (!/^\d{1,9}$/.test(text) || value < 1) throw new InvalidArgumentError('a whole number above 0 is needed.')
  return value
}
