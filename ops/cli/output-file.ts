// The file that a verb writes, looked at before anything is done.

import { statSync } from 'node:fs'
import { UserError } from './output.ts'

/** It must be none of the files that are read, under whatever name, and no folder. */
export function checkOutputFile(out: string, inputs: readonly (string | undefined)[]): void {
  const target = factsOf(out)
  if (target === undefined) return
  if (target.isDirectory()) throw new UserError(`${out} is a folder, and a file is needed`, 'Name one with --out.')
  for (const input of inputs) {
    const source = input === undefined ? undefined : factsOf(input)
    if (source === undefined || source.dev !== target.dev || source.ino !== target.ino) continue
    throw new UserError(`${out}: what is read would be written over`, 'Name another file with --out.')
  }
}

function factsOf(path: string) {
  return statSync(path, { bigint: true, throwIfNoEntry: false })
}
