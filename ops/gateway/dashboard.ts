// Everything that a page shows, in one place: what the market, the desk and the cluster views hold, and how it is
// worded for a page. It holds no state of a page; that is PageChannel's.

import type { ClusterConfig } from '../../protocol/symbol.ts'
import { AuthorityBoard } from './authority-view.ts'
import type { ClusterView } from './cluster-view.ts'
import { DASHBOARD_PROTOCOL_VERSION, type Hello } from './dashboard-protocol.ts'
import type { DeskView } from './desk-view.ts'
import type { MarketView } from './market-view.ts'

/** What the header of each message says. */
export type Progress = {
  recordSeq: number
  epoch: number
  recordsPerSecond: number
  tradesPerSecond: number
  upstream: boolean
}

export class Dashboard {
  readonly config: ClusterConfig
  readonly markets: readonly MarketView[]
  readonly desk: DeskView
  readonly cluster: ClusterView
  readonly authority = new AuthorityBoard()
  readonly progress: Progress = { recordSeq: 0, epoch: 0, recordsPerSecond: 0, tradesPerSecond: 0, upstream: false }
  readonly #symbolIds: ReadonlyMap<string, number>
  readonly #gatewayId: string

  constructor(
    gatewayId: string,
    config: ClusterConfig,
    markets: readonly MarketView[],
    desk: DeskView,
    cluster: ClusterView,
  ) {
    this.#gatewayId = gatewayId
    this.config = config
    this.markets = markets
    this.desk = desk
    this.cluster = cluster
    this.#symbolIds = new Map(config.instruments.map((instrument, symbolId) => [instrument.symbol, symbolId]))
  }

  symbolId(symbol: string): number | undefined {
    return this.#symbolIds.get(symbol)
  }

  hello(): Hello {
    return {
      type: 'hello',
      protocol: DASHBOARD_PROTOCOL_VERSION,
      gatewayId: this.#gatewayId,
      clusterId: this.config.clusterId,
      instruments: this.config.instruments.map(({ symbol, tickSize, lotSize, openingPriceTicks }) => ({
        symbol,
        tickSize,
        lotSize,
        openingTicks: openingPriceTicks,
      })),
      exposureLots: this.config.exposureLots,
      quoteTtlMs: this.config.quoteTtlNs / 1_000_000,
    }
  }
}
