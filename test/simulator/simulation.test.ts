// The simulator: it finds nothing in the engine as it is, finds what is planted, and tells the same story again.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mutate } from '../../ops/simulate/mutation.ts'
import { MUTATIONS } from '../../ops/simulate/mutations.ts'
import { runSeeds } from '../../ops/simulate/seed-pool.ts'
import { NO_FAULTS } from '../../simulator/faults.ts'
import { runSimulation } from '../../simulator/simulation.ts'

const STEPS = 12_000
const root = join(import.meta.dirname, '../..')

describe('the engine as it is', () => {
  test('keeps its promises, whatever goes wrong', async () => {
    const totals = await runSeeds({
      ...{ firstSeed: 1, seedCount: 150, steps: STEPS, mutation: null, stopsAtFailure: false },
      onProgress: () => {},
      signal: new AbortController().signal,
    })
    expect(totals.failures).toEqual([])
    expect(totals.count).toBe(150)
    // It did something, and something was done to it.
    expect(totals.answeredCount).toBeGreaterThan(150 * 100)
    expect(totals.faultCount).toBeGreaterThan(150 * 5)
  }, 120_000)

  test('keeps them with the seed by which an engine died once while its journal was replaced, and could not start', () => {
    expect(runSimulation({ seed: 2_903, steps: STEPS }).failure).toBeNull()
  })

  test('without faults, everything is answered', () => {
    const outcome = runSimulation({ seed: 5, steps: STEPS, plan: NO_FAULTS })
    expect(outcome).toMatchObject({ failure: null, faultCount: 0 })
    expect(outcome.answeredCount).toBeGreaterThan(100)
  })
})

test('a seed tells the same story each time, and another seed another one', () => {
  const story = (seed: number) => {
    const lines: string[] = []
    const outcome = runSimulation({ seed, steps: 3_000, onLine: (line) => lines.push(line) })
    return { outcome, lines }
  }
  const first = story(42)
  expect(story(42)).toEqual(first)
  expect(first.lines.length).toBeGreaterThan(10)
  expect(story(43).outcome.digest).not.toBe(first.outcome.digest)
})

describe('planted faults', () => {
  test('there are at least twenty, and each still fits the sources', () => {
    expect(MUTATIONS.length).toBeGreaterThanOrEqual(20)
    for (const mutation of MUTATIONS) {
      const source = readFileSync(join(root, mutation.file), 'utf8')
      expect(mutate(source, mutation)).not.toBe(source)
    }
  })

  test('a text that is not there is an error', () => {
    const mutation = { name: 'none', guard: '', file: 'none.ts', find: 'a', replace: 'b' }
    expect(() => mutate('banana', mutation)).toThrow('occurs 3 times')
    expect(() => mutate('', mutation)).toThrow('occurs 0 times')
  })

  // Those that a few seeds show. The long form is `tandem simulate --mutations`.
  test.each([
    'tells-early',
    'leads-unasked',
    'acknowledges-unheard',
    'forgets-replies',
    'outsider-leads',
    'keeps-suffix',
    'believes-ahead',
  ])(
    '%s is found',
    async (name) => {
      const mutation = MUTATIONS.find((candidate) => candidate.name === name)
      if (mutation === undefined) throw new Error(`there is no mutation ${name}`)
      const told: number[] = []
      const totals = await runSeeds({
        ...{ firstSeed: 1, seedCount: 200, steps: STEPS, mutation, stopsAtFailure: true },
        onProgress: () => {},
        onFailure: (seed) => told.push(seed),
        signal: new AbortController().signal,
      })
      expect(totals.failures.length).toBeGreaterThan(0)
      expect(told.sort((one, other) => one - other)).toEqual(totals.failures.map(({ seed }) => seed))
    },
    60_000,
  )
})
