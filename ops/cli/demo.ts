// `tandem demo`: a narrated run that shows each guarantee and checks it.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { isOk, printReport } from './output.ts'

const EXAMPLES = `
Examples:
  ./tandem demo                                    about five minutes, no hand needed
  ./tandem demo --page                             the same, with the page to watch it
  ./tandem demo --quick --transcript docs/demo.md  half a minute; writes what it told, and docs/demo.svg

A market of real processes: normal operation, a node joins, leaves, dies, the primary dies, everything restarts. Each step
says what happened and why, and checks the guarantee that it shows. The exit code is 0 only if every check held.
`

const LOOK_MS = 30_000
const LOOK_QUICK_MS = 700
const RATE_PER_S = 300

type Flags = {
  readonly page?: boolean
  readonly quick?: boolean
  readonly transcript?: string
  readonly keep?: boolean
  readonly json?: boolean
}

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .summary('a narrated run: what happens to a market, and what it guarantees')
    .description('Runs a market of real processes through joins, leaves, deaths and restarts, and checks every step.')
    .option('--page', 'serve the page too, and open it where a browser is known')
    .option('--quick', 'without pauses to look')
    .option('--transcript <file>', 'write what was told as Markdown, and a picture beside it')
    .option('--keep', 'keep the journals and logs of a run that held, too')
    .option('--json', 'print one JSON object at the end, and nothing else on stdout')
    .addHelpText('after', EXAMPLES)
    .action(demo)
}

async function demo(flags: Flags): Promise<void> {
  const { runDemo } = await import('../demo/demo.ts')
  const { Story } = await import('../demo/story.ts')
  const { Timeline } = await import('../drill/timeline.ts')
  const { timelinePicture } = await import('../drill/drill-report.ts')
  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort())
  const print = (line: string) => process.stderr.write(`${line}\n`)
  const folder = mkdtempSync(join(tmpdir(), 'tandem-demo-'))
  const timeline = new Timeline()
  const story = new Story(print)
  let isKept = true
  try {
    const report = await runDemo(story, {
      folder,
      hasPage: flags.page === true,
      onPage: (url) => {
        print(`   The page is ${url}`)
        openPage(url)
      },
      lookMs: flags.quick === true ? LOOK_QUICK_MS : LOOK_MS,
      ratePerS: RATE_PER_S,
      timeline,
      signal: abort.signal,
    })
    isKept = flags.keep === true || !isOk(report)
    if (flags.transcript !== undefined) {
      const command = `./tandem demo${flags.quick === true ? ' --quick' : ''} --transcript ${flags.transcript}`
      writeFileSync(flags.transcript, story.transcript(command))
      writeFileSync(join(dirname(flags.transcript), 'demo.svg'), timelinePicture('Answers a second', timeline))
    }
    print('')
    printReport(report, flags.json === true)
  } finally {
    if (isKept) print(`journals and logs are in ${folder}`)
    else rmSync(folder, { recursive: true, force: true })
  }
}

/** Where there is no such program, the address has been printed. */
function openPage(url: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open'
  spawn(opener, [url], { stdio: 'ignore', detached: true }).on('error', () => {})
}
