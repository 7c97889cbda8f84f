// From the configuration that people write (decimals) to what every replica agrees on (ticks, lots, nanoseconds).

import { NS_PER_MS } from '../../base/clock.ts'
import { ticksOf } from '../../protocol/io/decimal.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'
import type { TandemConfig } from './schema.ts'

export function clusterConfigOf(config: TandemConfig): ClusterConfig {
  return {
    clusterId: config.clusterId,
    instruments: config.instruments.map((instrument) => ({
      symbol: instrument.symbol,
      tickSize: instrument.tickSize,
      lotSize: instrument.lotSize,
      openingPriceTicks: ticksOf(instrument.openingPrice, instrument),
    })),
    exposureLots: config.exposureLots,
    quoteTtlNs: config.quoteTtlMs * NS_PER_MS,
  }
}

/** The symbols of each strategy node: as configured, or dealt out one by one. */
export function strategyNodesOf(config: TandemConfig): string[][] {
  if (config.strategies !== undefined) return config.strategies.map((node) => node.symbols)
  const nodes: string[][] = Array.from({ length: Math.min(config.strategyCount, config.instruments.length) }, () => [])
  for (const [index, { symbol }] of config.instruments.entries()) nodes[index % nodes.length]?.push(symbol)
  return nodes
}
