// Makes a failing list of steps short: drops chunks of it, ever smaller ones, as long as what is left still fails.

/** `fails` says whether a list fails. At most `attemptCountMax` lists are tried. */
export function shrink<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => boolean,
  attemptCountMax = 2_000,
): readonly T[] {
  let shortest = items
  let attemptCount = 0
  let chunkSize = Math.ceil(items.length / 2)
  while (chunkSize >= 1 && attemptCount < attemptCountMax) {
    const lengthBefore = shortest.length
    for (let from = 0; from < shortest.length && attemptCount < attemptCountMax; ) {
      const shorter = [...shortest.slice(0, from), ...shortest.slice(from + chunkSize)]
      attemptCount += 1
      if (fails(shorter)) shortest = shorter
      else from += chunkSize
    }
    // A pass that dropped something may have made room for another of the same size.
    if (shortest.length === lengthBefore) chunkSize = chunkSize === 1 ? 0 : Math.ceil(chunkSize / 2)
  }
  return shortest
}
