// The strategy of the guide, its text taken from the document, quoting in the matching engine.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { stampSession, writeQuote } from '../../protocol/command-writer.ts'
import { EventLog } from '../../protocol/event.ts'
import { OrderType, Side, TimeInForce } from '../../protocol/kinds.ts'
import { emptySides, type Strategy } from '../../strategies/strategy.ts'
import { ExchangeOrders } from '../support/exchange-orders.ts'

const QUOTER_ID = 101

async function strategyOfTheGuide(): Promise<Strategy> {
  const text = readFileSync(join(import.meta.dirname, '../../docs/write-a-strategy.md'), 'utf8')
  const code = /```ts\n(.*?)```/s.exec(text)?.[1] ?? ''
  expect(code.split('\n').length).toBeLessThanOrEqual(30)
  const folder = mkdtempSync(join(tmpdir(), 'tandem-guide-'))
  const path = join(folder, 'leaning-quoter.ts')
  writeFileSync(path, code)
  const module = (await import(path)) as { leaningQuoter(half: number, lots: number): Strategy }
  rmSync(folder, { recursive: true })
  return module.leaningQuoter(2, 5)
}

test('it quotes around the middle, trades, and leans against what it holds', async () => {
  const strategy = await strategyOfTheGuide()
  const orders = new ExchangeOrders()
  const { exchange } = orders
  const { LIMIT, MARKET } = OrderType
  let netLots = 0
  const quote = () => {
    const market = {
      ...{ nowNs: 1, bidTicks: 9_990, bidLots: exchange.levelLots(0, Side.BUY, 9_990) },
      ...{ askTicks: 10_010, askLots: exchange.levelLots(0, Side.SELL, 10_010) },
      ...{ lastTradeTicks: 0, referenceTicks: exchange.referenceTicks(0) },
      depth: { levelCount: () => 0, levelTicks: () => 0, levelLots: () => 0 },
    }
    const proposal = { ...emptySides(), askAgainNs: 0 }
    strategy.propose({ market, position: { netLots, version: 0 }, quote: emptySides() }, proposal)
    return proposal
  }
  expect(quote()).toMatchObject({ bidLots: 0, askLots: 0 })
  orders.newOrder(0, Side.BUY, LIMIT, TimeInForce.GTC, 9_990, 50, 1)
  orders.newOrder(0, Side.SELL, LIMIT, TimeInForce.GTC, 10_010, 50, 2)
  const first = quote()
  expect(first).toMatchObject({ bidTicks: 9_998, askTicks: 10_002, bidLots: 5, askLots: 5 })

  const command = new AlignedBuffer(256)
  writeQuote(command, 0, { ...first, symbolId: 0, quoteId: 1, positionVersion: 0, fencingToken: 0, ttlNs: 1e9 })
  stampSession(command, 0, QUOTER_ID, 1, 1)
  exchange.quote(command, 0, first.bidLots, first.askLots, 1, new EventLog())
  expect(exchange.quoteTicks(0, Side.BUY)).toBe(9_998)
  orders.newOrder(0, Side.SELL, MARKET, TimeInForce.IOC, 0, 5, 3, 2)
  expect(exchange.lastTradeTicks(0)).toBe(9_998)
  netLots += 5
  expect(quote()).toMatchObject({ bidTicks: 9_997, askTicks: 10_001 })
})
