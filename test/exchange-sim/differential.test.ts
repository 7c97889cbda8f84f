// The exchange against its oracle: same events byte for byte, same books, same hashes, no rule of trading broken.
//
// This is the short form. The long one: ./tandem fuzz exchange --commands 10000000

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Differential, firstDifference } from '../../exchange-sim/differential/differential.ts'
import { EPISODE_STEP_COUNT, findingText, fuzzEpisode } from '../../exchange-sim/differential/fuzz.ts'
import type { Step } from '../../exchange-sim/differential/step.ts'
import { Exchange } from '../../exchange-sim/exchange.ts'
import { NaiveExchange } from '../../exchange-sim/naive/naive-exchange.ts'
import { OrderFlag, OrderType, Reason, TimeInForce } from '../../protocol/kinds.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'

const SEED = 20_261_123
const COMMAND_COUNT = 200_000

const config: ClusterConfig = {
  clusterId: 'test',
  instruments: ['A', 'B'].map((symbol) => ({ symbol, tickSize: '0.01', lotSize: '1', openingPriceTicks: 10 })),
  exposureLots: 100,
  quoteTtlNs: 20,
}

const clientId = fc.integer({ min: 1, max: 3 })
const symbolId = fc.integer({ min: 0, max: 1 })
const priceTicks = fc.integer({ min: 8, max: 12 })
const quantityLots = fc.integer({ min: 1, max: 5 })
const clientOrderId = fc.integer({ min: 0, max: 5 })
const orderId = fc.integer({ min: 0, max: 30 })

const limitOrder = fc
  .record({
    clientId,
    symbolId,
    clientOrderId,
    side: fc.integer({ min: 0, max: 1 }),
    timeInForce: fc.constantFrom(TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK),
    flags: fc.constantFrom(0, 0, OrderFlag.POST_ONLY),
    priceTicks: fc.oneof(priceTicks, fc.constant(0)),
    quantityLots,
  })
  .map(
    (order): Step => ({
      kind: 'newOrder',
      ...order,
      orderType: order.priceTicks === 0 ? OrderType.MARKET : OrderType.LIMIT,
      displayLots: 0,
      minimumLots: 0,
      triggerTicks: 0,
      linkedClientOrderId: 0,
      expireTimeNs: 0,
      ownerGroup: 0,
      selfTradePrevention: 0,
    }),
  )

const quote = fc
  .record({
    clientId,
    symbolId,
    quoteId: fc.integer({ min: 1, max: 1_000 }),
    bidTicks: priceTicks,
    bidLots: quantityLots,
    askTicks: priceTicks,
    askLots: quantityLots,
    positionVersion: fc.integer({ min: 0, max: 2 }),
    fencingToken: fc.integer({ min: 0, max: 2 }),
    ttlNs: fc.integer({ min: 0, max: 9 }),
  })
  .map((fields): Step => ({ kind: 'quote', ...fields, bidLotsGranted: fields.bidLots, askLotsGranted: fields.askLots }))

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: limitOrder },
  { weight: 3, arbitrary: quote },
  {
    weight: 2,
    arbitrary: fc
      .record({ clientId, symbolId, orderId, clientOrderId })
      .map((fields): Step => ({ kind: 'cancelOrder', ...fields })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        clientId,
        symbolId,
        orderId,
        clientOrderId,
        priceTicks,
        quantityLots,
        flags: fc.integer({ min: 0, max: 1 }),
      })
      .map((fields): Step => ({ kind: 'replaceOrder', ...fields })),
  },
  fc.integer({ min: 0, max: 12 }).map((durationNs): Step => ({ kind: 'wait', durationNs })),
  symbolId.map((id): Step => ({ kind: 'cancelQuote', symbolId: id, reason: Reason.KILL_SWITCH, flags: 0 })),
  fc.constant<Step>({ kind: 'restore' }),
)

describe('the exchange and its oracle', () => {
  it('agree on every list of steps that fast-check thinks of', () => {
    const makeDifferential = () =>
      new Differential(
        () => new Exchange(config, { orderCountMax: 100 }),
        () => new NaiveExchange(config, { orderCountMax: 100 }),
        config.instruments.length,
      )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        expect(firstDifference(steps, makeDifferential)).toBeUndefined()
      }),
      { numRuns: 400, seed: SEED },
    )
  })

  it(`agree on ${COMMAND_COUNT} steps of seeded workloads from ${SEED}`, () => {
    for (let episode = 0; episode < COMMAND_COUNT / EPISODE_STEP_COUNT; episode++) {
      const finding = fuzzEpisode(
        SEED + episode,
        EPISODE_STEP_COUNT,
        (cluster, options) => new Exchange(cluster, options),
        (cluster, options) => new NaiveExchange(cluster, options),
      )
      expect(finding === undefined ? '' : findingText(finding)).toBe('')
    }
  }, 120_000)
})
