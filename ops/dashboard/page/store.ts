// What the page knows: one signal per part of the dashboard's state, written from the gateway's messages.

import { batch, computed, effect, signal } from '@preact/signals'
import type {
  AuthorityView,
  BookView,
  EventView,
  ExposureView,
  FillView,
  Hello,
  HistoryView,
  InstrumentView,
  MarkoutView,
  PositionView,
  PriceView,
  ProcessView,
  QuoteEventView,
  QuoteView,
  ServerMessage,
  State,
  TradeView,
} from '../../gateway/dashboard-protocol.ts'
import { Connection } from './connection.ts'
import { duration } from './format.ts'
import { paintAll } from './paced.ts'

const TAPE_LENGTH = 120
const FILL_LENGTH = 400
const EVENT_LENGTH = 200

/** 'replay': what is shown is a record of a journal, and the connection rests. */
export type Link = { state: 'connecting' | 'live' | 'away' | 'replay'; sinceMs: number }
/** The record of a journal that is shown, as the address says it. */
export type Place = { journal: string; seq: number }
export type Rates = {
  recordSeq: number
  epoch: number
  recordsPerSecond: number
  tradesPerSecond: number
  upstream: boolean
}

export const link = signal<Link>({ state: 'connecting', sinceMs: Date.now() })
export const hello = signal<Hello | null>(null)
export const symbol = signal(addressed().symbol)
export const place = signal<Place | null>(addressed().place)
export const rates = signal<Rates>({ recordSeq: 0, epoch: 0, recordsPerSecond: 0, tradesPerSecond: 0, upstream: true })
export const prices = signal<ReadonlyMap<string, PriceView>>(new Map())
export const book = signal<BookView | null>(null)
export const history = signal<HistoryView | null>(null)
export const tape = signal<readonly TradeView[]>([])
export const fills = signal<readonly FillView[]>([])
/** By trade id. */
export const markouts = signal<ReadonlyMap<number, number>>(new Map())
export const quoteEvents = signal<readonly QuoteEventView[]>([])
export const quotes = signal<ReadonlyMap<string, QuoteView>>(new Map())
export const positions = signal<ReadonlyMap<string, PositionView>>(new Map())
export const exposure = signal<ExposureView | null>(null)
export const authority = signal<AuthorityView | null>(null)
export const processes = signal<readonly ProcessView[]>([])
export const events = signal<readonly EventView[]>([])
/** The clock of everything that counts seconds: the gateway's time, moved once a second. */
export const nowMs = signal(Date.now())
/** Length of the last absence, shown for a while after the page is back. */
export const wasAwayMs = signal(0)

export const instruments = computed<readonly InstrumentView[]>(() => hello.value?.instruments ?? [])
export const instrument = computed(
  () => instruments.value.find((candidate) => candidate.symbol === symbol.value) ?? null,
)

/** How far the gateway's clock is ahead of this machine's. */
let clockOffsetMs = 0
/** The time of the record that is shown in a replay. */
let replayedMs = 0

export function gatewayNowMs(): number {
  return link.peek().state === 'replay' ? replayedMs : Date.now() + clockOffsetMs
}

/** ALDR, or ALDR@engine-a:5000 for a record of a journal. */
function addressed(): { symbol: string; place: Place | null } {
  const [wanted = '', position = ''] = decodeURIComponent(location.hash.slice(1)).split('@')
  const match = /^([a-z0-9-]+):(\d{1,15})$/.exec(position)
  return { symbol: wanted, place: match === null ? null : { journal: match[1]!, seq: Number(match[2]) } }
}

/** Puts what is shown into the address, so that it can be linked to. */
export function writeAddress(): void {
  if (symbol.peek() === '') return
  const { journal, seq } = place.peek() ?? {}
  const position = journal === undefined ? '' : `@${journal}:${seq}`
  window.history.replaceState(null, '', `#${encodeURIComponent(symbol.peek())}${position}`)
}

const connection = new Connection({
  onMessage: (message) => batch(() => apply(message)),
  onOpen: () => {
    const { state, sinceMs } = link.peek()
    if (state === 'away') sayReturned(gatewayNowMs() - sinceMs)
    link.value = { state: 'live', sinceMs: gatewayNowMs() }
  },
  onAway: () => {
    if (link.peek().state === 'live') link.value = { state: 'away', sinceMs: gatewayNowMs() }
  },
})

export function start(): void {
  setInterval(() => {
    nowMs.value = gatewayNowMs()
  }, 1_000)
  window.addEventListener('hashchange', () => {
    const wanted = addressed()
    place.value = wanted.place
    chooseSymbol(wanted.symbol)
  })
  effect(() => {
    document.title = instrument.value === null ? 'Tandem' : `${instrument.value.symbol} · Tandem`
  })
  // A link to a record of a journal needs no market.
  if (place.peek() === null) connection.open()
}

export function chooseSymbol(wanted: string): void {
  const known = instruments.peek()
  const chosen = known.find((candidate) => candidate.symbol === wanted)?.symbol ?? known[0]?.symbol ?? ''
  batch(() => {
    if (chosen !== symbol.peek()) clearSymbol()
    symbol.value = chosen
  })
  paintAll()
  writeAddress()
  if (link.peek().state !== 'replay') connection.subscribe(chosen === '' ? [] : [chosen])
}

/** The connection rests, and what `showReplayed` is given is shown, until `leaveReplay`. */
export function enterReplay(): void {
  replayedMs = gatewayNowMs()
  connection.close()
  link.value = { state: 'replay', sinceMs: gatewayNowMs() }
}

export function showReplayed(shown: Hello | State): void {
  batch(() => {
    if (shown.type !== 'hello') {
      replayedMs = shown.sentAtMs
      nowMs.value = replayedMs
    }
    apply(shown)
  })
  paintAll()
}

export function leaveReplay(): void {
  link.value = { state: 'connecting', sinceMs: Date.now() }
  place.value = null
  clearSymbol()
  writeAddress()
  connection.open()
}

/** The symbol `step` places further down the list, round and round. */
export function stepSymbol(step: number): void {
  const known = instruments.peek()
  if (known.length === 0) return
  const at = known.findIndex((candidate) => candidate.symbol === symbol.peek())
  chooseSymbol(known[(at + step + known.length) % known.length]!.symbol)
}

function apply(message: ServerMessage): void {
  if (message.type === 'hello') applyHello(message)
  else if (message.type === 'problem') addOwnEvent('bad', `The gateway refused what the page asked: ${message.error}`)
  else applyState(message)
}

function applyHello(message: Hello): void {
  hello.value = message
  chooseSymbol(symbol.peek())
}

function applyState(state: State): void {
  const { recordSeq, epoch, recordsPerSecond, tradesPerSecond, upstream } = state
  rates.value = { recordSeq, epoch, recordsPerSecond, tradesPerSecond, upstream }
  const whole = state.type === 'snapshot'
  if (whole && link.peek().state !== 'replay') clockOffsetMs = state.sentAtMs - Date.now()
  if (state.prices) prices.value = merged(prices.peek(), state.prices, whole)
  if (state.positions) positions.value = merged(positions.peek(), state.positions, whole)
  if (state.quotes) quotes.value = standing(merged(quotes.peek(), state.quotes, whole))
  if (state.exposure) exposure.value = state.exposure
  if (state.authority) authority.value = state.authority
  if (state.processes) processes.value = state.processes
  if (state.fills) fills.value = appended(whole ? [] : fills.peek(), state.fills.items, FILL_LENGTH)
  if (state.markouts) markouts.value = withMarkouts(whole ? [] : [...markouts.peek()], state.markouts.items)
  if (state.quoteEvents) {
    quoteEvents.value = appended(whole ? [] : quoteEvents.peek(), state.quoteEvents.items, EVENT_LENGTH)
  }
  if (state.events) events.value = appended(whole ? ownEvents() : events.peek(), state.events.items, EVENT_LENGTH)
  applySymbolState(state)
}

function applySymbolState(state: State): void {
  const mine = <Part extends { symbol: string }>(parts: Part[] | undefined): Part | undefined =>
    parts?.find((part) => part.symbol === symbol.peek())
  const newBook = mine(state.books)
  if (newBook !== undefined) book.value = newBook
  const newHistory = mine(state.history)
  if (newHistory !== undefined) history.value = newHistory
  const trades = mine(state.trades)
  if (trades !== undefined) tape.value = appended(trades.fresh ? [] : tape.peek(), trades.items, TAPE_LENGTH)
}

function clearSymbol(): void {
  book.value = null
  history.value = null
  tape.value = []
}

function merged<Part extends { symbol: string }>(
  held: ReadonlyMap<string, Part>,
  parts: readonly Part[],
  whole: boolean,
): ReadonlyMap<string, Part> {
  const result = new Map(whole ? [] : held)
  for (const part of parts) result.set(part.symbol, part)
  return result
}

function withMarkouts(held: [number, number][], more: readonly MarkoutView[]): ReadonlyMap<number, number> {
  const added = more.map(({ tradeId, markoutTicks }): [number, number] => [tradeId, markoutTicks])
  return new Map([...held, ...added].slice(-FILL_LENGTH))
}

function standing(held: ReadonlyMap<string, QuoteView>): ReadonlyMap<string, QuoteView> {
  return new Map([...held].filter(([, quote]) => quote.bidLots > 0 || quote.askLots > 0))
}

function appended<Item>(held: readonly Item[], more: readonly Item[], length: number): readonly Item[] {
  return [...held, ...more].slice(-length)
}

// The page's own events have number 0: a snapshot replaces the gateway's, not these.
function ownEvents(): EventView[] {
  return events.peek().filter((event) => event.number === 0)
}

function addOwnEvent(level: EventView['level'], text: string): void {
  const event: EventView = { number: 0, timeMs: gatewayNowMs(), topic: 'page', level, text }
  events.value = appended(events.peek(), [event], EVENT_LENGTH)
}

function sayReturned(awayMs: number): void {
  addOwnEvent('warning', `This page had no connection for ${duration(awayMs)}; everything shown is current again.`)
  wasAwayMs.value = Math.max(1, awayMs)
  setTimeout(() => {
    wasAwayMs.value = 0
  }, 8_000)
}
