// The scenario tables, on both implementations.

import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Exchange } from '../../exchange-sim/exchange.ts'
import { NaiveExchange } from '../../exchange-sim/naive/naive-exchange.ts'
import { actualText, expectedText, parseScenarios, readScenarios } from '../support/scenario.ts'

const scenarios = readScenarios(fileURLToPath(new URL('scenarios/', import.meta.url)))

describe('scenario tables', () => {
  it('are there', () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(300)
    const names = scenarios.map(({ file, title }) => `${file} ${title}`)
    expect(new Set(names).size).toBe(names.length)
  })

  it('fail when the outcome is another one', () => {
    const table = '## Wrong\n```\n> c1 buy 5 @ 100\naccepted #1 c1 buy 4 @ 100 in-book\n```\n'
    const [wrong] = parseScenarios('wrong.md', table)
    expect(wrong).toBeDefined()
    expect(actualText(wrong!, ({ config }) => new NaiveExchange(config))).toBe(
      '> c1 buy 5 @ 100\naccepted #1 c1 buy 5 @ 100 in-book',
    )
  })

  describe.each(['the exchange', 'its oracle'])('hold for %s', (name) => {
    it.each(scenarios.map((scenario) => [`${scenario.file}: ${scenario.title}`, scenario] as const))(
      '%s',
      (_title, scenario) => {
        const actual = actualText(scenario, ({ config, orderCountMax }) =>
          name === 'its oracle'
            ? new NaiveExchange(config, { orderCountMax })
            : new Exchange(config, { orderCountMax }),
        )
        expect(actual).toBe(expectedText(scenario))
      },
    )
  })
})
