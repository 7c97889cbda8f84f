// The strategies that can be named on a command line or in a configuration.

import { inventoryQuoter } from './inventory-quoter.ts'
import type { StrategyKind } from './strategy.ts'

export const STRATEGY_KINDS: readonly StrategyKind[] = [inventoryQuoter]

export function findStrategyKind(name: string): StrategyKind | undefined {
  return STRATEGY_KINDS.find((kind) => kind.name === name)
}
