// What the command line of a simulation makes of a configuration.

import { expect, test } from 'vitest'
import { clusterConfigOf } from '../../../ops/config/cluster-config.ts'
import { engineNames, flowArgs, strategyArgs } from '../../../ops/supervisor/role-args.ts'
import { simConfig } from '../../../ops/supervisor/sim-config.ts'

const PLACE = { url: 'nats', credentials: null }

test('without options: a pair of engines, three nodes, eight symbols, no chaos, until it is ended', () => {
  const config = simConfig({})
  expect(engineNames(config)).toEqual(['engine-a', 'engine-b'])
  expect(config.strategyCount).toBe(3)
  expect(clusterConfigOf(config).instruments).toHaveLength(8)
  expect(config.simulation).toEqual({ chaosPerMinute: 0 })
})

test('nodes quote as the list of strategies says, beginning anew behind its last', () => {
  const config = simConfig({ nodes: 3, symbols: '3', strategies: 'glft,grid' })
  const kinds = [0, 1, 2].map((index) => strategyArgs(config, PLACE, index).at(-1))
  expect(kinds).toEqual(['glft', 'grid', 'glft'])
  expect(() => simConfig({ strategies: 'clairvoyance' })).toThrow('strategyKinds[0]')
})

test("limits of the configuration go to every node's command line, and those that it does not name do not", () => {
  const limits = { maxLoss: 500, maxInventoryLots: 40, staleMarketMs: 1_000 }
  const args = strategyArgs({ ...simConfig({}), nodeLimits: limits }, PLACE, 2)
  expect(args.slice(-6)).toEqual(['--max-inventory', '40', '--max-loss', '500', '--stale-market', '1000'])
  expect(strategyArgs(simConfig({}), PLACE, 0).join(' ')).not.toContain('--max')
})

test('solo and pair choose the engines; both at once are refused', () => {
  expect(engineNames(simConfig({ solo: true }))).toEqual(['engine'])
  expect(engineNames(simConfig({ pair: true }))).toHaveLength(2)
  expect(() => simConfig({ solo: true, pair: true })).toThrow('contradict')
})

test('a rate, a recording, a duration and chaos go where the configuration has them', () => {
  const config = simConfig({ rate: 20_000, record: 'a.feed', duration: 5, chaos: 6 })
  expect(flowArgs(config, PLACE)).toEqual(expect.arrayContaining(['--rate', '20000', '--model', 'zero-intelligence']))
  expect(config.simulation).toEqual({ chaosPerMinute: 6, durationS: 5, record: 'a.feed' })
})
