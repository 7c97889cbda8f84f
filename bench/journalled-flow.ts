// Flows as an engine would have journalled them, and the state that very many resting orders leave.

import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { assert } from '../base/assert.ts'
import { Core } from '../engine/core/core.ts'
import { recordSize, sealRecord } from '../engine/journal/record.ts'
import { commandSize } from '../protocol/command-check.ts'
import { stampSession, writeGenesis, writeNewOrder } from '../protocol/command-writer.ts'
import { OrderType, Side, TimeInForce } from '../protocol/kinds.ts'
import { RecordHeader } from '../protocol/record.ts'
import { loadFlow } from './order-flow.ts'
import { FLOW_CLIENT_ID, SessionFlow } from './session-flow.ts'

const NS_PER_RECORD = 1_000

/** The records that an engine would have written: GENESIS, the opening of a session, then orders. */
export class JournalledFlow {
  readonly records: AlignedBuffer
  /** Byte at which each record begins, and the end. */
  readonly offsets: Float64Array
  readonly clusterId: string

  constructor(recordCount: number) {
    const commands = new SessionFlow(loadFlow('W1', recordCount - 2))
    this.clusterId = commands.config.clusterId
    const configuration = new TextEncoder().encode(JSON.stringify(commands.config))
    const opening = commands.opening()
    const headers = (recordCount + 8) * RecordHeader.LENGTH
    this.records = new AlignedBuffer(commands.buffer.size + configuration.length + opening.length + headers)
    this.offsets = new Float64Array(recordCount + 1)
    const length = writeGenesis(this.records, RecordHeader.LENGTH, configuration)
    this.offsets[1] = sealRecord(this.records, 0, length, 1, 1, 0)
    this.#add(opening, 2)
    for (let seq = 3, offset = 0; seq <= recordCount; seq++) {
      const size = commandSize(commands.buffer, offset)
      this.#add(commands.buffer.bytes.subarray(offset, offset + size), seq)
      offset += size
    }
  }

  /** The bytes of records `fromSeq` .. `toSeq`. */
  between(fromSeq: number, toSeq: number): Uint8Array {
    return this.records.bytes.subarray(this.offsets[fromSeq - 1], this.offsets[toSeq])
  }

  #add(command: Uint8Array, seq: number): void {
    const at = this.offsets[seq - 1]!
    this.records.bytes.set(command, at + RecordHeader.LENGTH)
    this.offsets[seq] = at + sealRecord(this.records, at, command.length, 1, seq, seq * NS_PER_RECORD)
  }
}

/** A hundred orders a level, both sides, one client's. */
export function coreWithOrders(restingCount: number): Core {
  const flow = new SessionFlow(loadFlow('W3', 1))
  const config = { ...flow.config, orderCountMax: restingCount + 1_024 }
  const configuration = new TextEncoder().encode(JSON.stringify(config))
  const record = new AlignedBuffer(RecordHeader.LENGTH + configuration.length + 1_024)
  const apply = (length: number, seq: number) => {
    const size = sealRecord(record, 0, length, 1, seq, seq * NS_PER_RECORD)
    assert(size === recordSize(record, 0), 'a record of its size')
  }
  apply(writeGenesis(record, RecordHeader.LENGTH, configuration), 1)
  const core = Core.fromGenesis(record, 0)
  const opening = flow.opening()
  record.bytes.set(opening, RecordHeader.LENGTH)
  apply(opening.length, 2)
  core.apply(record, 0)
  for (let number = 1; number <= restingCount; number++) {
    const side = number % 2 === 0 ? Side.BUY : Side.SELL
    const away = 1 + ((Math.imul(number, 7_919) >>> 0) % Math.max(1, Math.floor(restingCount / 200)))
    const length = writeNewOrder(record, RecordHeader.LENGTH, {
      ...{ symbolId: 0, side, orderType: OrderType.LIMIT, timeInForce: TimeInForce.GTC, quantityLots: 5 },
      ...{ priceTicks: 20_000 + (side === Side.BUY ? -away : away), clientOrderId: number },
    })
    stampSession(record, RecordHeader.LENGTH, FLOW_CLIENT_ID, 1, number)
    apply(length, number + 2)
    core.apply(record, 0)
    if (number % 1_024 === 0) core.discard()
  }
  core.discard()
  return core
}
