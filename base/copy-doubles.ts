// Copies bytes eight at a time: everything of ours that is copied often is a multiple of eight bytes long and aligned.
//
// The doubles are never looked at, so that their bits stay what they are, also where two integers side by side would
// read as no number.

export function copyDoubles(source: Float64Array, from: number, target: Float64Array, to: number, count: number): void {
  for (let index = 0; index < count; index++) target[to + index] = source[from + index]!
}
