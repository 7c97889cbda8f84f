// Sees to it that the built page is there and is that of the sources: builds it when not. A build takes about a second. Where the
// project's folder is read-only to the gateway, `npm run page` does it beforehand.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const here = import.meta.dirname
const dist = join(here, 'dist')
const stampPath = join(dist, 'sources.hash')

/** The page could not be built. The message names the remedy. */
export class PageBuildError extends Error {
  override name = 'PageBuildError'
}

/** The folder of the built page. `say` is told in a sentence when there is something to wait for. */
export async function ensurePage(say: (text: string) => void = () => {}): Promise<string> {
  const wanted = hashOfSources()
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === wanted) return dist
  say('building the dashboard page (about a second, at first start and after changes)')
  try {
    // Loaded only when needed: a running gateway has no use for a bundler.
    const [{ build }, { pageBuild }] = await Promise.all([import('vite'), import('./page-build.ts')])
    await build(pageBuild)
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    throw new PageBuildError(`the dashboard page could not be built: ${cause}. Type: npm ci`, { cause: error })
  }
  writeFileSync(stampPath, wanted)
  return dist
}

function hashOfSources(): string {
  const hash = createHash('sha256')
  const root = join(here, '..', '..')
  const paths = [
    ...filesBelow(join(here, 'page')),
    ...filesBelow(join(here, 'replay')),
    // The replay runs the core in the page.
    ...['base', 'protocol', 'exchange-sim', 'engine'].flatMap((folder) => filesBelow(join(root, folder))),
    join(here, 'page-build.ts'),
    join(here, '..', 'gateway', 'dashboard-protocol.ts'),
    join(root, 'package-lock.json'),
  ]
  for (const path of paths.sort())
    hash.update(relative(root, path)).update('\0').update(readFileSync(path)).update('\0')
  return hash.digest('hex')
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

if (import.meta.main) await ensurePage((text) => process.stderr.write(`${text}\n`))
