// Which node is to quote which symbol: a pure function of who is present and of what was before.
//
// Invariants: every symbol has a node when any is present; the numbers of symbols of two nodes differ by at most one; no
// other assignment with these sizes moves fewer symbols. The result depends on the arguments alone, so that it is the
// same on every replica.
//
// How: with n nodes and m symbols, m mod n nodes may have one symbol more than the others. These are the ones that have
// most already (of equal ones those with the lower ids), so that nobody gives away what may stay. Who has too many gives
// away those with the highest ids; these, and the symbols of nodes that are gone, fill up the others in the order of ids.

import { assert } from '../../base/assert.ts'

export const NO_NODE = 0

/**
 * `nodes`: client ids, ascending. `before`: the node of each symbol, NO_NODE where there is none. Writes the node of each
 * symbol to `after`, and returns how many symbols have another one than before.
 */
export function assignSymbols(nodes: readonly number[], before: Float64Array, after: Float64Array): number {
  after.fill(NO_NODE)
  if (nodes.length === 0) return countMoves(before, after)
  const room = roomOf(nodes, before)
  keepWhatFits(before, after, room)
  let next = 0
  for (let symbolId = 0; symbolId < after.length; symbolId++) {
    if (after[symbolId] !== NO_NODE) continue
    while (room.get(nodes[next]!) === 0) next += 1
    assert(next < nodes.length, 'there is room for every symbol')
    after[symbolId] = nodes[next]!
    room.set(nodes[next]!, room.get(nodes[next]!)! - 1)
  }
  return countMoves(before, after)
}

/** How many symbols each node is to have. */
function roomOf(nodes: readonly number[], before: Float64Array): Map<number, number> {
  const held = new Map(nodes.map((node) => [node, 0]))
  for (const node of before) if (held.has(node)) held.set(node, held.get(node)! + 1)
  const fewest = Math.floor(before.length / nodes.length)
  const extraCount = before.length % nodes.length
  const richest = nodes.toSorted((one, other) => held.get(other)! - held.get(one)! || one - other)
  return new Map(richest.map((node, rank) => [node, fewest + (rank < extraCount ? 1 : 0)]))
}

function keepWhatFits(before: Float64Array, after: Float64Array, room: Map<number, number>): void {
  for (let symbolId = 0; symbolId < before.length; symbolId++) {
    const left = room.get(before[symbolId]!) ?? 0
    if (left === 0) continue
    after[symbolId] = before[symbolId]!
    room.set(before[symbolId]!, left - 1)
  }
}

function countMoves(before: Float64Array, after: Float64Array): number {
  let count = 0
  for (let symbolId = 0; symbolId < before.length; symbolId++) if (before[symbolId] !== after[symbolId]) count += 1
  return count
}
