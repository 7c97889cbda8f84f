// Configuration files: defaults that work, and errors that say where and what.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { clusterConfigOf } from '../../../ops/config/cluster-config.ts'
import { defaultConfig, loadConfig, parseConfig } from '../../../ops/config/load.ts'
import { configJsonSchema } from '../../../ops/config/schema.ts'

describe('defaults', () => {
  test('an empty file is the default market: eight symbols, three strategy nodes', () => {
    const config = parseConfig('# nothing\n', 'empty.yaml')
    expect(config).toEqual(defaultConfig())
    expect(config.instruments).toHaveLength(8)
    expect(config.strategyCount).toBe(3)
  })

  test('prices become whole ticks', () => {
    const config = parseConfig('instruments: [{symbol: BTC, tickSize: 0.1, openingPrice: 61000.7}]', 'btc.yaml')
    expect(clusterConfigOf(config).instruments).toEqual([
      { symbol: 'BTC', tickSize: '0.1', lotSize: '1', openingPriceTicks: 610_007 },
    ])
  })
})

describe('errors', () => {
  test.each([
    ['exposureLots: many', 'bad.yaml:1: exposureLots: '],
    ['seed: 1\n\nexposureLots: 0', 'bad.yaml:3: exposureLots: '],
    ['seed: 1\nspeed: 3', 'unknown key speed'],
    ['instruments:\n  - symbol: ab\n    openingPrice: 1', 'bad.yaml:2: instruments[0].symbol: must be 1 to 16'],
    [
      'instruments:\n  - symbol: AB\n    openingPrice: 1.005',
      'bad.yaml:3: instruments[0].openingPrice: "1.005" is off the tick grid of AB',
    ],
    ['instruments:\n  - symbol: AB\n    openingPrice: .nan', 'instruments[0].openingPrice: '],
    [
      'instruments:\n  - {symbol: AB, openingPrice: 1}\n  - {symbol: AB, openingPrice: 1}',
      'bad.yaml:3: instruments[1].symbol: AB is there twice',
    ],
    ['instruments:\n  - {symbol: AB, openingPrice: -1}', 'must be a positive decimal'],
    ['membership: {presenceMs: 200}', 'membership: renewalMs must be shorter than presenceMs and leaseMs'],
    ['seed: [1', 'bad.yaml:1: '],
    ['seed: 1\nseed: 2', 'bad.yaml:2: '],
    ['- 1', 'bad.yaml:1: '],
  ])('%j', (text, message) => {
    expect(() => parseConfig(text, 'bad.yaml')).toThrow(message)
  })

  test('a missing file is named', () => {
    expect(() => loadConfig('nowhere.yaml')).toThrow('the configuration nowhere.yaml cannot be read (ENOENT)')
  })
})

test('the published JSON Schema is the one that the program checks with', () => {
  const published = readFileSync(join(import.meta.dirname, '../../../docs/tandem.schema.json'), 'utf8')
  expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(configJsonSchema())))
})
