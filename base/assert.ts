// Programmer errors. A failing assertion means that the code is wrong, never that the input is: it stops the process.

export class AssertionError extends Error {
  override name = 'AssertionError'
}

/** Throws when `condition` is false. `message` says what must hold, in words. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** The value, once it is known to be there. */
export function must<T>(value: T | null | undefined, message: string): T {
  if (value === null || value === undefined) throw new AssertionError(message)
  return value
}
