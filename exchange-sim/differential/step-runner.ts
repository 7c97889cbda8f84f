// Does steps to one exchange, as the engine's core does: first what is due by then, then the command.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { assert } from '../../base/assert.ts'
import { ByteReader } from '../../base/byte-reader.ts'
import { ByteWriter } from '../../base/byte-writer.ts'
import { EventLog } from '../../protocol/event.ts'
import { COMMAND_SIZE_MAX } from '../../protocol/limits.ts'
import type { NaiveExchange } from '../naive/naive-exchange.ts'
import { type Step, writeCommand } from './step.ts'

/** What both implementations offer. */
export type AnyExchange = Pick<NaiveExchange, keyof NaiveExchange>

export class StepRunner {
  exchange: AnyExchange
  /** The events of the last step. */
  readonly events = new EventLog()
  /** How many of them came from time alone, before the command. */
  dueCount = 0
  nowNs = 0
  #clientSeq = 0
  readonly #make: () => AnyExchange
  readonly #batch = new AlignedBuffer(COMMAND_SIZE_MAX)

  /** `make` makes an exchange without orders. */
  constructor(make: () => AnyExchange) {
    this.#make = make
    this.exchange = make()
  }

  run(step: Step): void {
    const { exchange, events } = this
    events.clear()
    if (step.kind === 'wait') this.nowNs += step.durationNs
    exchange.advance(this.nowNs, events)
    this.dueCount = events.count
    switch (step.kind) {
      case 'wait':
        break
      case 'restore':
        this.#restore()
        break
      case 'cancelQuote':
        exchange.cancelQuote(step.symbolId, step.reason, step.flags, events)
        break
      case 'cancelClient':
        exchange.cancelAllOfClient(step.clientId, step.reason, events)
        break
      case 'quote':
        writeCommand(step, this.#nextSeq(), this.#batch, 0)
        exchange.quote(this.#batch, 0, step.bidLotsGranted, step.askLotsGranted, this.nowNs, events)
        break
      case 'setPhase':
        writeCommand(step, this.#nextSeq(), this.#batch, 0)
        exchange.setPhase(this.#batch, 0, this.nowNs, events)
        break
      case 'newOrder':
      case 'cancelOrder':
      case 'replaceOrder':
      case 'massCancel':
        writeCommand(step, this.#nextSeq(), this.#batch, 0)
        exchange.apply(this.#batch, 0, this.nowNs, events)
    }
  }

  #restore(): void {
    const writer = new ByteWriter()
    this.exchange.snapshot(writer)
    this.exchange = this.#make()
    const reader = new ByteReader(writer.finish())
    this.exchange.restore(reader)
    assert(reader.remaining === 0, 'a snapshot is read to its end')
  }

  #nextSeq(): number {
    this.#clientSeq += 1
    return this.#clientSeq
  }
}
