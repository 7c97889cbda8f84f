// The publisher: what is due goes out in order, exactly once, held back by the window, and a feed ends cleanly.

import { afterEach, describe, expect, test } from 'vitest'
import { FeedFlag, FeedKind } from '../../../feeds/feed-event.ts'
import { FlowPublisher, type FlowState } from '../../../ops/flow/flow-publisher.ts'
import { FeedSource, GeneratorSource } from '../../../ops/flow/flow-source.ts'
import { MODEL_NAMES } from '../../../ops/flow/order-models.ts'
import type { Transport } from '../../../protocol/io/transport.ts'
import { CommandKind, Side } from '../../../protocol/kinds.ts'
import { REPLY_COUNT_MAX } from '../../../protocol/limits.ts'
import type { ClusterConfig } from '../../../protocol/symbol.ts'
import { openBytes, type PlainEvent, plainEvent, writeFeed } from '../../support/feed.ts'
import { MemoryBus } from '../../support/memory-bus.ts'
import { OrderEngine } from '../../support/order-engine.ts'

const config: ClusterConfig = {
  clusterId: 'test',
  instruments: [{ symbol: 'AAA', tickSize: '0.01', lotSize: '1', openingPriceTicks: 10_000 }],
  exposureLots: 100,
  quoteTtlNs: 30_000_000_000,
}

/** Orders that come and go, a hundred in each millisecond of the feed. */
function busyFeed(orderCount: number): PlainEvent[] {
  return Array.from({ length: orderCount }, (_, i) => {
    const fields = { exchangeNs: i * 5_000, orderId: i + 1, priceTicks: 9_000 + (i % 50), quantityLots: 5 }
    return [
      plainEvent(FeedKind.ADD, { ...fields, flags: FeedFlag.BUY }),
      ...(i < 10 ? [] : [plainEvent(FeedKind.DELETE, { ...fields, orderId: i - 9, flags: FeedFlag.BUY })]),
    ]
  }).flat()
}

function start(speed: number) {
  const bus = new MemoryBus()
  const transport: Transport = bus.connect()
  const engine = new OrderEngine(bus.connect(), config, 1)
  const states: FlowState[] = []
  const waiting: { state: FlowState; resolve: () => void }[] = []
  const publisher = new FlowPublisher(transport, engine.subjects, { clientId: 1, speed }, (state) => {
    states.push(state)
    for (const { resolve } of waiting.filter((wait) => wait.state === state)) resolve()
  })
  const reached = (state: FlowState) =>
    publisher.state === state ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ state, resolve }))
  running.push(publisher)
  return { engine, publisher, states, reached }
}

const running: FlowPublisher[] = []
afterEach(async () => {
  for (const publisher of running.splice(0)) await publisher.stop()
})

describe('a feed', () => {
  test('far more orders than the window holds all arrive once; the flow ends with the word finished', async () => {
    const { engine, publisher, states, reached } = start(1_000)
    const orderCount = 4 * REPLY_COUNT_MAX
    await publisher.start(new FeedSource(openBytes(writeFeed(busyFeed(orderCount))), publisher.orders, [0, -1]))
    await reached('finished')
    expect(states).toEqual(['publishing', 'finished'])
    expect(engine.applied.get(CommandKind.NEW_ORDER)).toBe(orderCount)
    expect(engine.applied.get(CommandKind.CANCEL_ORDER)).toBe(orderCount - 10)
    expect(engine.applied.get(CommandKind.MASS_CANCEL)).toBe(1)
    expect(engine.exchange.orderCount()).toBe(10)
    const details = publisher.details()
    expect(details).toMatchObject({
      sentCount: 2 * orderCount - 9,
      ackedCount: 2 * orderCount - 9,
      rejectedCount: 0,
      inFlightCount: 0,
      addedCount: orderCount,
      eventCount: 2 * orderCount - 10,
      eventCountTotal: 2 * orderCount - 10,
    })
    expect(Number(details['ackP50Us'])).toBeGreaterThan(0)
    expect(Number(details['ackP99Us'])).toBeGreaterThanOrEqual(Number(details['ackP50Us']))
  })

  test('while nobody answers the window fills up and nothing is lost: afterwards all orders arrive, once', async () => {
    const { engine, publisher, reached } = start(1_000)
    const orderCount = 2 * REPLY_COUNT_MAX
    await publisher.start(new FeedSource(openBytes(writeFeed(busyFeed(orderCount))), publisher.orders, [0, -1]))
    engine.isDeaf = true
    await expect
      .poll(() => publisher.details()['inFlightCount'], { timeout: 5_000 })
      .toBeGreaterThan(REPLY_COUNT_MAX - 8)
    expect(publisher.details()['inFlightCount']).toBeLessThanOrEqual(REPLY_COUNT_MAX)
    engine.isDeaf = false
    await reached('finished')
    expect(engine.applied.get(CommandKind.NEW_ORDER)).toBe(orderCount)
    expect(engine.exchange.orderCount()).toBe(10)
    expect(Number(publisher.details()['retryCount'])).toBeGreaterThan(0)
    expect(Number(publisher.details()['lagMaxMs'])).toBeGreaterThan(0)
  })

  test('refusals are counted by reason', async () => {
    const { engine, publisher, reached } = start(1)
    const events = [
      plainEvent(FeedKind.ADD, { flags: FeedFlag.BUY, orderId: 1, priceTicks: 100, quantityLots: 5 }),
      plainEvent(FeedKind.ADD, { flags: FeedFlag.SELL, orderId: 2, priceTicks: 100, quantityLots: 5 }),
      plainEvent(FeedKind.DELETE, { flags: FeedFlag.SELL, orderId: 2, priceTicks: 100, quantityLots: 5 }),
    ]
    await publisher.start(new FeedSource(openBytes(writeFeed(events)), publisher.orders, [0, -1]))
    await reached('finished')
    expect(engine.exchange.bestTicks(0, Side.BUY)).toBe(0)
    expect(publisher.details()).toMatchObject({ rejectedCount: 1, refusals: { UNKNOWN_ORDER: 1 }, fillCount: 2 })
  })
})

describe('the generator', () => {
  test('keeps the asked rate, and believes in the orders that rest', async () => {
    const { engine, publisher } = start(1)
    const options = { seed: 5, ratePerS: 20_000 }
    await publisher.start(new GeneratorSource(config.instruments, publisher.orders, options))
    const startMs = performance.now()
    await expect.poll(() => publisher.details()['sentCount'], { timeout: 10_000 }).toBeGreaterThan(10_000)
    const perS = Number(publisher.details()['sentCount']) / ((performance.now() - startMs) / 1_000)
    expect(perS).toBeLessThan(24_000)
    await publisher.stop()
    expect(publisher.state).toBe('stopped')
    const details = publisher.details()
    expect(details['ackedCount']).toBe(details['sentCount'])
    expect(details['restingOrderCount']).toBe(engine.exchange.orderCount())
    // An order may fill while its cancel is on the way.
    expect(Object.keys(details['refusals'] as object)).toEqual(['UNKNOWN_ORDER'])
  })

  test.each(MODEL_NAMES)('has the model %s', async (model) => {
    const { engine, publisher } = start(1)
    const options = { seed: 5, ratePerS: 20_000, model }
    await publisher.start(new GeneratorSource(config.instruments, publisher.orders, options))
    await expect.poll(() => publisher.details()['sentCount'], { timeout: 10_000 }).toBeGreaterThan(2_000)
    await publisher.stop()
    const details = publisher.details()
    expect(details['ackedCount']).toBe(details['sentCount'])
    expect(details['restingOrderCount']).toBe(engine.exchange.orderCount())
  })
})
