// The desk: positions, exposure, controls, strategy nodes and their authority over the one account that the quotes trade
// for, and the screen that a quote passes before the exchange sees it.
//
// The desk does not know the exchange. Whoever composes them hands over what a decision needs, as numbers.

import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { assert } from '../../base/assert.ts'
import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { isOperator } from '../../protocol/clients.ts'
import { CommandHeader, QuoteField } from '../../protocol/command.ts'
import { Reason, Side } from '../../protocol/kinds.ts'
import { PRICE_TICKS_MAX, QUANTITY_LOTS_MAX, QUOTE_TTL_NS_MAX } from '../../protocol/limits.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'
import { NO_HOLDER } from './authority.ts'
import { Controls } from './controls.ts'
import { Exposure } from './exposure.ts'
import { Fees } from './fees.ts'
import { type NodeListener, Nodes } from './nodes.ts'
import { Positions } from './positions.ts'
import { QuotingGaps } from './quoting-gaps.ts'

/** Snapshot layout. 1: the first. 2: fees. 3: strategy nodes, authority, fair shares. */
const DESK_SNAPSHOT_VERSION = 3

export class Desk {
  readonly positions: Positions
  readonly exposure: Exposure
  readonly controls: Controls
  readonly fees: Fees
  readonly nodes: Nodes
  readonly gaps: QuotingGaps
  /** What the last screened quote was granted. */
  bidLotsGranted = 0
  askLotsGranted = 0
  /** Why it was granted less than it asked for; 0: it was granted all. */
  cutReason: Reason | 0 = 0
  readonly #symbolCount: number

  constructor(config: ClusterConfig, listener: NodeListener) {
    this.#symbolCount = config.instruments.length
    this.positions = new Positions(this.#symbolCount)
    this.exposure = new Exposure(this.#symbolCount, config.exposureLots)
    this.controls = new Controls(this.#symbolCount)
    this.fees = new Fees(config.instruments)
    this.nodes = new Nodes(this.#symbolCount, config.membership, listener)
    this.gaps = new QuotingGaps(this.#symbolCount)
  }

  /**
   * Decides about the QUOTE command at `offset`: 0 and the granted quantities, or the reason of its refusal. Changes
   * nothing else. `bidTicksBest`: the best bid of the symbol now, which bounds what an ask that trades at once gets.
   *
   * A quote must have been computed from the position as it is at this record, not merely from one as new as that of
   * the quote that stands: a fill that its sender has not seen yet makes it stale, also when no quote stands.
   */
  screenQuote(commands: AlignedBuffer, offset: number, bidTicksBest: number, nowNs: number): Reason | 0 {
    this.bidLotsGranted = 0
    this.askLotsGranted = 0
    this.cutReason = 0
    const malformed = this.#checkFields(commands, offset)
    if (malformed !== 0) return malformed
    const word = offset >> 2
    const symbolId = commands.int32[word + (CommandHeader.SYMBOL_ID >> 2)]!
    const clientId = commands.uint32[word + (CommandHeader.CLIENT_ID >> 2)]!
    const token = commands.float64[(offset + QuoteField.FENCING_TOKEN) >> 3]!
    if (!this.mayQuote(symbolId, clientId, token)) return Reason.STALE_AUTHORITY
    if (!this.controls.isQuotingEnabled(symbolId)) return Reason.QUOTING_DISABLED
    const positionVersion = commands.float64[(offset + QuoteField.POSITION_VERSION) >> 3]!
    if (positionVersion !== this.positions.version(symbolId)) return Reason.STALE_POSITION

    const netLots = this.positions.netLots(symbolId)
    const bidLotsWanted = commands.int32[word + (QuoteField.BID_LOTS >> 2)]!
    const askLotsWanted = commands.int32[word + (QuoteField.ASK_LOTS >> 2)]!
    this.exposure.grant(symbolId, Side.BUY, bidLotsWanted, netLots, nowNs)
    const { grantedLots: bidLots, cutReason: bidReason } = this.exposure
    this.exposure.grant(symbolId, Side.SELL, askLotsWanted, netLots, nowNs)
    const { grantedLots: askLots, cutReason: askReason } = this.exposure
    // Of two reasons the one that took more.
    const cutReason = bidLotsWanted - bidLots > askLotsWanted - askLots ? bidReason : askReason
    if (bidLots === 0 && askLots === 0) return cutReason
    const bidTicks = commands.int32[word + (QuoteField.BID_TICKS >> 2)]!
    const askTicks = Math.max(commands.int32[word + (QuoteField.ASK_TICKS >> 2)]!, bidTicksBest)
    if (!this.positions.canHold(symbolId, bidLots, bidTicks, askLots, askTicks)) return Reason.NOTIONAL_OUT_OF_RANGE
    this.bidLotsGranted = bidLots
    this.askLotsGranted = askLots
    this.cutReason = cutReason
    return 0
  }

  /** The node that holds the symbol, with its token; by hand, with token 0, the operator while nobody holds it. */
  mayQuote(symbolId: number, clientId: number, token: number): boolean {
    const { authority } = this.nodes
    if (token === 0) return isOperator(clientId) && authority.holder(symbolId) === NO_HOLDER
    return authority.isInForce(symbolId, clientId, token)
  }

  /** Remembers what the QUOTE at `offset`, which was granted or refused for want of exposure, asked for. */
  ask(commands: AlignedBuffer, offset: number, nowNs: number): void {
    const symbolId = commands.int32[(offset + CommandHeader.SYMBOL_ID) >> 2]!
    const bidLots = commands.int32[(offset + QuoteField.BID_LOTS) >> 2]!
    const askLots = commands.int32[(offset + QuoteField.ASK_LOTS) >> 2]!
    this.exposure.ask(symbolId, bidLots, askLots, this.positions.netLots(symbolId), nowNs)
  }

  /** A trade of ours; `isMaker`: our order rested. */
  fill(
    symbolId: number,
    side: Side,
    priceTicks: number,
    quantityLots: number,
    tradeId: number,
    isMaker: boolean,
  ): void {
    this.positions.fill(symbolId, side, priceTicks, quantityLots, tradeId)
    this.fees.fill(symbolId, quantityLots, isMaker)
    const netLots = this.positions.netLots(symbolId)
    assert(Math.abs(netLots) <= this.exposure.limitLots, 'no fill takes a position beyond the limit')
  }

  snapshot(writer: ByteWriter): void {
    writer.uint32(DESK_SNAPSHOT_VERSION)
    this.positions.snapshot(writer)
    this.exposure.snapshot(writer)
    this.controls.snapshot(writer)
    this.fees.snapshot(writer)
    this.nodes.snapshot(writer)
    this.gaps.snapshot(writer)
  }

  restore(reader: ByteReader): void {
    assert(reader.uint32() === DESK_SNAPSHOT_VERSION, 'the snapshot has a desk of this version')
    this.positions.restore(reader)
    this.exposure.restore(reader)
    this.controls.restore(reader)
    this.fees.restore(reader)
    this.nodes.restore(reader)
    this.gaps.restore(reader)
  }

  /** What can be said of a quote without looking at any state. */
  #checkFields(commands: AlignedBuffer, offset: number): Reason | 0 {
    const word = offset >> 2
    const symbolId = commands.int32[word + (CommandHeader.SYMBOL_ID >> 2)]!
    if (symbolId < 0 || symbolId >= this.#symbolCount) return Reason.UNKNOWN_SYMBOL
    const bidTicks = commands.int32[word + (QuoteField.BID_TICKS >> 2)]!
    const bidLots = commands.int32[word + (QuoteField.BID_LOTS >> 2)]!
    const askTicks = commands.int32[word + (QuoteField.ASK_TICKS >> 2)]!
    const askLots = commands.int32[word + (QuoteField.ASK_LOTS >> 2)]!
    if (!isQuantity(bidLots) || !isQuantity(askLots)) return Reason.QUANTITY_OUT_OF_RANGE
    if (bidLots === 0 && askLots === 0) return Reason.EMPTY_QUOTE
    if (!isSidePriced(bidLots, bidTicks) || !isSidePriced(askLots, askTicks)) return Reason.PRICE_OUT_OF_RANGE
    if (bidLots > 0 && askLots > 0 && bidTicks >= askTicks) return Reason.CROSSED_QUOTE
    const ttlNs = commands.float64[(offset + QuoteField.TTL_NS) >> 3]!
    if (!Number.isSafeInteger(ttlNs) || ttlNs < 0 || ttlNs > QUOTE_TTL_NS_MAX) return Reason.BAD_EXPIRY
    const fencingToken = commands.float64[(offset + QuoteField.FENCING_TOKEN) >> 3]!
    if (!Number.isSafeInteger(fencingToken) || fencingToken < 0) return Reason.STALE_AUTHORITY
    return 0
  }
}

function isQuantity(quantityLots: number): boolean {
  return quantityLots >= 0 && quantityLots <= QUANTITY_LOTS_MAX
}

/** The price of a side without quantity means nothing and is not looked at, but it must be 0 or a price. */
function isSidePriced(quantityLots: number, priceTicks: number): boolean {
  return priceTicks >= (quantityLots === 0 ? 0 : 1) && priceTicks <= PRICE_TICKS_MAX
}
