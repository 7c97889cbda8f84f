// The order flows of the matching benchmark: four little-endian int32 a command, op | side << 8, order id, price in
// ticks, quantity in lots. Order ids are dense from 1. A cancel or a replace names an order that was entered before.
//
// W1 and W2 are read from a folder of such files; without one they are generated here, by the same description, from a
// seed of our own, and have other values to check against.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { Prng } from '../base/prng.ts'
import { UserError } from '../ops/cli/output.ts'

export const OP_LIMIT = 0
export const OP_CANCEL = 1
export const OP_IOC = 2
export const OP_MARKET = 3
export const OP_REPLACE = 4
const WORDS = 4

/** What every engine must come to, over the whole flow. */
export type FlowOutcome = {
  readonly fills: number
  readonly quantityLots: number
  readonly notional: number
  /** h = h * 31 + maker + taker * 7 + quantity * 1000003 + price, in uint32 arithmetic, fill by fill. */
  readonly hash: number
  readonly ordersLeft: number
}

export type OrderFlow = {
  readonly name: string
  readonly words: Int32Array
  readonly commandCount: number
  readonly orderIdMax: number
  /** null: not known; the subjects are held against each other. */
  readonly expected: FlowOutcome | null
}

export const FLOW_NAMES = ['W1', 'W2', 'W3'] as const
export type FlowName = (typeof FLOW_NAMES)[number]

const flowFolder = process.env['TANDEM_FLOWS'] ?? join(import.meta.dirname, '../../shared/flows')

/** At most `commandCountMax` commands; a part of a flow has no expected outcome. */
export function loadFlow(name: FlowName, commandCountMax: number): OrderFlow {
  const path = join(flowFolder, `${name}.bin.zst`)
  if (name === 'W3' || !existsSync(path)) return generateFlow(name, commandCountMax)
  const bytes = zstdDecompressSync(readFileSync(path))
  if (bytes.length % (WORDS * 4) !== 0) throw new UserError(`${path} is no order flow: ${bytes.length} bytes`)
  const words = new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  const expectPath = join(flowFolder, `${name}.expect.json`)
  return flowOf(name, words.subarray(0, commandCountMax * WORDS), () =>
    words.length / WORDS > commandCountMax ? null : readOutcome(expectPath),
  )
}

/** A flow with so many orders resting before the commands begin: for measuring what the size of a book costs. */
export function flowOverBook(restingCount: number, commandCount: number): OrderFlow {
  const maker = new FlowMaker(7)
  for (let count = 0; count < restingCount; count++) maker.addDeep(restingCount)
  while (maker.count < restingCount + commandCount) maker.addOrCancel()
  return flowOf(`${restingCount} resting`, maker.words(), () => null)
}

function readOutcome(path: string): FlowOutcome | null {
  if (!existsSync(path)) return null
  const text = JSON.parse(readFileSync(path, 'utf8')) as Record<
    'fills' | 'qty' | 'notional' | 'hash' | 'liveEnd',
    number
  >
  const { fills, qty, notional, hash, liveEnd } = text
  return { fills, quantityLots: qty, notional, hash, ordersLeft: liveEnd }
}

function flowOf(name: string, words: Int32Array, expected: () => FlowOutcome | null): OrderFlow {
  let orderIdMax = 0
  for (let at = 1; at < words.length; at += WORDS) orderIdMax = Math.max(orderIdMax, words[at]!)
  return { name, words, commandCount: words.length / WORDS, orderIdMax, expected: expected() }
}

/** W1: like an order-by-order feed. W2: limit orders alone, much crossing. W3: W1 with bursts of marketable orders. */
function generateFlow(name: FlowName, commandCountMax: number): OrderFlow {
  const maker = new FlowMaker(name === 'W3' ? 3 : 1)
  const count = Math.min(commandCountMax, name === 'W2' ? 1_000_000 : 2_000_000)
  while (maker.count < count) {
    if (name === 'W2') maker.addCrossing()
    else if (name === 'W3' && maker.count % 20_000 < 1_000) maker.sweep()
    else maker.addOrCancel()
  }
  return flowOf(name === 'W3' ? name : `${name} (generated)`, maker.words(), () => null)
}

const MID_TICKS = 20_000
const LIVE_TARGET = 9_800

class FlowMaker {
  count = 0
  readonly #prng: Prng
  #words = new Int32Array(1 << 16)
  readonly #live: number[] = []
  #nextId = 1
  #midTicks = MID_TICKS

  constructor(seed: number) {
    this.#prng = new Prng(seed)
  }

  words(): Int32Array {
    return this.#words.slice(0, this.count * WORDS)
  }

  /** An order far enough from the mid that it rests, over as many prices as the book is deep. */
  addDeep(depth: number): void {
    const side = this.#prng.nextBelow(2)
    const distance = 1 + this.#prng.nextBelow(Math.max(100, Math.min(10_000, depth >> 2)))
    this.#add(side, MID_TICKS + (side === 0 ? -distance : distance))
  }

  addCrossing(): void {
    const side = this.#prng.nextBelow(2)
    this.#put(OP_LIMIT, side, this.#takeId(), 10_000 + this.#prng.nextBetween(-50, 50), this.#prng.nextBetween(1, 100))
  }

  sweep(): void {
    this.#put(OP_MARKET, this.#prng.nextBelow(2), this.#takeId(), 0, this.#prng.nextBetween(10, 200))
    this.addOrCancel()
  }

  addOrCancel(): void {
    const prng = this.#prng
    if (prng.nextChance(0.01)) this.#midTicks += prng.nextBetween(-1, 1)
    const share = prng.nextFloat()
    const side = prng.nextBelow(2)
    if (share < 0.04) this.#put(OP_IOC, side, this.#takeId(), this.#price(side, -1), prng.nextBetween(1, 40))
    else if (share < 0.05) this.#put(OP_MARKET, side, this.#takeId(), 0, prng.nextBetween(1, 20))
    else if (share < 0.07 && this.#live.length > 0) this.#replace(side)
    else if (share < 0.07 + 0.93 * this.#cancelShare()) this.#cancel()
    else this.#add(side, this.#price(side, prng.nextChance(0.01) ? -1 : 1))
  }

  #cancelShare(): number {
    return Math.min(0.75, 0.47 * (this.#live.length / LIVE_TARGET))
  }

  #add(side: number, priceTicks: number): void {
    const id = this.#takeId()
    this.#live.push(id * 2 + side)
    this.#put(OP_LIMIT, side, id, priceTicks, this.#prng.nextBetween(1, 100))
  }

  #cancel(): void {
    const picked = this.#pick()
    if (picked === 0) return
    this.#put(OP_CANCEL, picked & 1, picked >> 1, 0, 0)
  }

  #replace(side: number): void {
    const index = this.#prng.nextBelow(this.#live.length)
    const id = this.#live[index]! >> 1
    const ownSide = this.#live[index]! & 1
    this.#put(OP_REPLACE, ownSide, id, this.#price(ownSide, 1), this.#prng.nextBetween(1, 100) + side)
  }

  #pick(): number {
    const live = this.#live
    if (live.length === 0) return 0
    const index = this.#prng.nextBelow(live.length)
    const picked = live[index]!
    live[index] = live.at(-1)!
    live.pop()
    return picked
  }

  /** `away` 1: on its own side of the mid, -1: beyond it. */
  #price(side: number, away: 1 | -1): number {
    const distance = Math.min(100, 1 + Math.floor(this.#prng.nextExponential(20)))
    return Math.max(1, this.#midTicks + (side === 0 ? -away : away) * distance)
  }

  #takeId(): number {
    this.#nextId += 1
    return this.#nextId - 1
  }

  #put(op: number, side: number, id: number, priceTicks: number, quantityLots: number): void {
    const at = this.count * WORDS
    if (at + WORDS > this.#words.length) {
      const larger = new Int32Array(this.#words.length * 2)
      larger.set(this.#words)
      this.#words = larger
    }
    this.#words[at] = op | (side << 8)
    this.#words[at + 1] = id
    this.#words[at + 2] = priceTicks
    this.#words[at + 3] = quantityLots
    this.count += 1
  }
}
