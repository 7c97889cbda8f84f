// What Prometheus reads: figures of the gateway itself, and the market and desk as it hears them.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Gateway } from './gateway.ts'
import type { PageSockets } from './page-sockets.ts'

export type Metrics = {
  readonly contentType: string
  text(): Promise<string>
  onAnswer(status: number, ms: number): void
}

export function createMetrics(gateway: Gateway, sockets: PageSockets): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ cluster: gateway.clusterId })
  collectDefaultMetrics({ register: registry, prefix: 'tandem_gateway_' })
  const registers = [registry]
  const answers = new Counter({
    name: 'tandem_gateway_http_answers_total',
    help: 'HTTP answers, by status',
    labelNames: ['status'],
    registers,
  })
  const durations = new Histogram({
    name: 'tandem_gateway_http_seconds',
    help: 'Time from request to answer',
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  gauge('tandem_gateway_pages', 'Pages connected', () => sockets.counts.open)
  gauge('tandem_gateway_pages_evicted', 'Pages dropped because they were slow or silent', () => sockets.counts.evicted)
  gauge('tandem_gateway_page_bytes', 'Bytes of text sent to pages', () => sockets.counts.sentBytes)
  gauge('tandem_gateway_frames', 'Frames received from the engine', () => gateway.counts().frames)
  gauge('tandem_gateway_frame_faults', 'Frames that were not right', () => gateway.counts().faults)
  gauge('tandem_gateway_book_gaps', 'Gaps in market data that were repaired', () => gateway.counts().gaps)
  gauge('tandem_record_seq', 'Newest record heard of', () => gateway.dashboardOrNone()?.progress.recordSeq ?? 0)
  gauge('tandem_epoch', 'Epoch of the newest frame', () => gateway.dashboardOrNone()?.progress.epoch ?? 0)
  addMarketGauges(registry, gateway)
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    onAnswer: (status, ms) => {
      answers.inc({ status })
      durations.observe(ms / 1_000)
    },
  }
}

function addMarketGauges(registry: Registry, gateway: Gateway): void {
  const registers = [registry]
  const perSymbol = (name: string, help: string, read: (symbolId: number) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['symbol'],
      registers,
      collect() {
        const dashboard = gateway.dashboardOrNone()
        dashboard?.config.instruments.forEach(({ symbol }, symbolId) => {
          this.set({ symbol }, read(symbolId))
        })
      },
    })
  const shown = () => gateway.dashboard()
  perSymbol('tandem_position_lots', 'Net position', (symbolId) => shown().desk.position(symbolId).netLots)
  perSymbol(
    'tandem_quote_bid_lots',
    'Open bid quantity of the quote',
    (symbolId) => shown().desk.quote(symbolId).bidLots,
  )
  perSymbol(
    'tandem_quote_ask_lots',
    'Open ask quantity of the quote',
    (symbolId) => shown().desk.quote(symbolId).askLots,
  )
  perSymbol('tandem_trades', 'Trades heard of', (symbolId) => shown().markets[symbolId]!.price.tradeCount)
  const exposure = new Gauge({
    name: 'tandem_exposure_lots',
    help: 'Exposure in use, by side, and its limit',
    labelNames: ['side'],
    registers,
    collect() {
      const held = gateway.dashboardOrNone()?.desk.exposure()
      if (held === undefined) return
      this.set({ side: 'bid' }, held.bidLots)
      this.set({ side: 'ask' }, held.askLots)
      this.set({ side: 'limit' }, held.limitLots)
    },
  })
  void exposure
  const processes = new Gauge({
    name: 'tandem_processes',
    help: 'Processes, by role and state',
    labelNames: ['role', 'state'],
    registers,
    collect() {
      this.reset()
      for (const { role, state } of gateway.clusterState().processes) this.inc({ role, state })
    },
  })
  void processes
}
