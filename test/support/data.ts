// Where recorded market data is, for tests that use it when it is there.

import { join } from 'node:path'

/** The folder of real data; TANDEM_DATA names another one. */
export const dataDir = process.env['TANDEM_DATA'] ?? join(import.meta.dirname, '../../../shared/data')

/** Expected results of the reference implementation lie beside the data. */
export const goldensDir = join(dataDir, '../goldens')

export const lobsterAmzn = lobsterPair('AMZN', 5)
export const lobsterAapl = lobsterPair('AAPL', 1)

function lobsterPair(symbol: string, levelCount: number) {
  const name = (kind: string) => `${symbol}_2012-06-21_34200000_57600000_${kind}_${levelCount}.csv.gz`
  return {
    messages: join(dataDir, 'nasdaq_lobster', name('message')),
    orderbook: join(dataDir, 'nasdaq_lobster', name('orderbook')),
  }
}
