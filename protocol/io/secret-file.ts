// Files that hold secrets: made once, for their owner's eyes alone, and refused when others may read them.

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** A secret cannot be used. The message names the file and the remedy, and never quotes the content. */
export class SecretFileError extends Error {
  override name = 'SecretFileError'
}

/** The content of the file. Throws SecretFileError. */
export function readSecretFile(path: string): string {
  try {
    const mode = statSync(path).mode & 0o777
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new SecretFileError(`${path} can be read by others (mode ${mode.toString(8)}). Type: chmod 600 ${path}`)
    }
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof SecretFileError) throw error
    throw new SecretFileError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`)
  }
}

/** Writes what `make` gives where there is no such file yet; its folder is made, closed to others. */
export function makeSecretFile(path: string, make: () => string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    statSync(path)
    return
  } catch {
    // Not there yet.
  }
  try {
    writeFileSync(path, make(), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST') throw new SecretFileError(`${path} cannot be written (${code ?? 'unknown error'})`)
  }
}
