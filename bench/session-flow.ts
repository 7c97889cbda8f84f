// A flow of orders as one client's session would send it: commands stamped with its incarnation and numbers, cut into
// messages of so many commands.

import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { commandSize } from '../protocol/command-check.ts'
import { stampSession, writeOpenSession } from '../protocol/command-writer.ts'
import { COMMAND_SIZE_MAX } from '../protocol/limits.ts'
import type { ClusterConfig } from '../protocol/symbol.ts'
import { CommandBatch } from './full-exchange.ts'
import { OP_CANCEL, OP_LIMIT, type OrderFlow } from './order-flow.ts'

export const FLOW_CLIENT_ID = 1
/** Of the first session that an engine ever opened. */
const FIRST_INCARNATION = 1

export class SessionFlow {
  readonly buffer: AlignedBuffer
  readonly commandCount: number
  readonly config: ClusterConfig

  constructor(flow: OrderFlow) {
    const batch = new CommandBatch(flow, 1)
    this.buffer = batch.buffer
    this.commandCount = batch.commandCount
    let offset = 0
    for (let clientSeq = 1; clientSeq <= batch.commandCount; clientSeq++) {
      stampSession(this.buffer, offset, FLOW_CLIENT_ID, FIRST_INCARNATION, clientSeq)
      offset += commandSize(this.buffer, offset)
    }
    this.config = {
      clusterId: 'bench',
      instruments: [{ symbol: 'AAA', tickSize: '0.01', lotSize: '1', openingPriceTicks: 20_000 }],
      exposureLots: 100,
      quoteTtlNs: 30_000_000_000,
      orderCountMax: orderRoom(flow),
    }
  }

  /** Views of the commands, so many a message. */
  messages(commandsPerMessage: number): Uint8Array[] {
    const messages: Uint8Array[] = []
    let from = 0
    let offset = 0
    for (let count = 1; count <= this.commandCount; count++) {
      offset += commandSize(this.buffer, offset)
      if (count % commandsPerMessage !== 0 && count < this.commandCount) continue
      messages.push(this.buffer.bytes.subarray(from, offset))
      from = offset
    }
    return messages
  }

  opening(): Uint8Array {
    const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
    const length = writeOpenSession(buffer, 0, 1, false)
    stampSession(buffer, 0, FLOW_CLIENT_ID, 0, 0)
    return buffer.bytes.subarray(0, length)
  }
}

/** As many as can rest at once, and room to spare. */
export function orderRoom({ words }: OrderFlow): number {
  let restingMax = 0
  let resting = 0
  for (let at = 0; at < words.length; at += 4) {
    const op = words[at]! & 0xff
    resting += op === OP_LIMIT ? 1 : op === OP_CANCEL ? -1 : 0
    restingMax = Math.max(restingMax, resting)
  }
  return Math.max(1_024, restingMax + 1)
}
