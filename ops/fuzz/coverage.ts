// Which share of source files a run has reached, by V8's own count of the blocks that ran.

import { readFileSync, statSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const projectRoot = join(import.meta.dirname, '../..')

export type FileCoverage = { readonly path: string; readonly percent: number }

/** Counts from now on; slows everything down. */
export class CoverageMeter {
  readonly #session = new Session()

  static async start(): Promise<CoverageMeter> {
    const meter = new CoverageMeter()
    meter.#session.connect()
    await meter.#session.post('Profiler.enable')
    await meter.#session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true })
    return meter
  }

  /** Of each file, from the project's root: how much of its code ran. Ends the counting. */
  async finish(paths: readonly string[]): Promise<FileCoverage[]> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage')
    this.#session.disconnect()
    return paths.map((path) => {
      const file = join(projectRoot, path)
      const url = pathToFileURL(file).href
      const script = result.find((candidate) => candidate.url === url)
      const hasRun = new Uint8Array(statSync(file).size)
      // Outer blocks come before those inside of them.
      for (const { ranges } of script?.functions ?? []) {
        for (const { startOffset, endOffset, count } of ranges) hasRun.fill(count > 0 ? 1 : 0, startOffset, endOffset)
      }
      return { path, percent: percentOf(readFileSync(file, 'latin1'), hasRun) }
    })
  }
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
