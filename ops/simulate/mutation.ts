// Planted faults: guards of the engine that are taken out, one at a time, to see whether the simulator notices. The sources
// are not touched: a mutation replaces a piece of one file's text while it is loaded, in a thread of its own.

import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export type Mutation = {
  readonly name: string
  /** What the guard is for. */
  readonly guard: string
  /** From the project's folder. */
  readonly file: string
  /** Occurs exactly once in the file. */
  readonly find: string
  readonly replace: string
}

/** The text to be replaced is not there, or more than once: the list and the sources have grown apart. */
export class MutationError extends Error {
  override name = 'MutationError'
}

/** The file's text with the fault in it. */
export function mutate(source: string, { name, file, find, replace }: Mutation): string {
  const parts = source.split(find)
  if (parts.length === 2) return parts.join(replace)
  throw new MutationError(`mutation ${name}: its text occurs ${parts.length - 1} times in ${file}, not once`)
}

/** From now on this thread loads the mutated file. */
export function plant(mutation: Mutation): void {
  const url = pathToFileURL(join(import.meta.dirname, '../..', mutation.file)).href
  registerHooks({
    load: (loaded, context, nextLoad) => {
      const result = nextLoad(loaded, context)
      if (loaded !== url || result.source === undefined || result.source === null) return result
      const { source } = result
      const text = typeof source === 'string' ? source : new TextDecoder().decode(source)
      return { ...result, source: mutate(text, mutation) }
    },
  })
}
