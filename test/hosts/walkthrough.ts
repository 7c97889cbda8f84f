// What docs/operations.md tells one to type on which host, read from the document itself.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type TypedCommand = { readonly host: number; readonly args: readonly string[] }

/** The commands of the section about three hosts, in its order. `places`: what stands for the folders that it names. */
export function walkthrough(places: Readonly<Record<string, string>>): TypedCommand[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8')
  const section = /## Three hosts[\s\S]*?(?=\n## )/.exec(text)?.[0] ?? ''
  return section.split(/\n(?=\d\. )/).flatMap((step) => {
    const host = Number(/10\.0\.0\.(\d):/.exec(step)?.[1] ?? 3)
    return [...step.matchAll(/`\.\/tandem ([^`]*)`/g)].map(([, line = '']) => {
      let own = line.replaceAll('$C', '/etc/tandem/credentials')
      for (const [from, to] of Object.entries(places)) own = own.replaceAll(from, to)
      return { host, args: own.split(/\s+/) }
    })
  })
}
