// The ladder of one side of one book: its price levels, found by price and in order.
//
// A level has a key, which grows from the best price to the worst: price - 1 for asks, PRICE_TICKS_MAX - price for bids.
// Levels whose key falls into the window, WINDOW_KEYS keys around the touch, are found by index, with a bitmap that
// finds the next one. All others are far levels, in a tree. When too much happens among these, the window moves to the
// best price; what a move costs has been paid for by as many far levels opened.
//
//   +---------------------+        +---------+--------------------+------------------------------+
//   | ladder: best, base, | -----> | summary | bitmap             | window: offsets of levels,   |
//   | where the window is |        | 4 words | 128 words          | 0 none, 4096 words           |
//   +---------------------+        +---------+--------------------+------------------------------+
//
// A bit of the summary says that a word of the bitmap is not 0, a bit of the bitmap that there is a level.
// Invariant: BEST_KEY and BEST_LEVEL name the level with the lowest key, KEY_NONE and 0 when there is none.

import { PRICE_TICKS_MAX } from '../protocol/limits.ts'
import { BookLayout, type Books, giveRecord, takeRecord } from './books.ts'
import { findFar, firstFarFrom, insertFar, removeFar } from './far-levels.ts'
import { LevelWord, OrderWord } from './records.ts'

const { NEXT, PREV } = OrderWord
const { LEVEL_LOTS, LEVEL_COUNT, LEVEL_KEY, LEVEL_LADDER, LEVEL_PRICE, HIDDEN_QUEUE, HIDDEN_COUNT } = LevelWord
const { LADDER_WORDS, LADDERS_PER_SYMBOL, WINDOW_KEYS, WINDOW_WORDS } = BookLayout

export const Ladder = {
  BEST_KEY: 0,
  BEST_LEVEL: 1,
  /** Key of the window's first price. */
  WINDOW_BASE: 2,
  /** Where the summary, the bitmap and the window lie. */
  WINDOW_AT: 3,
  FAR_ROOT: 4,
  /** Far levels opened since the window was last moved. */
  FAR_OPENED: 5,
  /** Levels in the window. */
  WINDOW_COUNT: 6,
  /** From WINDOW_AT to the window. */
  WINDOW: WINDOW_KEYS / 1024 + WINDOW_KEYS / 32,
  /** The highest key at which an incoming order may trade now: see price-bands.ts. */
  TRADE_KEY: 15,
  /** Above every key. */
  KEY_NONE: 2_147_483_647,
  /** The highest key, up to which an order without a price crosses. */
  KEY_LAST: 2_147_483_646,
} as const

const { BEST_KEY, BEST_LEVEL, WINDOW_BASE, WINDOW_AT, FAR_ROOT, FAR_OPENED, WINDOW_COUNT, WINDOW } = Ladder
const { KEY_LAST, KEY_NONE, TRADE_KEY } = Ladder
/** From WINDOW_AT. The summary is at 0. */
const BITMAP = WINDOW_KEYS / 1024
/** The bits of a price. */
const PRICE_MASK = PRICE_TICKS_MAX
/** As many far levels are opened before the window moves, at least. */
const FAR_OPENED_MIN = 64

export function ladderOf(books: Books, symbolId: number, side: number): number {
  return books.laddersAt + (symbolId * LADDERS_PER_SYMBOL + side) * LADDER_WORDS
}

/** The key of a price on a side: bids (0) count down from the highest price, asks (1) up from the lowest. */
export function keyOf(side: number, priceTicks: number): number {
  return (priceTicks - side) ^ ((side - 1) & PRICE_MASK)
}

function priceOf(side: number, key: number): number {
  return (key ^ ((side - 1) & PRICE_MASK)) + side
}

export function initLadders(books: Books): void {
  const { words, laddersAt, windowsAt } = books
  for (let index = 0; index < books.symbolCount * LADDERS_PER_SYMBOL; index++) {
    words[laddersAt + index * LADDER_WORDS + BEST_KEY] = KEY_NONE
    words[laddersAt + index * LADDER_WORDS + TRADE_KEY] = KEY_LAST
    words[laddersAt + index * LADDER_WORDS + WINDOW_AT] = windowsAt + index * WINDOW_WORDS
  }
}

/** The level with this key, or 0. */
export function findLevel(books: Books, ladder: number, key: number): number {
  const { words } = books
  const index = key - words[ladder + WINDOW_BASE]!
  if (index >>> 0 < WINDOW_KEYS) return words[words[ladder + WINDOW_AT]! + WINDOW + index]!
  return findFar(books, words[ladder + FAR_ROOT]!, key)
}

/** A new, empty level with this key, which has none yet. */
export function openLevel(books: Books, ladder: number, side: number, key: number): number {
  const { words } = books
  const level = takeRecord(books)
  words[level + NEXT] = level
  words[level + PREV] = level
  words[level + LEVEL_LOTS] = 0
  words[level + LEVEL_LOTS + 1] = 0
  words[level + LEVEL_COUNT] = 0
  words[level + LEVEL_KEY] = key
  words[level + LEVEL_LADDER] = ladder
  words[level + LEVEL_PRICE] = priceOf(side, key)
  words[level + HIDDEN_QUEUE + NEXT] = level + HIDDEN_QUEUE
  words[level + HIDDEN_QUEUE + PREV] = level + HIDDEN_QUEUE
  words[level + HIDDEN_COUNT] = 0
  if (words[ladder + BEST_LEVEL] === 0) moveEmptyWindow(words, ladder, key)
  if (key < words[ladder + BEST_KEY]!) {
    words[ladder + BEST_KEY] = key
    words[ladder + BEST_LEVEL] = level
  }
  const index = key - words[ladder + WINDOW_BASE]!
  if (index >>> 0 < WINDOW_KEYS) setWindow(words, ladder, index, level)
  else openFar(books, ladder, level)
  return level
}

/** Takes an empty level out. */
export function closeLevel(books: Books, level: number): void {
  const { words } = books
  const ladder = words[level + LEVEL_LADDER]!
  const key = words[level + LEVEL_KEY]!
  const index = key - words[ladder + WINDOW_BASE]!
  if (index >>> 0 < WINDOW_KEYS) clearWindow(words, ladder, index)
  else words[ladder + FAR_ROOT] = removeFar(books, words[ladder + FAR_ROOT]!, level)
  if (words[ladder + BEST_LEVEL] === level) {
    const best = nextLevel(books, ladder, key)
    words[ladder + BEST_LEVEL] = best
    words[ladder + BEST_KEY] = best === 0 ? KEY_NONE : words[best + LEVEL_KEY]!
  }
  giveRecord(books, level)
}

/** The level with the lowest key above `key`, or 0. */
export function nextLevel(books: Books, ladder: number, key: number): number {
  const { words } = books
  const near = nextInWindow(words, ladder, key - words[ladder + WINDOW_BASE]! + 1)
  const root = words[ladder + FAR_ROOT]!
  if (root === 0) return near
  const far = firstFarFrom(books, root, key + 1)
  if (near === 0 || far === 0) return near | far
  return words[near + LEVEL_KEY]! < words[far + LEVEL_KEY]! ? near : far
}

/** The first level at or after this index of the window, or 0. */
function nextInWindow(words: Int32Array, ladder: number, from: number): number {
  if (from >= WINDOW_KEYS) return 0
  const start = from < 0 ? 0 : from
  const windowAt = words[ladder + WINDOW_AT]!
  let word = start >> 5
  let bits = words[windowAt + BITMAP + word]! & (-1 << (start & 31))
  if (bits === 0) {
    word = nextWord(words, windowAt, word + 1)
    if (word < 0) return 0
    bits = words[windowAt + BITMAP + word]!
  }
  return words[windowAt + WINDOW + (word << 5) + lowestBit(bits)]!
}

/** The first word of the bitmap at or after `from` that is not 0, or -1. */
function nextWord(words: Int32Array, windowAt: number, from: number): number {
  let word = from >> 5
  if (word >= WINDOW_KEYS / 1024) return -1
  let bits = words[windowAt + word]! & (-1 << (from & 31))
  while (bits === 0) {
    word += 1
    if (word === WINDOW_KEYS / 1024) return -1
    bits = words[windowAt + word]!
  }
  return (word << 5) + lowestBit(bits)
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}

function setWindow(words: Int32Array, ladder: number, index: number, level: number): void {
  const windowAt = words[ladder + WINDOW_AT]!
  const word = index >> 5
  words[windowAt + WINDOW + index] = level
  words[windowAt + BITMAP + word]! |= 1 << (index & 31)
  words[windowAt + (word >> 5)]! |= 1 << (word & 31)
  words[ladder + WINDOW_COUNT]! += 1
}

function clearWindow(words: Int32Array, ladder: number, index: number): void {
  const windowAt = words[ladder + WINDOW_AT]!
  const word = index >> 5
  words[windowAt + WINDOW + index] = 0
  const bits = words[windowAt + BITMAP + word]! & ~(1 << (index & 31))
  words[windowAt + BITMAP + word] = bits
  if (bits === 0) words[windowAt + (word >> 5)]! &= ~(1 << (word & 31))
  words[ladder + WINDOW_COUNT]! -= 1
}

function openFar(books: Books, ladder: number, level: number): void {
  const { words } = books
  words[ladder + FAR_ROOT] = insertFar(books, words[ladder + FAR_ROOT]!, level)
  words[ladder + FAR_OPENED]! += 1
  if (words[ladder + FAR_OPENED]! > FAR_OPENED_MIN + words[ladder + WINDOW_COUNT]!) moveWindow(books, ladder)
}

/** Where the window starts when it is to have `key` in its middle. */
function windowBaseFor(key: number): number {
  const base = key - WINDOW_KEYS / 2
  return base < 0 ? 0 : Math.min(base, KEY_NONE - WINDOW_KEYS)
}

/** Moving costs nothing while there is no level: the window follows the first one. */
function moveEmptyWindow(words: Int32Array, ladder: number, key: number): void {
  if ((key - words[ladder + WINDOW_BASE]!) >>> 0 < WINDOW_KEYS) return
  words[ladder + WINDOW_BASE] = windowBaseFor(key)
  words[ladder + FAR_OPENED] = 0
}

/** Puts the best price into the middle of the window, unless it is well inside. */
function moveWindow(books: Books, ladder: number): void {
  const { words } = books
  const bestKey = words[ladder + BEST_KEY]!
  words[ladder + FAR_OPENED] = 0
  const baseOld = words[ladder + WINDOW_BASE]!
  const baseNew = windowBaseFor(bestKey)
  if (Math.abs(baseNew - baseOld) < WINDOW_KEYS / 4) return

  let root = words[ladder + FAR_ROOT]!
  let level = nextInWindow(words, ladder, 0)
  while (level !== 0) {
    const index = words[level + LEVEL_KEY]! - baseOld
    clearWindow(words, ladder, index)
    root = insertFar(books, root, level)
    level = nextInWindow(words, ladder, index + 1)
  }
  words[ladder + WINDOW_BASE] = baseNew
  level = firstFarFrom(books, root, baseNew)
  while (level !== 0 && words[level + LEVEL_KEY]! - baseNew < WINDOW_KEYS) {
    root = removeFar(books, root, level)
    setWindow(words, ladder, words[level + LEVEL_KEY]! - baseNew, level)
    level = firstFarFrom(books, root, baseNew)
  }
  words[ladder + FAR_ROOT] = root
}
