// What the routes ask of the order session: one command out, its reports back. The session itself (numbers, retries,
// exactly once over restarts of the engine) is protocol/client-session.ts.

import type { NewOrder } from '../../protocol/command-writer.ts'
import type { TradingPhase } from '../../protocol/kinds.ts'

/** One execution report, as numbers. The meaning of the fields is that of ExecutionField in protocol/frame.ts. */
export type Report = {
  kind: number
  side: number
  reason: number
  flags: number
  symbolId: number
  recordSeq: number
  orderId: number
  tradeId: number
  priceTicks: number
  quantityLots: number
  leavesLots: number
  clientOrderId: number
  bidLots: number
  askLots: number
  value: number
}

/** The reply to a command, and what else the same record said about it (fills, what rests), in order. */
export type Outcome = { reply: Report; reports: readonly Report[] }

export type OrderRequest = NewOrder

export type QuoteRequest = {
  symbolId: number
  bidTicks: number
  bidLots: number
  askTicks: number
  askLots: number
  positionVersion: number
  ttlNs: number
}

/** The engine did not answer in time. Whether the command will be carried out is not known. */
export class NoReplyError extends Error {
  override name = 'NoReplyError'
}

/** The session is not open: nothing was sent. */
export class SessionClosedError extends Error {
  override name = 'SessionClosedError'
}

/** Each rejects with NoReplyError or SessionClosedError. A refusal by the engine is an outcome, not an error. */
export type OrderEntry = {
  /** In a word, for /health. */
  readonly state: string
  newOrder(request: OrderRequest): Promise<Outcome>
  cancelOrder(orderId: number): Promise<Outcome>
  quote(request: QuoteRequest): Promise<Outcome>
  setQuoting(symbolId: number, enabled: boolean): Promise<Outcome>
  setPhase(symbolId: number, phase: TradingPhase): Promise<Outcome>
  nextClientOrderId(): number
  stop(): void
}
