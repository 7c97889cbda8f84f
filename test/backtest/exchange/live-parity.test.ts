// What happened live happens again: a simulation is recorded and backtested in mode exchange with the same latencies, and
// gives the same fills, one by one. The strategy file is the same in the live node and in every mode of the backtest.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createStrategy, runBacktest } from '../../../backtest/io/run-backtest.ts'
import { defaultSettings } from '../../../backtest/io/run-settings.ts'
import { STRATEGY_KINDS } from '../../../strategies/catalogue.ts'
import { type Latencies, LiveDesk } from '../../support/live-desk.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tandem-parity-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const MS = 1_000_000
const DURATION_NS = 60_000 * MS
const MARKET: Latencies = { feedNs: 1_300_017, entryNs: 2_100_003, responseNs: 1_700_009 }

async function liveAndAgain(name: string, latencies: Latencies, seed: number, parameters: Record<string, number> = {}) {
  const out = join(scratch, `${name}-${seed}-${latencies.entryNs}.feed`)
  const live = new LiveDesk(createStrategy(name, parameters), latencies, seed, out)
  live.run(DURATION_NS)
  const settings = {
    ...defaultSettings(),
    ...{ strategy: name, parameters, mode: 'exchange' as const, entry: 'quotes' as const },
    latency: { entryMs: latencies.entryNs / MS, responseMs: latencies.responseNs / MS },
  }
  const [again] = await runBacktest({ feeds: [out], settings })
  const fills = again!.record.fills.map(({ exchangeNs, side, priceTicks, quantity, isMaker }) => {
    return { exchangeNs, side, priceTicks, lots: quantity, isMaker }
  })
  return { live, again: again!, fills, out }
}

describe.each(STRATEGY_KINDS.map(({ name }) => name))('%s', (name) => {
  test('a recorded simulation gives the same fills again', async () => {
    const { live, again, fills, out } = await liveAndAgain(name, MARKET, 1)
    expect(live.fills.length).toBeGreaterThan(20)
    // Answers that were under way as the recording ended come in the backtest only.
    expect(fills.slice(0, live.fills.length)).toEqual(live.fills)
    expect(fills.length - live.fills.length).toBeLessThanOrEqual(2)
    expect(Math.abs(again.record.counts.submitted - live.node.counts.quoteCount)).toBeLessThanOrEqual(1)
    const settings = { ...defaultSettings(), strategy: name }
    const [replayed] = await runBacktest({ feeds: [out], settings })
    expect(replayed!.record.fills.length).toBeGreaterThan(0)
    const [asOrders] = await runBacktest({ feeds: [out], settings: { ...settings, mode: 'exchange' } })
    expect(asOrders!.record.fills.length).toBeGreaterThan(0)
  })
})

test.each([2, 3, 4, 5])('seed %i, at other latencies', async (seed) => {
  const latencies = { feedNs: 100_000 * seed + 7, entryNs: 37_000 * seed + 1, responseNs: 53_000 * seed + 3 }
  const { live, fills } = await liveAndAgain('inventory-quoter', latencies, seed, {
    halfSpreadTicks: 2,
    quantityLots: 7,
  })
  expect(live.fills.length).toBeGreaterThan(50)
  expect(fills.slice(0, live.fills.length)).toEqual(live.fills)
})

test('the fills depend on the latencies: with others, they differ', async () => {
  const { live, out } = await liveAndAgain('inventory-quoter', MARKET, 6)
  const settings = {
    ...{ ...defaultSettings(), strategy: 'inventory-quoter', mode: 'exchange' as const, entry: 'quotes' as const },
    latency: { entryMs: 40, responseMs: 40 },
  }
  const [slower] = await runBacktest({ feeds: [out], settings })
  const times = slower!.record.fills.map(({ exchangeNs }) => exchangeNs)
  expect(times.slice(0, live.fills.length)).not.toEqual(live.fills.map(({ exchangeNs }) => exchangeNs))
})
