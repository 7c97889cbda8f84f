// The strategies that can be named on a command line or in a configuration.

import { avellanedaStoikov } from './avellaneda-stoikov.ts'
import { bookImbalance } from './book-imbalance.ts'
import { glft } from './glft.ts'
import { grid } from './grid.ts'
import { inventoryQuoter } from './inventory-quoter.ts'
import { multiLevel } from './multi-level.ts'
import type { StrategyKind } from './strategy.ts'

export const STRATEGY_KINDS: readonly StrategyKind[] = [
  inventoryQuoter,
  avellanedaStoikov,
  glft,
  bookImbalance,
  grid,
  multiLevel,
]

export function findStrategyKind(name: string): StrategyKind | undefined {
  return STRATEGY_KINDS.find((kind) => kind.name === name)
}
