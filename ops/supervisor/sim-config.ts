// The configuration of a simulation: the file or the defaults, then what the command line says.

import { resolve } from 'node:path'
import { UserError } from '../cli/output.ts'
import { instrumentsOfFeed } from '../config/feed-market.ts'
import { checkConfig, defaultConfig, loadConfig } from '../config/load.ts'
import type { TandemConfig, TandemConfigInput } from '../config/schema.ts'

export type SimFlags = {
  readonly config?: string
  readonly feed?: string
  readonly speed?: number
  readonly seed?: number
  readonly symbols?: string
  readonly nodes?: number
  readonly strategies?: string
  readonly rate?: number
  readonly solo?: boolean
  readonly pair?: boolean
  readonly record?: string
  readonly chaos?: number
  readonly duration?: number
  readonly port?: number
}

export function simConfig(flags: SimFlags): TandemConfig {
  const base = flags.config === undefined ? defaultConfig() : loadConfig(flags.config)
  const feed = flags.feed ?? base.flow.feed
  // A recorded feed brings its own instruments; a file may still name others of the same symbols.
  const bringsOwn = flags.feed !== undefined && flags.config === undefined
  const all = bringsOwn ? instrumentsOfFeed(flags.feed) : base.instruments
  const instruments = flags.symbols === undefined ? all : chooseSymbols(all, flags.symbols)
  if (flags.solo === true && flags.pair === true) throw new UserError('--solo and --pair contradict each other')
  const wanted: TandemConfigInput = {
    ...base,
    instruments,
    ...(flags.nodes === undefined ? {} : { strategyCount: flags.nodes }),
    ...(flags.strategies === undefined ? {} : { strategyKinds: flags.strategies.split(',') }),
    ...(flags.solo === true ? { engineCount: 1 } : flags.pair === true ? { engineCount: 2 } : {}),
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    flow: {
      ...base.flow,
      ...(feed === undefined ? {} : { feed: resolve(feed) }),
      ...(flags.speed === undefined ? {} : { speed: flags.speed }),
      ...(flags.rate === undefined ? {} : { ratePerS: flags.rate }),
    },
    simulation: {
      ...base.simulation,
      ...(flags.duration === undefined ? {} : { durationS: flags.duration }),
      ...(flags.record === undefined ? {} : { record: flags.record }),
      ...(flags.chaos === undefined ? {} : { chaosPerMinute: flags.chaos }),
    },
    gateway: { ...base.gateway, ...(flags.port === undefined ? {} : { port: flags.port }) },
  }
  return checkConfig(wanted, 'the command line')
}

type Named = { readonly symbol: string }

function chooseSymbols<Instrument extends Named>(all: readonly Instrument[], wanted: string): Instrument[] {
  if (/^\d+$/.test(wanted)) {
    const count = Number(wanted)
    if (count >= 1 && count <= all.length) return all.slice(0, count)
    throw new UserError(`--symbols ${wanted}: there are ${all.length} symbols to choose from`, namesOf(all))
  }
  return wanted.split(',').map((symbol) => {
    const found = all.find((instrument) => instrument.symbol === symbol.trim())
    if (found === undefined) throw new UserError(`--symbols: there is no ${symbol.trim()}`, namesOf(all))
    return found
  })
}

function namesOf(all: readonly Named[]): string {
  return `There are ${all.map(({ symbol }) => symbol).join(', ')}.`
}
