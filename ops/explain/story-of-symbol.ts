// The story of one symbol in words: who might quote it and why, each quote and what became of it, each fill.

import type { Core } from '../../engine/core/core.ts'
import { ClientId } from '../../protocol/clients.ts'
import { priceText } from '../../protocol/io/decimal.ts'
import { EventKind, isReduced, nameOf, Reason, RiskState, Side } from '../../protocol/kinds.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import { nodeName } from '../gateway/authority-view.ts'
import { type DeskTiding, DeskTidings, type FillTiding } from './desk-tidings.ts'

/** One sentence, true after the record it names. */
export type Sentence = { readonly recordSeq: number; readonly timeNs: number; readonly text: string }

const NS_PER_MS = 1_000_000

/** Why, as the end of a sentence. */
const REASONS: Readonly<Partial<Record<number, string>>> = {
  [Reason.STALE_POSITION]: 'it was computed from an older position',
  [Reason.STALE_AUTHORITY]: 'its sender does not hold the authority that it names',
  [Reason.QUOTING_DISABLED]: 'quoting is switched off',
  [Reason.EXPOSURE]: 'the exposure limit leaves nothing',
  [Reason.FAIR_SHARE]: 'what is left of the exposure limit belongs to symbols that have waited longer',
  [Reason.POSITION_LIMIT]: "the symbol's position is at its limit",
  [Reason.PHASE_FORBIDS]: 'the market takes no quotes in this phase',
  [Reason.REDUCED]: 'the exposure limit leaves no more',
  [Reason.REDUCED_BY_POSITION]: "the symbol's position may not grow further",
  [Reason.REDUCED_BY_SHARE]: 'other symbols wait for their share of the exposure limit',
  [Reason.INVENTORY_LIMIT]: 'its inventory limit cut the quote',
  [Reason.LOSS_LIMIT]: 'its loss limit was reached',
  [Reason.FAR_FROM_REFERENCE]: 'the strategy wanted a price too far from the reference price',
  [Reason.STALE_MARKET]: 'nothing was heard of the market for too long',
  [Reason.BY_OWNER]: 'its node asked for it',
  [Reason.KILL_SWITCH]: 'quoting was switched off',
  [Reason.AUTHORITY_ENDED]: 'the authority that it stood under ended',
  [Reason.SESSION_ENDED]: "its client's session ended",
  [Reason.PROTECTION]: 'too much of it traded too fast',
  [Reason.PHASE_ENDED]: 'continuous trading ended',
  [Reason.TIME_PASSED]: 'it was not renewed in time',
  [Reason.NODE_JOINED]: 'a node joined',
  [Reason.NODE_GONE]: 'a node is gone',
  [Reason.NEW_INCARNATION]: 'its process was started again',
}

const RISK_STATES: Readonly<Partial<Record<number, string>>> = {
  [RiskState.REDUCE_ONLY]: ', and it only makes positions smaller',
  [RiskState.OFF]: ', and it quotes no more',
}

export class SymbolStory {
  readonly #symbolId: number
  readonly #tidings = new DeskTidings()

  constructor(symbolId: number) {
    this.#symbolId = symbolId
  }

  /** Takes a state as it is, so that what it knows already is not told as news. */
  begin(core: Core): void {
    this.#tidings.fills(core)
  }

  /** What the record applied last means for the symbol. */
  after(core: Core): Sentence[] {
    const { seq: recordSeq, timeNs } = core
    const all = this.#tidings.tidings(core)
    // What happened to nodes is why something happens to symbols.
    const told = [NO_SYMBOL_ID, this.#symbolId].flatMap((wanted) => all.filter(({ symbolId }) => symbolId === wanted))
    const fills = this.#tidings.fills(core).filter(({ symbolId }) => symbolId === this.#symbolId)
    const texts = [
      ...told.map((tiding) => this.#tidingText(tiding, core)),
      ...fills.map((fill) => this.#fillText(fill, core)),
    ]
    return texts.filter((text) => text !== '').map((text) => ({ recordSeq, timeNs, text }))
  }

  #tidingText(tiding: DeskTiding, core: Core): string {
    if (tiding.kind >= EventKind.QUOTE_ACCEPTED && tiding.kind <= EventKind.QUOTE_EXPIRED)
      return this.#quoteText(tiding, core)
    if (tiding.kind >= EventKind.NODE_REGISTERED && tiding.kind <= EventKind.NODE_LIMIT_REACHED) return nodeText(tiding)
    if (tiding.kind === EventKind.QUOTING_CHANGED) return switchText(tiding)
    return authorityText(tiding, core.timeNs)
  }

  #quoteText(tiding: DeskTiding, core: Core): string {
    const { kind, reason, clientId, otherId, bidLots, askLots, bidLotsAsked, askLotsAsked } = tiding
    const quote = `quote ${otherId} of ${clientName(clientId)}`
    if (kind === EventKind.QUOTE_EXPIRED) return `${quote} expires: nobody renewed it within its time to live.`
    if (kind === EventKind.QUOTE_CANCELLED) {
      // What takes its place is told by itself.
      return reason === Reason.SUPERSEDED ? '' : `${quote} is withdrawn: ${reasonText(reason)}.`
    }
    const asked = `${clientName(clientId)} asks for ${bidLotsAsked} x ${askLotsAsked} lots`
    const from = `(quote ${otherId}, from position version ${tiding.value}, token ${tiding.fencingToken})`
    if (kind === EventKind.QUOTE_REFUSED) return `${asked} ${from}: refused, ${reasonText(reason)}.`
    const at = `at ${this.#price(core, tiding.bidTicks)} / ${this.#price(core, tiding.askTicks)} ${from}`
    if (!isReduced(reason)) return `${asked} ${at}: granted.`
    const less = `${bidLotsAsked - bidLots} and ${askLotsAsked - askLots} lots less`
    return `${asked} ${at}: ${bidLots} x ${askLots} granted, ${less}, because ${reasonText(reason)}.`
  }

  #fillText({ side, lots, priceTicks, clientId, netLots, version, tradeId }: FillTiding, core: Core): string {
    const verb = side === Side.BUY ? 'buys' : 'sells'
    const what = `${clientName(clientId)} ${verb} ${lots} lots at ${this.#price(core, priceTicks)} (trade ${tradeId})`
    return `${what}: the position is ${netLots} lots, version ${version}.`
  }

  #price(core: Core, ticks: number): string {
    return ticks === 0 ? '-' : priceText(ticks, core.config.instruments[this.#symbolId]!)
  }
}

function authorityText({ kind, reason, clientId, otherId, fencingToken, untilNs }: DeskTiding, nowNs: number): string {
  const node = nodeName(clientId)
  switch (kind) {
    case EventKind.ASSIGNMENT_CHANGED:
      return `the symbol is assigned to ${node} instead of ${nodeName(otherId)}: ${reasonText(reason)}.`
    case EventKind.AUTHORITY_GRANTED:
      return `${node} is granted the authority to quote, token ${fencingToken}, for ${Math.round((untilNs - nowNs) / NS_PER_MS)} ms unless renewed.`
    case EventKind.AUTHORITY_RECALLED:
      return `${node} is asked to give the symbol back to let ${nodeName(otherId)} have it; until then it may quote.`
    case EventKind.AUTHORITY_RELEASED:
      return `${node} has given the symbol back, token ${fencingToken} is void: ${reasonText(reason)}.`
    case EventKind.AUTHORITY_EXPIRED:
      return `the authority of ${node} ends, token ${fencingToken} is void: its lease was not renewed in time.`
    default:
      return ''
  }
}

function nodeText({ kind, reason, clientId, value, bidLotsAsked, untilNs }: DeskTiding): string {
  const node = nodeName(clientId)
  if (kind === EventKind.NODE_REGISTERED) return `${node} is present, incarnation ${value}.`
  if (kind === EventKind.NODE_LEFT) return `${node} has said good-bye.`
  if (kind === EventKind.NODE_EXPIRED) return `${node} is gone: it was not heard of in time.`
  if (kind === EventKind.NODE_REFUSED) return `${node} is refused: ${reasonText(reason)}.`
  if (kind === EventKind.NODE_LIMIT_REACHED) {
    const state = RISK_STATES[bidLotsAsked] ?? ''
    return `${node} keeps to a limit of its own: ${reasonText(reason)}; its loss is ${(untilNs / 100).toFixed(2)}${state}.`
  }
  return ''
}

function switchText({ clientId, symbolId, bidLotsAsked }: DeskTiding): string {
  const where = symbolId === NO_SYMBOL_ID ? ' for all symbols' : ''
  return `${clientName(clientId)} switches quoting ${bidLotsAsked === 1 ? 'on' : 'off'}${where}.`
}

function reasonText(reason: number): string {
  return REASONS[reason] ?? nameOf(Reason, reason).toLowerCase().replaceAll('_', ' ')
}

function clientName(clientId: number): string {
  if (clientId === ClientId.GATEWAY) return 'the gateway'
  if (clientId === ClientId.OPERATOR) return 'the operator'
  return nodeName(clientId)
}
