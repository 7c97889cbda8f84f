// docs/exchange.md says where each feature of the exchange is and what shows it: all that it names is there, and it leaves
// no scenario table out.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const text = readFileSync(join(root, 'docs/exchange.md'), 'utf8')
const scenarios = readdirSync(join(root, 'test/exchange-sim/scenarios')).map((name) => name.replace('.md', ''))

test('every file that it names exists', () => {
  const files = [...text.matchAll(/`([a-z][\w/.-]*\.ts)`/g)].map(([, path = '']) => path)
  expect(files.length).toBeGreaterThan(50)
  expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

test('every scenario table is named, and no other', () => {
  const named = new Set([...text.matchAll(/`(\d\d-[a-z-]+)`/g)].map(([, name = '']) => name))
  // Refusals belong to every feature.
  expect([...named].sort()).toEqual(scenarios.filter((name) => name !== '08-refusals').sort())
})

test('it states how many scenarios there are', () => {
  const stated = Number(/There are (\d+)/.exec(text)?.[1])
  const count = scenarios
    .map((name) => readFileSync(join(root, `test/exchange-sim/scenarios/${name}.md`), 'utf8'))
    .reduce((sum, table) => sum + (table.match(/^## /gm)?.length ?? 0), 0)
  expect(stated).toBe(count)
})
