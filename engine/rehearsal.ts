// A backup has never led: when it must, its compiler would have to learn the whole way of a command first, and clients
// would wait for that. So an engine rehearses before it takes its place: it plays both sides of a conversation on a disk
// in memory, and throws all of it away. What remains is the compiled code.

import { Prng } from '../base/prng.ts'
import { ClientSession, SessionState } from '../protocol/client-session.ts'
import { writeCancelOrder, writeNewOrder } from '../protocol/command-writer.ts'
import { OrderType, Side, TimeInForce } from '../protocol/kinds.ts'
import type { ClusterConfig } from '../protocol/symbol.ts'
import { OutputKind } from './core/output.ts'
import { ENGINE_SETTINGS_DEFAULT, Engine } from './engine.ts'
import { Journal } from './journal/journal.ts'
import { MemoryStorage } from './journal/memory-storage.ts'
import { encodeSnapshot } from './journal/snapshot-file.ts'
import { DurableState } from './replication/durable-state.ts'

const CLIENT_ID = 1
const SEGMENT_SIZE = 256 * 1024
const COMMAND_COUNT = 4_000
/** Commands of one message. */
const BATCH_COUNT = 20
const PASS_NS = 1_000_000
/** A snapshot holds the engine up while it is made; one that has to be compiled first, several times as long. */
const SNAPSHOT_COUNT = 20

/** `send` hears of every output as a publisher would. */
export function rehearse(config: ClusterConfig, send: (payload: Uint8Array) => void): void {
  const storage = new MemoryStorage()
  const journal = Journal.open(storage, { clusterId: config.clusterId, timeBaseUnixMs: 0, segmentSize: SEGMENT_SIZE })
  let nowNs = 0
  const session: ClientSession = new ClientSession(
    { clientId: CLIENT_ID, nonce: 1 },
    { transmit: (message) => engine.offer(CLIENT_ID, message), requestResend: () => {} },
    { onReport: () => {}, onState: () => {} },
  )
  const engine = Engine.start(
    {
      journal,
      state: DurableState.open(storage),
      config,
      settings: ENGINE_SETTINGS_DEFAULT,
      pairing: null,
      bootId: 1,
      startUnixMs: 0,
      publish: (kind, streamId, payload) => {
        send(payload)
        if (kind === OutputKind.EXECUTIONS && streamId === CLIENT_ID) session.onFrame(payload, nowNs)
      },
      onProgress: () => {},
      onTransition: () => {},
    },
    nowNs,
  )
  journal.onSynced = () => engine.onSynced(nowNs)
  session.open(nowNs)
  const random = new Prng(1)
  let nextOrderId = 1
  for (let passes = 0; session.answeredSeq < COMMAND_COUNT && passes < COMMAND_COUNT; passes++) {
    nowNs += PASS_NS
    if (session.state === SessionState.OPEN) {
      for (let count = 0; count < BATCH_COUNT; count++) nextOrderId = writeStep(session, random, config, nextOrderId)
      session.flush(nowNs)
    }
    engine.poll(nowNs)
  }
  for (let count = 0; count < SNAPSHOT_COUNT; count++) encodeSnapshot(engine.snapshot(), 0)
}

/** Writes an order near the opening price, or a cancel of an earlier one. Returns the next order's number. */
function writeStep(session: ClientSession, random: Prng, config: ClusterConfig, nextOrderId: number): number {
  const offset = session.begin()
  if (offset < 0) return nextOrderId
  const symbolId = nextOrderId % config.instruments.length
  const isCancel = nextOrderId > config.instruments.length && random.nextChance(0.3)
  if (isCancel) {
    writeCancelOrder(session.outbox, offset, symbolId, 0, nextOrderId - config.instruments.length)
  } else {
    const away = random.nextBetween(-2, 10)
    const isBuy = random.nextChance(0.5)
    const { openingPriceTicks } = config.instruments[symbolId]!
    writeNewOrder(session.outbox, offset, {
      symbolId,
      side: isBuy ? Side.BUY : Side.SELL,
      orderType: OrderType.LIMIT,
      timeInForce: random.nextChance(0.8) ? TimeInForce.GTC : TimeInForce.IOC,
      quantityLots: random.nextBetween(1, 20),
      priceTicks: Math.max(1, openingPriceTicks + (isBuy ? -away : away)),
      clientOrderId: nextOrderId,
    })
  }
  session.finish()
  return nextOrderId + 1
}
