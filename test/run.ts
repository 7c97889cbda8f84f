// `npm test`: everything that decides whether a change is good, in one run with one verdict on its last line.
//
// Steps run one after another; each prints one line, and its output when it failed. A step counts as one test, but the
// test suites count each of theirs. `npm test -- lint types` runs only the named steps.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { findChromium } from '../bench/chromium.ts'

type Outcome = { readonly passed: number; readonly failed: number; readonly skipped: number }

type Step = {
  readonly name: string
  readonly command: readonly string[]
  /** A suite of vitest writes its counts to a file, and its lines are shown as they come. */
  readonly suite?: boolean
  /** Why the step cannot run here. */
  readonly unavailable?: string
}

const root = join(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'tandem-test-'))
const STEP_MS_MAX = 12 * 60_000

const chromium = findChromium()
const steps: readonly Step[] = [
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'page-types', command: ['tsc', '--noEmit', '-p', 'ops/dashboard/page'] },
  { name: 'lint', command: ['oxlint', '--deny-warnings'] },
  { name: 'format', command: ['biome', 'ci', '--reporter=summary', '.'] },
  { name: 'dead-code', command: ['knip', '--no-progress'] },
  { name: 'tests', command: ['vitest', 'run'], suite: true },
  {
    name: 'page-tests',
    command: ['vitest', 'run', '--config', 'vitest.page.config.ts'],
    suite: true,
    ...(chromium === undefined ? { unavailable: 'no chromium (Debian: sudo apt-get install chromium)' } : {}),
  },
  { name: 'bench-smoke', command: ['node', 'ops/cli/main.ts', 'bench', '--smoke', '--json'] },
]

let running: ChildProcess | undefined

async function main(wanted: readonly string[]): Promise<number> {
  const unknown = wanted.filter((name) => !steps.some((step) => step.name === name))
  if (unknown.length > 0) {
    const names = steps.map((step) => step.name).join(', ')
    process.stderr.write(`no step is called ${unknown.join(', ')}; there are ${names}\n`)
    return 1
  }
  let passed = 0
  let failed = 0
  const failedSteps: string[] = []
  for (const step of steps) {
    if (wanted.length > 0 && !wanted.includes(step.name)) continue
    const outcome = await runStep(step)
    passed += outcome.passed
    failed += outcome.failed
    if (outcome.failed > 0) failedSteps.push(step.name)
  }
  if (failedSteps.length > 0) print(`failed: ${failedSteps.join(', ')}`)
  print(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

async function runStep(step: Step): Promise<Outcome> {
  if (step.unavailable !== undefined) {
    print(`skip  ${step.name}: ${step.unavailable}`)
    return { passed: 0, failed: 0, skipped: 1 }
  }
  if (step.suite === true) print(`run   ${step.name}`)
  const startMs = performance.now()
  const countsPath = join(scratch, `${step.name}.json`)
  const suiteArgs = ['--reporter=default', '--reporter=json', `--outputFile.json=${countsPath}`]
  const { code, output } = await run([...step.command, ...(step.suite === true ? suiteArgs : [])], step.suite === true)
  const outcome = step.suite === true ? readCounts(countsPath, code) : outcomeOf(code)
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  if (outcome.failed > 0) print(output.trimEnd())
  const skipped = outcome.skipped > 0 ? `, ${outcome.skipped} skipped` : ''
  const counts = step.suite === true ? `: ${outcome.passed} passed, ${outcome.failed} failed${skipped}` : ''
  print(`${outcome.failed === 0 ? 'ok   ' : 'FAIL '} ${step.name}${counts} (${seconds} s)`)
  return outcome
}

function outcomeOf(code: number): Outcome {
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

/** A suite that ended badly without a failed test (an error outside of tests, no file found) counts as one failure. */
function readCounts(path: string, code: number): Outcome {
  if (!existsSync(path)) return outcomeOf(1)
  const counts = JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>
  const failed = counts['numFailedTests'] ?? 0
  return {
    passed: counts['numPassedTests'] ?? 0,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: (counts['numPendingTests'] ?? 0) + (counts['numTodoTests'] ?? 0),
  }
}

/** Runs a program of the project in a process group of its own, so that what it leaves behind can be ended with it. */
function run(command: readonly string[], show: boolean): Promise<{ code: number; output: string }> {
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}`
  return new Promise((resolve) => {
    const child = spawn(command[0] ?? '', command.slice(1), {
      cwd: root,
      env: { ...process.env, PATH: path, NO_COLOR: '1', FORCE_COLOR: undefined, ...chromiumEnv() },
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
      detached: true,
    })
    running = child
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8')
      stream?.on('data', (text: string) => {
        output += text
      })
    }
    const limit = setTimeout(() => {
      output += `\nended after ${STEP_MS_MAX / 60_000} minutes`
      endGroup(child)
    }, STEP_MS_MAX)
    child.on('error', (error) => {
      output += error.message
      resolve({ code: 1, output })
    })
    child.on('close', (code) => {
      clearTimeout(limit)
      running = undefined
      resolve({ code: code ?? 1, output })
    })
  })
}

function chromiumEnv(): Record<string, string> {
  return chromium === undefined ? {} : { CHROMIUM_BIN: chromium }
}

function endGroup(child: ChildProcess): void {
  try {
    process.kill(-(child.pid ?? 0), 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    if (running !== undefined) endGroup(running)
    process.exit(130)
  })
}

process.exitCode = await main(process.argv.slice(2))
rmSync(scratch, { recursive: true, force: true })
