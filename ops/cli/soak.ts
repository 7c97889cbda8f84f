// `tandem soak`: hours under load, with faults, and a verdict on what grew.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { runSoak } from '../soak/soak.ts'
import { printReport } from './output.ts'

const EXAMPLES = `
Examples:
  ./tandem soak --hours 2 --json                     two hours, a sample every ten seconds, a fault every five minutes
  ./tandem soak --hours 0.05 --sample 5 --faults 6   three minutes

Memory, file descriptors, event-loop delay, latencies and journal size of every process are followed; each figure's slope over
the run must stay within its limit. After a fifth of the run, which is warming up.
`

type Flags = { hours: number; rate: number; sample: number; faults: number; json?: boolean }

export function registerSoak(program: Command): void {
  program
    .command('soak')
    .summary('run for hours under load and faults, and see what grows')
    .description('Runs a real cluster under load, kills a process now and then, and judges by slopes what grew.')
    .option('--hours <number>', 'how long', positive, 2)
    .option('--rate <number>', 'commands a second', positive, 1_000)
    .option('--sample <seconds>', 'between two samples', positive, 10)
    .option('--faults <samples>', 'kill a process after so many samples', positive, 30)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(soak)
}

async function soak({ hours, rate, sample, faults, json }: Flags): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-soak-'))
  const asked = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => asked.abort())
  try {
    const report = await runSoak({
      ...{ folder, hours, ratePerS: rate, sampleS: sample, faultSamples: Math.ceil(faults), signal: asked.signal },
      onSample: (text) => process.stderr.write(`${text}\n`),
    })
    printReport(report, json === true)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0 is needed.')
  return value
}
