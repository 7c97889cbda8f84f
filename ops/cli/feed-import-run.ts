// What all of `tandem feed import` have in common: options, progress, report.

import { type Command, InvalidArgumentError } from 'commander'
import type { ImportOptions, ImportSummary } from '../../feeds/io/import-job.ts'
import { type Check, printReport, type Result } from './output.ts'
import { checkOutputFile } from './output-file.ts'
import { progressBar } from './progress.ts'

export type CommonFlags = { readonly out: string; readonly skipBadRows: number; readonly json?: boolean }

export function withCommonOptions(command: Command): Command {
  return command
    .requiredOption('--out <file>', 'the feed file to write')
    .option('--skip-bad-rows <n>', 'leave out up to n rows that cannot be used, instead of stopping', wholeNumber, 0)
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nInputs may be compressed with gzip or zstd; their content tells, not their name.')
}

/** Imports with a progress bar, and says what came of it. */
export async function runImport<Counts extends Readonly<Record<string, number>>>(
  flags: CommonFlags,
  inputs: readonly (string | undefined)[],
  start: (job: ImportOptions) => Promise<ImportSummary<Counts>>,
): Promise<void> {
  checkOutputFile(flags.out, inputs)
  const bar = progressBar('importing', flags.json !== true)
  const startMs = performance.now()
  let summary: ImportSummary<Counts>
  try {
    summary = await start({
      out: flags.out,
      badRowCountMax: flags.skipBadRows,
      onProgress: (bytesRead, bytesTotal) => bar.update(bytesRead, bytesTotal),
    })
  } finally {
    bar.stop()
  }
  for (const text of summary.dropped) process.stderr.write(`left out: ${text}\n`)
  for (const note of summary.notes) process.stderr.write(`${note}\n`)
  const { counts, eventCount, size, inputBytes, header } = summary
  const name = header.instruments.length === 1 ? header.instruments[0]!.symbol : header.source
  const results: Result[] = [
    ...Object.entries(counts).map(([metric, value]) => ({ name, metric, value, unit: 'rows' })),
    { name, metric: 'events', value: eventCount, unit: 'events' },
    { name, metric: 'size', value: size, unit: 'bytes' },
    { name, metric: 'sourceSize', value: inputBytes, unit: 'bytes' },
    { name, metric: 'bytesPerEvent', value: round(size / eventCount), unit: 'bytes' },
    { name, metric: 'duration', value: round((performance.now() - startMs) / 1000), unit: 's' },
  ]
  const checks: Check[] = [{ name: 'rows left out', ok: true, value: summary.dropped.length, limit: flags.skipBadRows }]
  const extra = { file: flags.out, dropped: summary.dropped, notes: summary.notes }
  printReport({ checks, results }, flags.json === true, extra)
}

export function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('a whole number, 0 or more, is needed.')
  return value
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
