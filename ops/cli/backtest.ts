// `tandem backtest`: strategies over recorded markets.

import { join } from 'node:path'
import type { Command } from 'commander'
import { verifyGoldens } from '../../backtest/io/golden-verify.ts'
import { printReport } from './output.ts'
import { progressBar } from './progress.ts'

const EXAMPLES = `
Examples:
  ./tandem backtest verify-oracle ../shared/goldens --data ../shared/data --json
`

export function registerBacktest(program: Command): void {
  const backtest = program
    .command('backtest')
    .summary('run a strategy over recorded markets')
    .description('Runs a strategy over recorded markets, and compares with the reference (docs/backtest.md).')
    .addHelpText('after', EXAMPLES)
  backtest
    .command('verify-oracle')
    .argument('<dir>', 'the folder of expected results (*.end.txt and what belongs to them)')
    .description('repeats runs of the reference implementation, and says where each differs first')
    .option('--data <dir>', 'the folder of the recorded captures; without it, data beside the folder')
    .option('--only <text>', 'only runs whose name contains it')
    .option('--json', 'print one JSON object')
    .action(verifyOracle)
}

type VerifyFlags = { readonly data?: string; readonly only?: string; readonly json?: boolean }

async function verifyOracle(goldensDir: string, { data, only, json }: VerifyFlags): Promise<void> {
  const bar = progressBar('comparing', json !== true)
  try {
    const verdicts = await verifyGoldens({
      goldensDir,
      dataDir: data ?? join(goldensDir, '../data'),
      ...(only === undefined ? {} : { only }),
      onVerdict: (_, done, total) => bar.update(done, total),
    })
    const checks = verdicts.map(({ name, difference }) => ({
      name,
      ok: difference === null,
      value: difference ?? 'equal',
      limit: 'equal',
    }))
    const fills = verdicts.reduce((sum, { fillCount }) => sum + fillCount, 0)
    const results = [
      { name: 'oracle', metric: 'runs', value: verdicts.length, unit: 'runs' },
      { name: 'oracle', metric: 'fills', value: fills, unit: 'fills' },
    ]
    printReport({ checks, results }, json === true)
  } finally {
    bar.stop()
  }
}
