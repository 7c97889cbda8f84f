// Which program computes a backtest: what another one has computed is not its own.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
/** What the figures of a backtest can depend on. */
const FOLDERS = ['base', 'protocol', 'exchange-sim', 'engine', 'feeds', 'strategies', 'backtest'] as const

/** Over the names and texts of these sources. */
export function programDigest(root = ROOT): string {
  const hash = createHash('sha256')
  for (const folder of FOLDERS) {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    for (const name of names.filter((path) => path.endsWith('.ts')).sort()) {
      hash.update(`${folder}/${name}\n`).update(readFileSync(join(root, folder, name)))
    }
  }
  return hash.digest('hex')
}
