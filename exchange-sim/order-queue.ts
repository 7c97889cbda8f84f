// Orders in the book: putting them at the back of their level's queue, and taking them out.

import type { Books } from './books.ts'
import { closeLevel, findLevel, keyOf, ladderOf, openLevel } from './price-ladder.ts'
import { LevelWord, Meta, OrderWord } from './records.ts'
import { addCount, subtractCount } from './wide-count.ts'

const { NEXT, PREV, LEAVES, PRICE, LEVEL, META } = OrderWord
const { LEVEL_LOTS, LEVEL_COUNT, HIDDEN_COUNT, HIDDEN_QUEUE } = LevelWord
const { HIDDEN_BIT, SIDE_BIT, SYMBOL_SHIFT } = Meta

/** Puts the order behind all that rests at its price. */
export function enqueue(books: Books, order: number): void {
  const meta = books.words[order + META]!
  const side = meta & SIDE_BIT
  const ladder = ladderOf(books, meta >>> SYMBOL_SHIFT, side)
  if ((meta & HIDDEN_BIT) !== 0) enqueueHidden(books, order, ladder)
  else enqueueAt(books, order, ladder, side, books.words[order + PRICE]!, books.words[order + LEAVES]!)
}

/** Hidden orders of a level are a queue of their own, and not in its count and quantity. */
function enqueueHidden(books: Books, order: number, ladder: number): void {
  const { words } = books
  const side = words[order + META]! & SIDE_BIT
  const key = keyOf(side, words[order + PRICE]!)
  let level = findLevel(books, ladder, key)
  if (level === 0) level = openLevel(books, ladder, side, key)
  const queue = level + HIDDEN_QUEUE
  const youngest = words[queue + PREV]!
  words[order + NEXT] = queue
  words[order + PREV] = youngest
  words[youngest + NEXT] = order
  words[queue + PREV] = order
  words[order + LEVEL] = level
  words[level + HIDDEN_COUNT]! += 1
}

export function enqueueAt(
  books: Books,
  order: number,
  ladder: number,
  side: number,
  priceTicks: number,
  lots: number,
): void {
  const { words } = books
  const key = keyOf(side, priceTicks)
  let level = findLevel(books, ladder, key)
  if (level === 0) level = openLevel(books, ladder, side, key)
  const youngest = words[level + PREV]!
  words[order + NEXT] = level
  words[order + PREV] = youngest
  words[youngest + NEXT] = order
  words[level + PREV] = order
  words[order + LEVEL] = level
  words[level + LEVEL_COUNT]! += 1
  addCount(words, level + LEVEL_LOTS, lots)
}

/** Takes the order out of its queue, and its level out of the ladder if that was all. */
export function dequeue(books: Books, order: number): void {
  const { words } = books
  const level = words[order + LEVEL]!
  const next = words[order + NEXT]!
  const previous = words[order + PREV]!
  words[previous + NEXT] = next
  words[next + PREV] = previous
  if ((words[order + META]! & HIDDEN_BIT) !== 0) words[level + HIDDEN_COUNT]! -= 1
  else {
    words[level + LEVEL_COUNT]! -= 1
    subtractCount(words, level + LEVEL_LOTS, words[order + LEAVES]!)
  }
  if ((words[level + LEVEL_COUNT]! | words[level + HIDDEN_COUNT]!) === 0) closeLevel(books, level)
}
