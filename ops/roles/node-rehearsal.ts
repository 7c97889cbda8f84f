// A strategy node that shares the engine's thread quotes in microseconds once its way is compiled, and in hundreds of them
// before. So it rehearses before it takes its place: a node, a trader and an engine on a disk in memory play a market of
// their own, which nobody else sees. What remains is the compiled code.

import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { ENGINE_SETTINGS_DEFAULT } from '../../engine/engine.ts'
import { EngineHost } from '../../engine/io/engine-host.ts'
import { Journal } from '../../engine/journal/journal.ts'
import { MemoryStorage } from '../../engine/journal/memory-storage.ts'
import { DurableState } from '../../engine/replication/durable-state.ts'
import { ClientSession, SessionState } from '../../protocol/client-session.ts'
import { ClientId } from '../../protocol/clients.ts'
import { writeCancelOrder, writeNewOrder } from '../../protocol/command-writer.ts'
import { monotonicNs } from '../../protocol/io/client-connection.ts'
import { EngineBus } from '../../protocol/io/engine-bus.ts'
import { NoResponderError, type Transport } from '../../protocol/io/transport.ts'
import { OrderType, Side, TimeInForce } from '../../protocol/kinds.ts'
import { Subjects } from '../../protocol/subjects.ts'
import { type ClusterConfig, MEMBERSHIP_DEFAULT } from '../../protocol/symbol.ts'
import { NodeConnection } from '../../strategies/io/node-connection.ts'
import type { Parameters, StrategyKind } from '../../strategies/strategy.ts'
import { QUOTER_SETTINGS_DEFAULT } from '../../strategies/symbol-quoter.ts'

const STAGE: ClusterConfig = {
  clusterId: 'rehearsal',
  instruments: [{ symbol: 'STAGE', tickSize: '0.01', lotSize: '1', openingPriceTicks: 10_000 }],
  exposureLots: 100,
  quoteTtlNs: 30_000_000_000,
}
/** Small: the disk in memory copies a whole segment at each sync. */
const SEGMENT_SIZE = 16 * 1024
const TRADER_ID = 1
const NODE_CLIENT_ID = ClientId.STRATEGY_BASE + 1
const TICK_COUNT = 4_000
/** Passes of the event loop in which the node takes its place. */
const OPENING_COUNT_MAX = 2_000
/** Of so many ticks two are trades with the node, one on each side. */
const TRADE_EVERY = 64
/** An offer that stays, and bids that come and go: the middle moves, and with it the quote between them. */
const OFFER_TICKS = 10_050
const BID_TICKS = [9_960, 9_970] as const

/** Resolves with the number of quotes that the node made. */
export async function rehearseNode(kind: StrategyKind, parameters: Parameters): Promise<number> {
  const trader = new Trader()
  const bus = new EngineBus(nowhere((subject, payload) => trader.hear(subject, payload)))
  const subjects = new Subjects(STAGE.clusterId)
  const host = startHost(bus, subjects)
  bus.setLeading(true)
  const { symbol, openingPriceTicks } = STAGE.instruments[0]!
  const node = new NodeConnection(
    bus.nodeTransport(nowhere(() => {})),
    subjects,
    NODE_CLIENT_ID,
    [{ symbol, symbolId: 0, openingTicks: openingPriceTicks, strategy: kind.create(parameters) }],
    { ...QUOTER_SETTINGS_DEFAULT, minRequoteNs: 0 },
    MEMBERSHIP_DEFAULT.renewalNs,
    { onOutcome: () => {}, onQuoteEnded: () => {}, onSession: () => {}, onGranted: () => {}, onLost: () => {} },
  )
  try {
    await node.open()
    await trader.open(bus, subjects)
    trader.order(Side.SELL, OFFER_TICKS)
    for (let count = 0; count < OPENING_COUNT_MAX && node.node.counts.quoteCount === 0; count++) await nextPass()
    for (let count = 0; count < TICK_COUNT; count++) {
      trader.tick(count)
      // The tick is committed, then the quote that it led to.
      await nextPass()
      await nextPass()
    }
    return node.node.counts.quoteCount
  } finally {
    node.close()
    await host.stop()
  }
}

class Trader {
  #session: ClientSession | null = null
  #subject = ''
  #orderCount = 0

  open(bus: EngineBus, subjects: Subjects): Promise<void> {
    const commands = subjects.commands(TRADER_ID)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#subject = subjects.executions(TRADER_ID)
    this.#session = new ClientSession(
      { clientId: TRADER_ID, nonce: 1 },
      {
        transmit: (message) => bus.deliver({ subject: commands, data: message, respond: () => {} }),
        requestResend: () => {},
      },
      {
        onReport: () => {},
        onState: (state) => {
          if (state === SessionState.OPEN) resolve()
        },
      },
    )
    this.#session.open(monotonicNs())
    return promise
  }

  hear(subject: string, payload: Uint8Array): void {
    if (subject === this.#subject) this.#session?.onFrame(payload, monotonicNs())
  }

  /** In turn an order and its cancel; now and then trades with the quote that leave its position as it was. */
  tick(count: number): void {
    const turn = count % TRADE_EVERY
    if (turn === 0 || turn === 2) this.order(turn === 0 ? Side.BUY : Side.SELL, 0)
    else if (turn % 2 === 0) this.order(Side.BUY, BID_TICKS[(turn >> 1) % 2]!)
    else this.#send((outbox, offset) => writeCancelOrder(outbox, offset, 0, 0, this.#orderCount))
  }

  /** At price 0: takes what is there. */
  order(side: Side, priceTicks: number): void {
    this.#orderCount += 1
    const order = { symbolId: 0, side, quantityLots: 1, priceTicks, clientOrderId: this.#orderCount }
    const [orderType, timeInForce] =
      priceTicks === 0 ? [OrderType.MARKET, TimeInForce.IOC] : [OrderType.LIMIT, TimeInForce.GTC]
    this.#send((outbox, offset) => writeNewOrder(outbox, offset, { ...order, orderType, timeInForce }))
  }

  #send(write: (outbox: AlignedBuffer, offset: number) => void): void {
    const session = this.#session
    const offset = session?.begin() ?? -1
    if (session === null || offset < 0) return
    write(session.outbox, offset)
    session.finish()
    session.flush(monotonicNs())
  }
}

function startHost(transport: Transport, subjects: Subjects): EngineHost {
  const storage = new MemoryStorage()
  const { clusterId } = STAGE
  return new EngineHost({
    journal: Journal.open(storage, { clusterId, timeBaseUnixMs: Date.now(), segmentSize: SEGMENT_SIZE }),
    ...{ state: DurableState.open(storage), bootId: 1, pair: null, isForced: false, config: STAGE },
    ...{ settings: ENGINE_SETTINGS_DEFAULT, transport, subjects, sessions: null },
    onProgress: () => {},
    onFailure: (error) => {
      throw error
    },
    onTransition: () => {},
    onPeerFault: () => {},
    onSnapshot: () => {},
    onJournalFull: () => {},
    onUnheard: () => {},
  })
}

/** A bus on which nobody else is. */
function nowhere(onPublish: (subject: string, payload: Uint8Array) => void): Transport {
  return {
    publish: onPublish,
    subscribe: () => ({ unsubscribe: () => {} }),
    request: () => Promise.reject(new NoResponderError('nobody else is on this stage')),
    flush: () => Promise.resolve(),
    onState: () => {},
    close: () => Promise.resolve(),
  }
}

function nextPass(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
