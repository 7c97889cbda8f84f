// A journal in memory with a strategy node in it: it is granted, quotes, is filled, is refused, and says nothing more.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { Journal } from '../../engine/journal/journal.ts'
import { MemoryStorage } from '../../engine/journal/memory-storage.ts'
import { stampSession, writeQuote, writeReportLimit } from '../../protocol/command-writer.ts'
import { Reason, RiskState, Side, TimeInForce } from '../../protocol/kinds.ts'
import { COMMAND_SIZE_MAX } from '../../protocol/limits.ts'
import { orderMessage, registerMessage, SoloEngine } from './solo-engine.ts'

const NODE = 101
const TRADER = 10

export function quotedJournal(): Journal {
  const storage = new MemoryStorage()
  const solo = new SoloEngine(storage)
  const node = solo.open(NODE)
  const trader = solo.open(TRADER)
  solo.send(NODE, registerMessage(NODE, node, 1))
  solo.send(NODE, quoteMessage(node, 2, { bidLots: 20, askLots: 120, positionVersion: 0, fencingToken: 1 }))
  const sell = { side: Side.SELL, priceTicks: 995, quantityLots: 7, timeInForce: TimeInForce.IOC }
  solo.send(TRADER, orderMessage(TRADER, trader, 1, sell))
  solo.send(NODE, quoteMessage(node, 3, { bidLots: 5, askLots: 5, positionVersion: 0, fencingToken: 1 }))
  solo.send(NODE, quoteMessage(node, 4, { bidLots: 5, askLots: 5, positionVersion: 1, fencingToken: 9 }))
  solo.send(NODE, limitMessage(node, 5))
  solo.pass(2_000_000_000)
  return Journal.open(storage, { clusterId: null, timeBaseUnixMs: 0, isReadOnly: true })
}

function limitMessage(incarnation: number, clientSeq: number): Uint8Array {
  const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
  const length = writeReportLimit(buffer, 0, 0, Reason.LOSS_LIMIT, RiskState.REDUCE_ONLY, 12_345)
  stampSession(buffer, 0, NODE, incarnation, clientSeq)
  return buffer.bytes.slice(0, length)
}

function quoteMessage(
  incarnation: number,
  clientSeq: number,
  quote: { bidLots: number; askLots: number; positionVersion: number; fencingToken: number },
): Uint8Array {
  const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
  const length = writeQuote(buffer, 0, {
    symbolId: 0,
    quoteId: clientSeq,
    bidTicks: 995,
    askTicks: 1_005,
    ttlNs: 0,
    ...quote,
  })
  stampSession(buffer, 0, NODE, incarnation, clientSeq)
  return buffer.bytes.slice(0, length)
}
