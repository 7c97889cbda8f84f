// The message bus between clients and engines: at most once, in order from one sender to one receiver. It may be away,
// be cut off from one engine, and lose messages.

import { NS_PER_MS } from '../base/clock.ts'
import type { OutputKind } from '../engine/core/output.ts'
import type { Engine } from '../engine/engine.ts'
import type { FaultPlan } from './faults.ts'
import type { World } from './world.ts'

/** One engine's process, as the bus sees it. */
export type BusEngine = {
  readonly isRunning: boolean
  onCommands(clientId: number, message: Uint8Array): void
  /** Answers from its state, once that is committed; not at all, unless it leads. */
  onQuestion<Answer>(take: (engine: Engine) => Answer, answer: (answer: Answer) => void): void
  onOutside(isReachable: boolean): void
}

export type BusClient = {
  onFrame(frame: Uint8Array): void
  onReconnected(): void
  /** Market data and positions; for those who listen. */
  onMarket?(kind: OutputKind, symbolId: number, frame: Uint8Array): void
}

const DELAY_NS = 0.1 * NS_PER_MS
/** How long it takes at most until an end sees that the bus has ended, or is there again. */
const NOTICE_NS = 50 * NS_PER_MS
/** No connection is closed where a way is cut: pings are missed. */
const CUT_NOTICE_NS = 600 * NS_PER_MS

export class Bus {
  isFaulty = true
  readonly #world: World
  readonly #plan: FaultPlan
  readonly #engines: [BusEngine | null, BusEngine | null] = [null, null]
  readonly #clients = new Map<number, BusClient>()
  readonly #isCut: [boolean, boolean] = [false, false]
  #isUp = true
  /** When the last message from a sender to a receiver arrives. */
  readonly #lastNs = new Map<string, number>()

  constructor(world: World, plan: FaultPlan) {
    this.#world = world
    this.#plan = plan
  }

  isReachable(end: 0 | 1): boolean {
    return this.#isUp && !this.#isCut[end]
  }

  join(end: 0 | 1, engine: BusEngine | null): void {
    this.#engines[end] = engine
  }

  addClient(clientId: number, client: BusClient): void {
    this.#clients.set(clientId, client)
  }

  /** The bus goes away, or comes back. */
  setUp(isUp: boolean): void {
    if (this.#isUp === isUp) return
    this.#isUp = isUp
    this.#world.tell('bus', () => (isUp ? 'is back' : 'is away'))
    for (const end of [0, 1] as const) this.#tellOutside(end, NOTICE_NS)
    if (!isUp) return
    for (const client of this.#clients.values()) {
      this.#world.schedule.after(NOTICE_NS * this.#world.random.nextFloat(), () => client.onReconnected())
    }
  }

  /** One engine and the bus no longer reach each other, or do again. */
  setCut(end: 0 | 1, isCut: boolean): void {
    if (this.#isCut[end] === isCut) return
    this.#isCut[end] = isCut
    this.#world.tell('bus', () => `is ${isCut ? 'cut off from' : 'joined again with'} engine ${'AB'[end]}`)
    this.#tellOutside(end, isCut ? CUT_NOTICE_NS : NOTICE_NS)
  }

  /** Commands reach every engine: whoever leads takes them. */
  sendCommands(clientId: number, message: Uint8Array): void {
    const bytes = message.slice()
    for (const end of [0, 1] as const) {
      this.#pass(end, `${clientId}>${end}`, () => this.#engines[end]?.onCommands(clientId, bytes))
    }
  }

  /** Asks whoever leads; there may be no answer. */
  ask<Answer>(clientId: number, take: (engine: Engine) => Answer, onAnswer: (answer: Answer) => void): void {
    for (const end of [0, 1] as const) {
      const answer = (content: Answer) => this.#pass(end, `${end}>${clientId}`, () => onAnswer(content))
      this.#pass(end, `${clientId}>${end}`, () => this.#engines[end]?.onQuestion(take, answer))
    }
  }

  requestResend(clientId: number, fromSeq: number, onAnswer: (firstSeq: number) => void): void {
    const take = (engine: Engine) => {
      const { sessions, executions } = engine.core
      const slot = sessions.slotOf(clientId)
      if (slot < 0) return null
      return engine.resend(clientId, fromSeq) ? fromSeq : executions.firstSeq(slot)
    }
    this.ask(clientId, take, (firstSeq) => {
      if (firstSeq !== null) onAnswer(firstSeq)
    })
  }

  /** A frame of market data or of positions, for all who listen. */
  publishMarket(end: 0 | 1, kind: OutputKind, symbolId: number, frame: Uint8Array): void {
    const bytes = frame.slice()
    for (const [clientId, client] of this.#clients) {
      if (client.onMarket === undefined) continue
      this.#pass(end, `${end}>${clientId} market`, () => client.onMarket?.(kind, symbolId, bytes))
    }
  }

  /** A frame of execution reports for one client. */
  publish(end: 0 | 1, clientId: number, frame: Uint8Array): void {
    const client = this.#clients.get(clientId)
    if (client === undefined) return
    const bytes = frame.slice()
    this.#pass(end, `${end}>${clientId}`, () => client.onFrame(bytes))
  }

  #tellOutside(end: 0 | 1, noticeNs: number): void {
    const { schedule, random } = this.#world
    schedule.after(noticeNs * random.nextFloat(), () => this.#engines[end]?.onOutside(this.isReachable(end)))
  }

  #pass(end: 0 | 1, way: string, arrive: () => void): void {
    if (!this.isReachable(end)) return
    const { schedule, random } = this.#world
    if (this.isFaulty && this.#plan.busLossShare > 0 && random.nextChance(this.#plan.busLossShare)) return
    const atNs = Math.max(schedule.nowNs + DELAY_NS * (0.5 + random.nextFloat()), this.#lastNs.get(way) ?? 0)
    this.#lastNs.set(way, atNs)
    schedule.after(atNs - schedule.nowNs, () => {
      if (this.isReachable(end)) arrive()
    })
  }
}
