// Reads what the desk tells of each record, and holds it against what must always be true: one node at most has authority
// over a symbol, a quote stands only under the authority in force, a token is given once, a position is the sum of its
// fills, quotes stay within the exposure limit. It knows the desk by its words and the quotes by the book.

import type { Core } from '../engine/core/core.ts'
import { OutputKind, type OutputSink } from '../engine/core/output.ts'
import { ExecutionField, PositionField } from '../protocol/frame.ts'
import { FrameReader } from '../protocol/frame-reader.ts'
import { EventKind, Reason, Side } from '../protocol/kinds.ts'
import { promise } from './world.ts'

type Lease = { readonly clientId: number; readonly token: number }

export class DeskChecker {
  /** Quotes refused because the authority that they named was not in force. */
  staleAuthorityCount = 0
  readonly #reader = new FrameReader()
  readonly #leases = new Map<number, Lease>()
  readonly #netLots = new Map<number, number>()
  /** The highest that was given, and the highest of the records before this one. */
  #tokenHighest = 0
  #tokenBefore = 0
  /** Given by this record: of several symbols, each told in its own stream, in no order between them. */
  readonly #given = new Set<number>()
  readonly #sink: OutputSink = { output: (kind, symbolId, frame) => this.#take(kind, symbolId, frame) }

  /** What the core has to tell of its last record. */
  check(core: Core): void {
    this.#given.clear()
    this.#tokenBefore = this.#tokenHighest
    core.deskOutputs.flush(core.epoch, this.#sink)
    const { desk, exchange, config, seq } = core
    for (let symbolId = 0; symbolId < config.instruments.length; symbolId++) {
      const lease = this.#leases.get(symbolId)
      const where = `after record ${seq} symbol ${symbolId}`
      promise((lease?.clientId ?? 0) === desk.nodes.authority.holder(symbolId), () => `${where} has a holder untold`)
      const owner = exchange.quoteClientId(symbolId)
      const isCovered =
        owner === 0 || (owner === lease?.clientId && exchange.quoteFencingToken(symbolId) === lease.token)
      promise(isCovered, () => `${where} has a quote of client ${owner} without authority`)
      const netLots = this.#netLots.get(symbolId) ?? 0
      promise(netLots === desk.positions.netLots(symbolId), () => `${where} has a position that is not its fills`)
    }
    checkExposure(core)
  }

  #take(kind: OutputKind, symbolId: number, frame: Uint8Array): void {
    const reader = this.#reader
    reader.read(frame)
    for (let index = 0; index < reader.count; index++) {
      if (kind === OutputKind.POSITION) this.#onFill(symbolId, index)
      else if (kind === OutputKind.DESK) this.#onDesk(symbolId, index)
    }
  }

  #onFill(symbolId: number, index: number): void {
    const lots = this.#reader.int32(index, PositionField.FILL_LOTS)
    const signed = this.#reader.uint8(index, PositionField.SIDE) === Side.BUY ? lots : -lots
    this.#netLots.set(symbolId, (this.#netLots.get(symbolId) ?? 0) + signed)
  }

  #onDesk(symbolId: number, index: number): void {
    const reader = this.#reader
    const kind = reader.uint8(index, ExecutionField.KIND)
    const clientId = reader.uint32(index, ExecutionField.INCARNATION)
    const token = reader.float64(index, ExecutionField.ORDER_ID)
    const lease = this.#leases.get(symbolId)
    const where = `symbol ${symbolId}, record ${reader.float64(index, ExecutionField.RECORD_SEQ)}:`
    if (kind === EventKind.AUTHORITY_GRANTED) {
      promise(lease === undefined, () => `${where} granted to ${clientId} while ${lease?.clientId} holds it`)
      const isNew = token > this.#tokenBefore && !this.#given.has(token)
      promise(isNew, () => `${where} token ${token} after ${this.#tokenHighest}`)
      this.#given.add(token)
      this.#tokenHighest = Math.max(this.#tokenHighest, token)
      this.#leases.set(symbolId, { clientId, token })
    } else if (kind === EventKind.AUTHORITY_RELEASED || kind === EventKind.AUTHORITY_EXPIRED) {
      promise(lease?.token === token, () => `${where} token ${token} ended, which was not in force`)
      this.#leases.delete(symbolId)
    } else if (kind === EventKind.QUOTE_ACCEPTED) {
      const isInForce = lease?.token === token && lease.clientId === clientId
      promise(isInForce, () => `${where} a quote of client ${clientId} with token ${token} stands without authority`)
    } else if (
      kind === EventKind.QUOTE_REFUSED &&
      reader.uint8(index, ExecutionField.REASON) === Reason.STALE_AUTHORITY
    ) {
      this.staleAuthorityCount += 1
    }
  }
}

function checkExposure({ config, desk, exchange, seq }: Core): void {
  let bid = 0
  let ask = 0
  for (let symbolId = 0; symbolId < config.instruments.length; symbolId++) {
    const bidLots = exchange.quoteLots(symbolId, Side.BUY)
    const askLots = exchange.quoteLots(symbolId, Side.SELL)
    const netLots = desk.positions.netLots(symbolId)
    const isWithin = netLots + bidLots <= config.exposureLots && netLots - askLots >= -config.exposureLots
    promise(isWithin, () => `after record ${seq} symbol ${symbolId} may leave its limit`)
    bid += bidLots
    ask += askLots
  }
  promise(Math.max(bid, ask) <= config.exposureLots, () => `after record ${seq} the quotes exceed the exposure limit`)
}
