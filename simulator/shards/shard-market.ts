// A market on several engine pairs in virtual time: each owns some symbols, and a desk hands the exposure limit out to them.
// Messages are late, lost and repeated, pairs and desk are away for as long as a failover takes, and after each step the limit holds.
//
// It models what sharding would add, and nothing that an engine does already: a pair is its budget and what its quotes hold.
// A pair's state outlives a failover, as that of an engine pair does; what was sent to it in the meantime is lost.

import { makeWorld, promise, type World } from '../world.ts'
import { BudgetDesk } from './budget-desk.ts'
import { BudgetShard } from './budget-shard.ts'

/** How the limit gets to the shards: one shard has all symbols and all of it; even parts for good; budgets that move. */
export type Sharing = 'one pair' | 'fixed parts' | 'budgets'

export type ShardMarketOptions = {
  readonly seed: number
  readonly shards: number
  readonly symbolsPerShard: number
  readonly exposureLots: number
  readonly seconds: number
  readonly sharing: Sharing
  /** Parts of the market that are busy at the same time; which ones they are changes. */
  readonly hotShards: number
  /** One way, between a shard and the desk: up to twice this. */
  readonly delayMs: number
  readonly hasFaults: boolean
}

export type ShardMarketFigures = {
  readonly quotes: number
  /** Of what quotes wanted, the part that they were granted. */
  readonly grantedShare: number
  /** The same in the busy parts of the market. */
  readonly hotGrantedShare: number
  /** Highest sum of what all quotes held. */
  readonly heldLotsMax: number
  /** Times from when a part became busy until all its quotes stood as wanted. Milliseconds, ascending. */
  readonly wholeMs: readonly number[]
  readonly messagesPerS: number
  readonly failovers: number
}

const MS = 1e6
/** What a quote of a calm symbol and of a busy one wants. */
const CALM_LOTS = 3
const HOT_LOTS = 20
const REFRESH_MS = 500
const MOOD_MS = 4_000
const REPORT_MS = 20
const APPORTION_MS = 20
const FILL_CHANCE = 0.2
const LOSS_CHANCE = 0.01
const REPEAT_CHANCE = 0.01
const AWAY_MS = 600
const DESK_AWAY_MS = 2_000
const UP_MS_MEAN = 8_000

/** The symbols of one shard, whichever shards there are. */
type Part = { isHot: boolean; hotSinceNs: number; isWhole: boolean; readonly wholeSymbols: Set<number> }

/** Runs it. Throws BrokenPromiseError when the limit was passed, even for an instant. */
export function runShardMarket(options: ShardMarketOptions): ShardMarketFigures {
  return new ShardMarket(options).run()
}

class ShardMarket {
  readonly #options: ShardMarketOptions
  readonly #world: World
  readonly #desk: BudgetDesk
  readonly #shards: readonly BudgetShard[]
  readonly #parts: readonly Part[]
  readonly #awayUntilNs: Float64Array
  #deskAwayUntilNs = 0
  #quotes = 0
  #wanted = 0
  #granted = 0
  #hotWanted = 0
  #hotGranted = 0
  #heldLotsMax = 0
  #messages = 0
  #failovers = 0
  readonly #wholeMs: number[] = []

  constructor(options: ShardMarketOptions) {
    const { shards, symbolsPerShard, exposureLots, sharing } = options
    this.#options = options
    this.#world = makeWorld(options.seed, null)
    const shardCount = sharing === 'one pair' ? 1 : shards
    const budgetLots = sharing === 'budgets' ? 0 : Math.floor(exposureLots / shardCount)
    const symbolCount = (symbolsPerShard * shards) / shardCount
    this.#desk = new BudgetDesk(shardCount, exposureLots)
    this.#shards = Array.from({ length: shardCount }, () => new BudgetShard(symbolCount, budgetLots))
    this.#parts = Array.from({ length: shards }, () => ({
      ...{ isHot: false, hotSinceNs: 0, isWhole: true },
      wholeSymbols: new Set<number>(),
    }))
    this.#awayUntilNs = new Float64Array(shardCount)
  }

  run(): ShardMarketFigures {
    const { shards, symbolsPerShard, seconds, sharing } = this.#options
    const { schedule } = this.#world
    for (let symbol = 0; symbol < shards * symbolsPerShard; symbol++) this.#quoteLater(symbol)
    this.#changeMood()
    if (sharing === 'budgets') {
      for (let shard = 0; shard < this.#shards.length; shard++) this.#report(shard)
      this.#apportion()
    }
    if (this.#options.hasFaults) this.#fail()
    while (schedule.nowNs < seconds * 1_000 * MS && schedule.step()) this.#checkLimit()
    return this.#figures()
  }

  #figures(): ShardMarketFigures {
    return {
      quotes: this.#quotes,
      grantedShare: this.#granted / this.#wanted,
      hotGrantedShare: this.#hotGranted / Math.max(1, this.#hotWanted),
      heldLotsMax: this.#heldLotsMax,
      wholeMs: this.#wholeMs.sort((one, other) => one - other),
      messagesPerS: this.#messages / this.#options.seconds,
      failovers: this.#failovers,
    }
  }

  #checkLimit(): void {
    const { exposureLots, sharing } = this.#options
    let held = 0
    let budgets = 0
    for (const shard of this.#shards) {
      held += shard.heldLots
      budgets += shard.budgetLots
    }
    this.#heldLotsMax = Math.max(this.#heldLotsMax, held)
    promise(held <= budgets && budgets <= exposureLots, () => `quotes hold ${held}, budgets are ${budgets}`)
    promise(sharing !== 'budgets' || budgets <= this.#desk.outLots, () => 'shards have what the desk did not give')
  }

  #quoteLater(symbol: number): void {
    const { schedule, random } = this.#world
    schedule.after(REFRESH_MS * MS * (0.5 + random.nextFloat()), () => {
      this.#quote(symbol)
      this.#quoteLater(symbol)
    })
  }

  #quote(symbol: number): void {
    const { symbolsPerShard } = this.#options
    const partIndex = Math.floor(symbol / symbolsPerShard)
    const part = this.#parts[partIndex]!
    const shardIndex = this.#shards.length === 1 ? 0 : partIndex
    const shard = this.#shards[shardIndex]!
    const local = this.#shards.length === 1 ? symbol : symbol % symbolsPerShard
    const { random, schedule } = this.#world
    // Chance is used alike whatever the sharing is, so that all of them see the same market.
    const isFilled = random.nextChance(FILL_CHANCE)
    if (this.#isAway(shardIndex)) return
    if (isFilled) shard.fill(local, 1 + (symbol % 3))
    const wanted = part.isHot ? HOT_LOTS : CALM_LOTS
    const granted = shard.quote(local, wanted)
    this.#quotes += 1
    this.#wanted += wanted
    this.#granted += granted
    if (!part.isHot) return
    this.#hotWanted += wanted
    this.#hotGranted += granted
    if (granted === wanted) part.wholeSymbols.add(symbol)
    else part.wholeSymbols.delete(symbol)
    if (part.isWhole || part.wholeSymbols.size < symbolsPerShard) return
    part.isWhole = true
    this.#wholeMs.push((schedule.nowNs - part.hotSinceNs) / MS)
  }

  /** Other parts of the market become the busy ones. */
  #changeMood(): void {
    const { schedule, random } = this.#world
    const { hotShards } = this.#options
    const first = random.nextBelow(this.#parts.length)
    for (const [index, part] of this.#parts.entries()) {
      const isHot = (index - first + this.#parts.length) % this.#parts.length < hotShards
      if (isHot && !part.isHot) {
        part.hotSinceNs = schedule.nowNs
        part.isWhole = false
        part.wholeSymbols.clear()
      }
      part.isHot = isHot
    }
    schedule.after(MOOD_MS * MS, () => this.#changeMood())
  }

  #report(shardIndex: number): void {
    const shard = this.#shards[shardIndex]!
    if (!this.#isAway(shardIndex)) {
      const { returnedLots, demandLots } = shard
      this.#send(() => {
        if (!this.#isDeskAway()) this.#desk.hear(shardIndex, returnedLots, demandLots)
      })
    }
    this.#world.schedule.after(REPORT_MS * MS, () => this.#report(shardIndex))
  }

  #apportion(): void {
    if (!this.#isDeskAway()) {
      this.#desk.apportion()
      const { round } = this.#desk
      for (const [index, shard] of this.#shards.entries()) {
        const granted = this.#desk.grantedLots(index)
        const target = this.#desk.targetLots(index)
        this.#send(() => {
          if (!this.#isAway(index)) shard.hear(round, granted, target)
        })
      }
    }
    this.#world.schedule.after(APPORTION_MS * MS, () => this.#apportion())
  }

  /** At most once, at some time, or twice. */
  #send(arrive: () => void): void {
    const { schedule, random } = this.#world
    const { delayMs, hasFaults } = this.#options
    this.#messages += 1
    if (hasFaults && random.nextChance(LOSS_CHANCE)) return
    schedule.after(random.nextFloat() * 2 * delayMs * MS, arrive)
    if (hasFaults && random.nextChance(REPEAT_CHANCE)) schedule.after(random.nextFloat() * 20 * delayMs * MS, arrive)
  }

  /** A pair, or the desk's, is without a primary for a while. */
  #fail(): void {
    const { schedule, random } = this.#world
    schedule.after(random.nextExponential(UP_MS_MEAN) * MS, () => {
      const which = random.nextBelow(this.#shards.length + 1)
      this.#failovers += 1
      if (which === this.#shards.length) this.#deskAwayUntilNs = schedule.nowNs + DESK_AWAY_MS * MS
      else this.#awayUntilNs[which] = schedule.nowNs + AWAY_MS * MS
      this.#fail()
    })
  }

  #isAway(shard: number): boolean {
    return this.#world.schedule.nowNs < this.#awayUntilNs[shard]!
  }

  #isDeskAway(): boolean {
    return this.#world.schedule.nowNs < this.#deskAwayUntilNs
  }
}
