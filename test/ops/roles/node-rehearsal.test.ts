// The rehearsal goes the way that it is there to compile: the node quotes at nearly every tick.

import { expect, test } from 'vitest'
import { rehearseNode } from '../../../ops/roles/node-rehearsal.ts'
import { STRATEGY_KINDS } from '../../../strategies/catalogue.ts'
import { checkParameters } from '../../../strategies/strategy.ts'

const quotesOf = async (name: string) => {
  const kind = STRATEGY_KINDS.find((candidate) => candidate.name === name)!
  const parameters = checkParameters(kind, {})
  if (typeof parameters === 'string') throw new Error(parameters)
  return rehearseNode(kind, parameters)
}

test('a node that rehearses quotes at most of the ticks', async () => {
  expect(await quotesOf('inventory-quoter')).toBeGreaterThan(2_000)
})

test('a strategy that watches before it quotes ends its rehearsal without a quote', async () => {
  expect(await quotesOf('glft')).toBe(0)
})
