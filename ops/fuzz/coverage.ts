// Which share of source files a run has reached, by V8's own count of the blocks that ran: in this process, and in those
// that it started and that have ended in order, which leave their counts in a folder.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { Profiler } from 'node:inspector'
import { Session } from 'node:inspector/promises'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const projectRoot = join(import.meta.dirname, '../..')

export type FileCoverage = { readonly path: string; readonly percent: number }

/** Counts from now on; slows everything down. What runs only while a module is loaded is not seen in this process. */
export class CoverageMeter {
  readonly #session = new Session()
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-coverage-'))

  static async start(): Promise<CoverageMeter> {
    const meter = new CoverageMeter()
    // Node reads it when a process starts: this one is not concerned.
    process.env['NODE_V8_COVERAGE'] = meter.#folder
    meter.#session.connect()
    await meter.#session.post('Profiler.enable')
    await meter.#session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true })
    return meter
  }

  /** Of each file, from the project's root: how much of its code ran, in any of the processes. Ends the counting. */
  async finish(paths: readonly string[]): Promise<FileCoverage[]> {
    const own = await this.#session.post('Profiler.takePreciseCoverage')
    this.#session.disconnect()
    delete process.env['NODE_V8_COVERAGE']
    const others = readdirSync(this.#folder).map((name) => JSON.parse(readFileSync(join(this.#folder, name), 'utf8')))
    rmSync(this.#folder, { recursive: true })
    const results = [own, ...(others as (typeof own)[])].map(({ result }) => result)
    return paths.map((path) => {
      const file = join(projectRoot, path)
      const url = pathToFileURL(file).href
      // Types are no code. What is left stands where it stood.
      const source = stripTypeScriptTypes(readFileSync(file, 'utf8'))
      const hasRun = new Uint8Array(source.length)
      for (const result of results) {
        mark(
          hasRun,
          result.find((candidate) => candidate.url === url),
        )
      }
      return { path, percent: percentOf(source, hasRun) }
    })
  }
}

/** What ran in one process is added to what ran in others. */
function mark(hasRun: Uint8Array, script: Profiler.ScriptCoverage | undefined): void {
  const ran = new Uint8Array(hasRun.length)
  // Outer blocks come before those inside of them.
  for (const { ranges } of script?.functions ?? []) {
    for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset)
  }
  for (let at = 0; at < ran.length; at++) hasRun[at]! |= ran[at]!
}

/** Comments and blanks are no code. */
function percentOf(source: string, hasRun: Uint8Array): number {
  const isCode = new Uint8Array(source.length).fill(1)
  for (const { index, 0: text } of source.matchAll(/\/\/[^\n]*|\/\*[^]*?\*\/|\s+/g)) {
    isCode.fill(0, index, index + text.length)
  }
  let total = 0
  let reached = 0
  for (let at = 0; at < source.length; at++) {
    total += isCode[at]!
    if (hasRun[at] === 1) reached += isCode[at]!
  }
  return Math.round((reached / Math.max(1, total)) * 1_000) / 10
}
