// The composite state machine: sessions, desk and exchange, changed by one record at a time, and by nothing else.
//
//   record ──► time passes: what is due expires            (exchange, desk: leases and presences)
//          ──► the session: the command is its next        (sessions)
//          ──► the desk's screen: may it quote, how much   (desk)
//          ──► the exchange: orders, quotes, trades        (exchange)
//          ──► the desk's books: fills, reservations       (desk)
//          ──► outputs: market data, reports, positions
//
// Same records in, same state, same outputs, same hash, on every replica. `apply` is total: a record that was once
// journalled can always be applied. It reads no clock and does no I/O.

import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { assert } from '../../base/assert.ts'
import { ByteReader, ByteReaderError } from '../../base/byte-reader.ts'
import { ByteWriter } from '../../base/byte-writer.ts'
import { checksum } from '../../base/checksum.ts'
import { Exchange } from '../../exchange-sim/exchange.ts'
import { type FrameSink, MarketData } from '../../exchange-sim/market-data/market-data.ts'
import { isOperator } from '../../protocol/clients.ts'
import { CancelQuoteField, CommandHeader, OpenSessionField, SetQuotingField } from '../../protocol/command.ts'
import { EventField, EventLog } from '../../protocol/event.ts'
import { CommandKind, EventFlag, EventKind, Reason, Side } from '../../protocol/kinds.ts'
import { GENESIS_SIZE_MAX } from '../../protocol/limits.ts'
import { RecordHeader } from '../../protocol/record.ts'
import type { MarketDataChannel } from '../../protocol/subjects.ts'
import { type ClusterConfig, NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import { Desk } from '../desk/desk.ts'
import { isForExposure } from '../desk/exposure.ts'
import {
  completeQuoteAnswer,
  putCancelQuoteRefusal,
  putMassQuoteAnswer,
  putQuoteRefusal,
  putQuotingChanged,
  putRefusal,
  putSessionEvent,
} from './desk-events.ts'
import { DeskOutputs } from './desk-outputs.ts'
import { Executions } from './executions.ts'
import { MassQuotes } from './mass-quote.ts'
import { NodeCommands } from './node-commands.ts'
import { OutputKind, type OutputSink } from './output.ts'
import { Screening, Sessions } from './sessions.ts'

/** Layout of a snapshot's body. 1: the first. 2: statistics of trades. 3: strategy nodes. */
const SNAPSHOT_VERSION = 3

const { TRADE, QUOTE_ACCEPTED } = EventKind

const NOWHERE: OutputSink = { output: () => {} }

export class Core {
  readonly config: ClusterConfig
  readonly exchange: Exchange
  readonly marketData: MarketData
  readonly desk: Desk
  readonly sessions: Sessions
  readonly executions: Executions
  readonly deskOutputs: DeskOutputs
  /** The last record applied. */
  seq = 0
  timeNs = 0
  epoch = 0
  /** Commands of clients applied, and trades they made. */
  commandCount = 0
  tradeCount = 0
  readonly #events = new EventLog()
  /** For snapshots and hashes: as large as the largest so far, so that the next one waits for no memory. */
  readonly #writer = new ByteWriter()
  /**
   * `timeNs` as it is handed to functions: a number that is no small one goes to them in a box. A field that once was no
   * number keeps the box, so that all records of one pass, which have the same time, share one.
   */
  #nowNs: number | null = null
  readonly #massQuotes: MassQuotes
  readonly #nodeCommands: NodeCommands
  /** Events of the present record that the desk's books have. */
  #settledCount = 0
  /** Symbols whose active quote may have changed in this record, with repeats. */
  readonly #touched: number[] = []
  /** Of the present flush. */
  #sink: OutputSink = NOWHERE
  readonly #publishMarketData: FrameSink = (symbolId, channel, frame, recordSeq) => {
    this.#sink.output(outputOf(channel), symbolId, frame, recordSeq)
  }

  constructor(config: ClusterConfig) {
    this.config = config
    this.exchange = new Exchange(config)
    this.marketData = new MarketData(config, this.exchange)
    this.#nodeCommands = new NodeCommands(this.exchange, this.#events)
    this.desk = new Desk(config, this.#nodeCommands)
    this.#massQuotes = new MassQuotes(this.exchange, this.desk, config.instruments.length)
    this.sessions = new Sessions(config.throttle)
    this.executions = new Executions(this.sessions)
    this.deskOutputs = new DeskOutputs(config.instruments.length)
  }

  /** The state after the GENESIS record at `offset`, the first of every journal. */
  static fromGenesis(records: AlignedBuffer, offset: number): Core {
    const size = records.uint32[(offset + RecordHeader.SIZE) >> 2]!
    const from = offset + RecordHeader.LENGTH
    assert(records.bytes[from + CommandHeader.KIND] === CommandKind.GENESIS, 'a journal begins with GENESIS')
    const text = new TextDecoder().decode(records.bytes.subarray(from + CommandHeader.LENGTH, offset + size))
    const core = new Core(JSON.parse(text) as ClusterConfig)
    core.#begin(records, offset)
    return core
  }

  /** The state that `snapshot` wrote. Throws ByteReaderError where the bytes are none. */
  static restore(body: Uint8Array): Core {
    const reader = new ByteReader(body)
    if (reader.uint32() !== SNAPSHOT_VERSION) throw new ByteReaderError('a snapshot of another version')
    const core = new Core(JSON.parse(reader.string(GENESIS_SIZE_MAX)) as ClusterConfig)
    core.seq = reader.safeInteger()
    core.timeNs = reader.safeInteger()
    core.epoch = reader.uint32()
    core.commandCount = reader.safeInteger()
    core.tradeCount = reader.safeInteger()
    core.exchange.restore(reader)
    core.marketData.restore(reader)
    core.desk.restore(reader)
    core.sessions.restore(reader)
    core.executions.restore(reader)
    core.deskOutputs.restore(reader)
    if (reader.remaining !== 0) throw new ByteReaderError(`${reader.remaining} bytes too many`)
    for (let symbolId = 0; symbolId < core.config.instruments.length; symbolId++) {
      const { exchange } = core
      core.desk.exposure.load(symbolId, exchange.quoteLots(symbolId, Side.BUY), exchange.quoteLots(symbolId, Side.SELL))
    }
    return core
  }

  snapshot(): Uint8Array {
    return this.hashedSnapshot().body
  }

  /** Its snapshot and its hash, for which the state is written down once. */
  hashedSnapshot(): { readonly body: Uint8Array; readonly stateHash: number } {
    const writer = this.#writer
    writer.clear()
    writer.uint32(SNAPSHOT_VERSION)
    writer.string(JSON.stringify(this.config))
    const from = writer.length
    this.#writeState(writer)
    const to = writer.length
    this.executions.snapshot(writer)
    this.deskOutputs.snapshot(writer)
    const stateHash = checksum(writer.written, from, to)
    return { body: writer.finish(), stateHash }
  }

  /** Equal on all replicas after the same record. How many old reports and fills are kept is not part of it. */
  hash(): number {
    const writer = this.#writer
    writer.clear()
    this.#writeState(writer)
    return checksum(writer.written, 0, writer.length)
  }

  /** The earliest time at which a TICK record would change something; Infinity when none would. */
  nextDeadlineNs(): number {
    return Math.min(this.exchange.nextDeadlineNs(), this.desk.nodes.earliestNs)
  }

  /** Whether the command at `offset` may be journalled now. Changes nothing; `sessions` holds the details. */
  screen(commands: AlignedBuffer, offset: number, nowNs: number): Screening {
    return this.sessions.screen(commands, offset, nowNs)
  }

  /** Applies the record at `offset`: the next one, whose command was screened as FRESH before it was journalled. */
  apply(records: AlignedBuffer, offset: number): void {
    this.#apply(records, offset)
    this.marketData.collect(this.#events, 0, this.#events.count, this.seq, this.#nowNs!)
  }

  /** The same where nobody is told what the market may see of it: `discard` comes before the next flush. */
  follow(records: AlignedBuffer, offset: number): void {
    this.#apply(records, offset)
    this.marketData.skip(this.#events, 0, this.#events.count, this.seq, this.#nowNs!)
  }

  /** Publishes what the records applied since the last flush have to tell. */
  flush(epoch: number, sink: OutputSink): void {
    // Before the answers: a node that has its answer knows that the market it sees has its quote in it.
    this.#sink = sink
    this.marketData.flush(epoch, this.#publishMarketData)
    this.executions.flush(epoch, sink)
    this.deskOutputs.flush(epoch, sink)
  }

  /** Forgets what there is to tell: nobody listens while a journal is replayed. */
  discard(): void {
    this.marketData.discard()
    this.executions.flush(this.epoch, NOWHERE)
    this.deskOutputs.discard()
  }

  /** Tells the latest number of every stream, so that readers notice what they missed. */
  announce(epoch: number, sink: OutputSink): void {
    this.marketData.announce(epoch, (symbolId, channel, frame) =>
      sink.output(outputOf(channel), symbolId, frame, this.seq),
    )
    for (const clientId of this.sessions.sortedClientIds()) {
      this.executions.announce(this.sessions.slotOf(clientId), epoch, sink, this.timeNs, this.seq)
    }
    this.deskOutputs.announce(epoch, sink, this.seq)
  }

  #apply(records: AlignedBuffer, offset: number): void {
    const seq = records.float64[(offset + RecordHeader.SEQ) >> 3]!
    const timeNs = records.float64[(offset + RecordHeader.TIME_NS) >> 3]!
    assert(seq === this.seq + 1 && timeNs >= this.timeNs, 'records are applied in order')
    const epochBefore = this.epoch
    this.#begin(records, offset)
    const events = this.#events
    events.clear()
    events.recordSeq = seq
    events.timeNs = timeNs
    this.#settledCount = 0
    if (this.epoch !== epochBefore) this.desk.nodes.onEpoch(timeNs)
    this.#passTime()

    const command = offset + RecordHeader.LENGTH
    const slot = this.#applyCommand(records, command)
    this.#settle(this.#settledCount, events.count)
    const replies = this.executions.collect(events, slot)
    assert(replies === (slot < 0 ? 0 : 1), 'a command is answered once')
  }

  #begin(records: AlignedBuffer, offset: number): void {
    this.seq = records.float64[(offset + RecordHeader.SEQ) >> 3]!
    const timeNs = records.float64[(offset + RecordHeader.TIME_NS) >> 3]!
    if (timeNs !== this.timeNs || this.#nowNs === null) this.#nowNs = timeNs
    this.timeNs = timeNs
    const epoch = records.uint32[(offset + RecordHeader.EPOCH) >> 2]!
    assert(epoch >= this.epoch, 'epochs never go back')
    this.epoch = epoch
  }

  /** What is due at a time is done before what is due later: what an ended lease leaves behind trades no more. */
  #passTime(): void {
    const { timeNs } = this
    if (this.nextDeadlineNs() > timeNs) return
    const events = this.#events
    const { nodes } = this.desk
    if (nodes.earliestNs <= timeNs) {
      this.exchange.advance(nodes.earliestNs, events)
      nodes.expire(timeNs)
    }
    this.exchange.advance(timeNs, events)
    this.#settle(0, events.count)
  }

  /** All that the hash tells of. */
  #writeState(writer: ByteWriter): void {
    this.#writeCounts(writer)
    this.exchange.snapshot(writer)
    this.marketData.snapshot(writer)
    this.desk.snapshot(writer)
    this.sessions.snapshot(writer)
  }

  #writeCounts(writer: ByteWriter): void {
    writer.safeInteger(this.seq)
    writer.safeInteger(this.timeNs)
    writer.uint32(this.epoch)
    writer.safeInteger(this.commandCount)
    writer.safeInteger(this.tradeCount)
  }

  /** Returns the slot of the session whose command it was, -1 for the engine's own. */
  #applyCommand(records: AlignedBuffer, command: number): number {
    const kind = records.bytes[command + CommandHeader.KIND]! as CommandKind
    if (kind === CommandKind.TICK) return -1
    this.commandCount += 1
    if (kind === CommandKind.CLOSE_SESSION && isOfEngine(records, command)) {
      this.#endSession(records.uint32[(command + CommandHeader.CLIENT_ID) >> 2]!)
      return -1
    }
    if (kind === CommandKind.OPEN_SESSION) return this.#openSession(records, command)
    const slot = this.sessions.take(records, command, this.seq, this.#nowNs!)
    switch (kind) {
      case CommandKind.NEW_ORDER:
      case CommandKind.CANCEL_ORDER:
      case CommandKind.REPLACE_ORDER:
      case CommandKind.MASS_CANCEL:
        this.exchange.apply(records, command, this.#nowNs!, this.#events)
        break
      case CommandKind.QUOTE:
        this.#quote(records, command)
        break
      case CommandKind.MASS_QUOTE:
        this.#massQuote(records, command)
        break
      case CommandKind.CANCEL_QUOTE:
        this.#cancelQuote(records, command)
        break
      case CommandKind.SET_QUOTING:
        this.#setQuoting(records, command)
        break
      case CommandKind.SET_PHASE:
        this.#setPhase(records, command)
        break
      case CommandKind.REGISTER_NODE:
      case CommandKind.RENEW_NODE:
      case CommandKind.LEAVE_NODE:
      case CommandKind.RELEASE_AUTHORITY:
      case CommandKind.REPORT_LIMIT:
        this.#nodeCommands.apply(this.desk.nodes, records, command, this.timeNs)
        break
      case CommandKind.CLOSE_SESSION:
        this.#closeSession(slot)
        break
      default:
        putRefusal(this.#events, records, command, Reason.UNKNOWN_KIND)
    }
    return slot
  }

  #openSession(records: AlignedBuffer, command: number): number {
    const { sessions } = this
    const screening = sessions.screen(records, command, this.timeNs)
    assert(screening === Screening.FRESH, 'only fresh commands are journalled')
    const clientId = records.uint32[(command + CommandHeader.CLIENT_ID) >> 2]!
    const nonce = records.uint32[(command + OpenSessionField.NONCE) >> 2]!
    const before = sessions.slotOf(clientId)
    const isCancelling = before >= 0 && sessions.isOpen(before) && sessions.isCancelling(before)
    if (before < 0) this.#makeRoom()
    const slot = sessions.open(records, command, this.seq, this.timeNs)
    putSessionEvent(
      this.#events,
      EventKind.SESSION_OPENED,
      clientId,
      sessions.incarnation(slot),
      nonce,
      EventFlag.REPLY,
    )
    // The client that opens anew is a new incarnation: what the old one left behind goes as if it had disconnected.
    if (isCancelling) this.#withdrawAll(clientId)
    this.desk.nodes.onSessionOpened(clientId, this.timeNs)
    return slot
  }

  #makeRoom(): void {
    const forgotten = this.sessions.slotToForget(this.timeNs)
    if (forgotten < 0) return
    this.executions.forget(forgotten)
    this.sessions.forget(forgotten)
  }

  /** The client is gone without having closed it. Told after what it loses: nothing comes behind it. */
  #endSession(clientId: number): void {
    const slot = this.sessions.slotOf(clientId)
    const incarnation = this.sessions.incarnation(slot)
    this.sessions.close(slot)
    this.#withdrawAll(clientId)
    this.desk.nodes.onSessionClosed(clientId, this.timeNs)
    putSessionEvent(this.#events, EventKind.SESSION_CLOSED, clientId, incarnation, 0, 0)
  }

  #closeSession(slot: number): void {
    const clientId = this.sessions.clientId(slot)
    this.sessions.close(slot)
    putSessionEvent(
      this.#events,
      EventKind.SESSION_CLOSED,
      clientId,
      this.sessions.incarnation(slot),
      0,
      EventFlag.REPLY,
    )
    if (this.sessions.isCancelling(slot)) this.#withdrawAll(clientId)
    this.desk.nodes.onSessionClosed(clientId, this.timeNs)
  }

  #withdrawAll(clientId: number): void {
    this.exchange.cancelAllOfClient(clientId, Reason.SESSION_ENDED, this.#events)
    for (let symbolId = 0; symbolId < this.config.instruments.length; symbolId++) {
      if (this.exchange.quoteClientId(symbolId) !== clientId) continue
      this.exchange.cancelQuote(symbolId, Reason.SESSION_ENDED, 0, this.#events)
    }
  }

  #quote(records: AlignedBuffer, command: number): void {
    const symbolId = records.int32[(command + CommandHeader.SYMBOL_ID) >> 2]!
    const isKnown = symbolId >= 0 && symbolId < this.config.instruments.length
    const bidTicksBest = isKnown ? this.exchange.bestTicks(symbolId, Side.BUY) : 0
    const events = this.#events
    const reason = this.desk.screenQuote(records, command, bidTicksBest, this.timeNs)
    if (reason === 0 || isForExposure(reason)) this.desk.ask(records, command, this.timeNs)
    if (reason !== 0) {
      putQuoteRefusal(events, records, command, reason)
      // It has had its turn.
      if (reason === Reason.FAIR_SHARE) this.exchange.cancelQuote(symbolId, reason, 0, events)
      return
    }
    const { bidLotsGranted, askLotsGranted, cutReason } = this.desk
    const first = events.count
    this.exchange.quote(records, command, bidLotsGranted, askLotsGranted, this.timeNs, events)
    completeQuoteAnswer(events, first, records, command, cutReason)
  }

  #massQuote(records: AlignedBuffer, command: number): void {
    const mass = this.#massQuotes
    const events = this.#events
    const reason = mass.refusal(records, command, this.timeNs)
    const count = mass.count(records, command)
    if (reason !== 0) {
      putMassQuoteAnswer(events, EventKind.QUOTE_REFUSED, reason, records, command, mass.symbolId, count)
      return
    }
    putMassQuoteAnswer(events, EventKind.MASS_QUOTED, 0, records, command, NO_SYMBOL_ID, count)
    for (let index = 0; index < count; index++) {
      mass.enter(records, command, index, this.timeNs, events)
      // What one entry holds of the exposure bounds what the next one gets.
      this.#settle(this.#settledCount, events.count)
    }
  }

  #cancelQuote(records: AlignedBuffer, command: number): void {
    const symbolId = records.int32[(command + CommandHeader.SYMBOL_ID) >> 2]!
    const clientId = records.uint32[(command + CommandHeader.CLIENT_ID) >> 2]!
    const quoteId = records.uint32[(command + CancelQuoteField.QUOTE_ID) >> 2]!
    const events = this.#events
    if (symbolId < 0 || symbolId >= this.config.instruments.length) {
      putCancelQuoteRefusal(events, records, command, quoteId, Reason.UNKNOWN_SYMBOL)
      return
    }
    const token = records.float64[(command + CancelQuoteField.FENCING_TOKEN) >> 3]!
    if (!this.desk.mayQuote(symbolId, clientId, token)) {
      putCancelQuoteRefusal(events, records, command, quoteId, Reason.STALE_AUTHORITY)
      return
    }
    const owner = this.exchange.quoteClientId(symbolId)
    if (owner !== 0 && owner !== clientId) {
      putCancelQuoteRefusal(events, records, command, quoteId, Reason.NOT_OWNER)
      return
    }
    const isNamed = quoteId === 0 || quoteId === this.exchange.quoteId(symbolId)
    if (isNamed && this.exchange.cancelQuote(symbolId, Reason.BY_OWNER, EventFlag.REPLY, events)) return
    putCancelQuoteRefusal(events, records, command, quoteId, Reason.UNKNOWN_QUOTE)
  }

  #setQuoting(records: AlignedBuffer, command: number): void {
    const symbolId = records.int32[(command + CommandHeader.SYMBOL_ID) >> 2]!
    const clientId = records.uint32[(command + CommandHeader.CLIENT_ID) >> 2]!
    const isEnabled = records.bytes[command + SetQuotingField.ENABLED] === 1
    const events = this.#events
    if (symbolId < NO_SYMBOL_ID || symbolId >= this.config.instruments.length) {
      putRefusal(events, records, command, Reason.UNKNOWN_SYMBOL)
      return
    }
    if (!isOperator(clientId)) {
      putRefusal(events, records, command, Reason.NOT_PERMITTED)
      return
    }
    this.desk.controls.setQuoting(symbolId, isEnabled, clientId, this.timeNs)
    putQuotingChanged(events, symbolId, clientId, isEnabled)
    if (isEnabled) return
    const first = symbolId === NO_SYMBOL_ID ? 0 : symbolId
    const last = symbolId === NO_SYMBOL_ID ? this.config.instruments.length - 1 : symbolId
    for (let id = first; id <= last; id++) {
      this.exchange.cancelQuote(id, Reason.KILL_SWITCH, 0, events)
      this.desk.exposure.forget(id)
    }
  }

  #setPhase(records: AlignedBuffer, command: number): void {
    const clientId = records.uint32[(command + CommandHeader.CLIENT_ID) >> 2]!
    if (isOperator(clientId)) this.exchange.setPhase(records, command, this.timeNs, this.#events)
    else putRefusal(this.#events, records, command, Reason.NOT_PERMITTED)
  }

  /** Carries the events from .. to into the desk's books: each fill once, and what the quotes have open now. */
  #settle(from: number, to: number): void {
    const events = this.#events
    for (let index = from; index < to; index++) {
      const kind = events.bytes[index * EventField.LENGTH + EventField.KIND]!
      // Of the orders of others the trades alone may be the desk's.
      if (kind >= QUOTE_ACCEPTED) this.#settleEvent(index)
      else if (kind === TRADE) this.#settleTrade(index)
    }
    this.#settledCount = to
    if (this.#touched.length === 0) return
    for (let index = 0; index < this.#touched.length; index++) this.#observeQuote(this.#touched[index]!)
    this.#touched.length = 0
  }

  #settleEvent(index: number): void {
    const events = this.#events
    const at = index * EventField.LENGTH
    const symbolId = events.int32[(at + EventField.SYMBOL_ID) >> 2]!
    switch (events.bytes[at + EventField.KIND]! as EventKind) {
      case EventKind.QUOTE_ACCEPTED:
        this.desk.exposure.activate(
          symbolId,
          events.int32[(at + EventField.QUANTITY_LOTS) >> 2]!,
          events.int32[(at + EventField.LEAVES_LOTS) >> 2]!,
          this.timeNs,
        )
        this.desk.gaps.end(symbolId, this.timeNs)
        this.#touched.push(symbolId)
        this.deskOutputs.tell(events, index, this.seq, this.timeNs)
        break
      case EventKind.QUOTE_CANCELLED:
        if (events.bytes[at + EventField.REASON] === Reason.AUTHORITY_ENDED) {
          this.desk.gaps.begin(symbolId, this.timeNs)
        }
        this.#touched.push(symbolId)
        this.deskOutputs.tell(events, index, this.seq, this.timeNs)
        break
      case EventKind.QUOTE_EXPIRED:
        this.#touched.push(symbolId)
        this.deskOutputs.tell(events, index, this.seq, this.timeNs)
        break
      case EventKind.QUOTE_REFUSED:
        if (symbolId >= 0 && symbolId < this.config.instruments.length) {
          this.deskOutputs.tell(events, index, this.seq, this.timeNs)
        }
        break
      case EventKind.AUTHORITY_RELEASED:
      case EventKind.AUTHORITY_EXPIRED:
        this.desk.exposure.forget(symbolId)
        this.deskOutputs.tell(events, index, this.seq, this.timeNs)
        break
      case EventKind.AUTHORITY_GRANTED:
      case EventKind.AUTHORITY_RECALLED:
      case EventKind.ASSIGNMENT_CHANGED:
      case EventKind.NODE_REGISTERED:
      case EventKind.NODE_LEFT:
      case EventKind.NODE_EXPIRED:
      case EventKind.NODE_REFUSED:
      case EventKind.NODE_LIMIT_REACHED:
      case EventKind.QUOTING_CHANGED:
        this.deskOutputs.tell(events, index, this.seq, this.timeNs)
        break
      default:
        // Sessions and prices are no business of the desk.
        break
    }
  }

  #settleTrade(index: number): void {
    const events = this.#events
    const at = index * EventField.LENGTH
    this.tradeCount += 1
    const flags = events.bytes[at + EventField.FLAGS]!
    if ((flags & (EventFlag.QUOTE | EventFlag.CONTRA_QUOTE)) === 0) return
    const symbolId = events.int32[(at + EventField.SYMBOL_ID) >> 2]!
    const isMaker = (flags & EventFlag.QUOTE) !== 0
    const makerSide = events.bytes[at + EventField.SIDE]!
    const side = (isMaker ? makerSide : 1 - makerSide) as Side
    const clientField = isMaker ? EventField.CLIENT_ID : EventField.CONTRA_CLIENT_ID
    const clientId = events.int32[(at + clientField) >> 2]! >>> 0
    const priceTicks = events.int32[(at + EventField.PRICE_TICKS) >> 2]!
    const quantityLots = events.int32[(at + EventField.QUANTITY_LOTS) >> 2]!
    const tradeId = events.float64[(at + EventField.TRADE_ID) >> 3]!
    this.desk.fill(symbolId, side, priceTicks, quantityLots, tradeId, isMaker)
    this.#touched.push(symbolId)
    this.deskOutputs.tellFill(
      this.desk.positions,
      symbolId,
      side,
      priceTicks,
      quantityLots,
      clientId,
      this.seq,
      this.timeNs,
    )
  }

  #observeQuote(symbolId: number): void {
    const bidLots = this.exchange.quoteLots(symbolId, Side.BUY)
    const askLots = this.exchange.quoteLots(symbolId, Side.SELL)
    this.desk.exposure.observe(symbolId, bidLots, askLots, this.timeNs)
  }
}

/** Clients number their commands from 1 on. */
function isOfEngine(records: AlignedBuffer, command: number): boolean {
  return records.float64[(command + CommandHeader.CLIENT_SEQ) >> 3] === 0
}

function outputOf(channel: MarketDataChannel): OutputKind {
  switch (channel) {
    case 'l1':
      return OutputKind.L1
    case 'l2':
      return OutputKind.L2
    case 'l3':
      return OutputKind.L3
    case 'trade':
      return OutputKind.TRADES
    case 'state':
      return OutputKind.STATE
  }
}
