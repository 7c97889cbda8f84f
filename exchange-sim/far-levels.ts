// Far levels: those of a ladder outside its window, in a binary radix tree over their keys.
//
// A node names the highest bit in which the keys below it differ: those with a 0 there are on its left, the others on
// its right. So the tree is at most 31 nodes deep whatever the keys, it has one node fewer than levels, and walking left
// first meets the keys in ascending order. A link is the offset of a node, or -offset of a level; 0: an empty tree.
//
//              bit 4                  keys 00010, 10001, 10100
//             /     \
//        00010       bit 2
//                   /     \
//              10001       10100

import { assert } from '../base/assert.ts'
import { BookLayout, type Books } from './books.ts'
import { LevelWord } from './records.ts'

const { LEVEL_KEY } = LevelWord
const { FAR_NODE_WORDS } = BookLayout

const BIT = 0
/** Followed by the right link. */
const LEFT = 1

/** The link to what is now the tree's root, with `level` added. Its key is not in the tree yet. */
export function insertFar(books: Books, root: number, level: number): number {
  if (root === 0) return -level
  const { words } = books
  const key = words[level + LEVEL_KEY]!
  const difference = key ^ words[nearestLevel(books, root, key) + LEVEL_KEY]!
  assert(difference !== 0, 'a key is in the tree once')
  const bit = 31 - Math.clz32(difference)

  // The new node goes above the first one that tells by a lower bit.
  let parentLink = 0
  let link = root
  while (link > 0 && words[link + BIT]! > bit) {
    parentLink = link + LEFT + ((key >>> words[link + BIT]!) & 1)
    link = words[parentLink]!
  }
  const node = takeNode(books)
  const direction = (key >>> bit) & 1
  words[node + BIT] = bit
  words[node + LEFT + direction] = -level
  words[node + LEFT + 1 - direction] = link
  if (parentLink === 0) return node
  words[parentLink] = node
  return root
}

/** The link to what is now the tree's root, with `level` taken out. */
export function removeFar(books: Books, root: number, level: number): number {
  if (root === -level) return 0
  const { words } = books
  const key = words[level + LEVEL_KEY]!
  let parentLink = 0
  let node = root
  let link = root
  let direction = 0
  while (link > 0) {
    if (link !== root) parentLink = node + LEFT + direction
    node = link
    direction = (key >>> words[node + BIT]!) & 1
    link = words[node + LEFT + direction]!
  }
  assert(link === -level, 'the level is in the tree')
  const sibling = words[node + LEFT + 1 - direction]!
  giveNode(books, node)
  if (parentLink === 0) return sibling
  words[parentLink] = sibling
  return root
}

/** The level with this key, or 0. */
export function findFar(books: Books, root: number, key: number): number {
  if (root === 0) return 0
  const level = nearestLevel(books, root, key)
  return books.words[level + LEVEL_KEY] === key ? level : 0
}

/** The level with the lowest key that is not below `key`, or 0. */
export function firstFarFrom(books: Books, root: number, key: number): number {
  if (root === 0) return 0
  const { words } = books
  const nearest = nearestLevel(books, root, key)
  const difference = key ^ words[nearest + LEVEL_KEY]!
  if (difference === 0) return nearest
  const bit = 31 - Math.clz32(difference)

  // All keys below `link` agree above `bit`, and differ from `key` in it.
  let above = 0
  let link = root
  while (link > 0 && words[link + BIT]! > bit) {
    const direction = (key >>> words[link + BIT]!) & 1
    if (direction === 0) above = words[link + LEFT + 1]!
    link = words[link + LEFT + direction]!
  }
  if (((key >>> bit) & 1) === 1) link = above
  while (link > 0) link = words[link + LEFT]!
  return -link
}

function nearestLevel(books: Books, root: number, key: number): number {
  const { words } = books
  let link = root
  while (link > 0) link = words[link + LEFT + ((key >>> words[link + BIT]!) & 1)]!
  return -link
}

function takeNode(books: Books): number {
  const freed = books.freeFarNode
  if (freed !== 0) {
    books.freeFarNode = books.words[freed + LEFT]!
    return freed
  }
  const node = books.farNodeEnd
  assert(books.hasFarNodeRoom(), 'as many nodes as levels')
  books.farNodeEnd = node + FAR_NODE_WORDS
  return node
}

function giveNode(books: Books, node: number): void {
  books.words[node + LEFT] = books.freeFarNode
  books.freeFarNode = node
}
