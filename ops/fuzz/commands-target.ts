// Hostile commands: a message that is refused changes nothing, an order that is rejected leaves the market as it was, and the
// journal of it all replays to the same state.

import type { Prng } from '../../base/prng.ts'
import { Core } from '../../engine/core/core.ts'
import { ClientId } from '../../protocol/clients.ts'
import { CommandHeader } from '../../protocol/command.ts'
import { randomCommand, stamped } from './command-inputs.ts'
import { FuzzEngine, openMessage, type Reply } from './fuzz-engine.ts'
import { type FuzzSubject, type FuzzTarget, Outcomes } from './fuzz-target.ts'
import { joined, mutate, pick, randomBytes } from './mutate.ts'

/** Inputs before a new engine takes over. */
const EPISODE_COUNT = 4_000
const CLIENTS = [ClientId.FLOW, ClientId.OPERATOR, 10, ClientId.STRATEGY_BASE + 1]
const REFUSED = /REJECTED|REFUSED/

type Session = { incarnation: number; nextSeq: number }

export const commandsTarget: FuzzTarget = {
  name: 'commands',
  summary: 'commands to the engine: refused means unchanged, and the journal replays to the same state',
  covers: [
    'protocol/command-check.ts',
    'engine/core/core.ts',
    'engine/core/sessions.ts',
    'exchange-sim/new-order-check.ts',
    'exchange-sim/replace-order.ts',
  ],
  open: () => new CommandsSubject(),
}

class CommandsSubject implements FuzzSubject {
  readonly outcomes = new Outcomes()
  readonly #sessions = new Map<number, Session>()
  #fuzzed = new FuzzEngine()
  #count = 0

  execute(random: Prng): string | undefined {
    if (this.#count % EPISODE_COUNT === 0) {
      const wrong = this.#count === 0 ? undefined : this.#replayed()
      if (wrong !== undefined) return wrong
      this.#begin()
    }
    this.#count += 1
    const clientId = pick(random, CLIENTS)
    if (!this.#sessions.has(clientId)) this.#open(random, clientId)
    if (random.nextChance(0.05)) this.#fuzzed.pass(random.nextBelow(2_000_000_000))
    const message = this.#message(random, clientId)
    const { core, journal } = this.#fuzzed
    this.#fuzzed.pass(0)
    const [hash, market, position] = [core.hash(), core.exchange.hash(), journal.appendPosition]
    const replies = this.#fuzzed.send(clientId, message)
    this.#follow(clientId, replies)
    if (journal.appendPosition === position && core.hash() !== hash) return 'what was refused changed the state'
    if (replies.length === 0) return 'a message was not answered'
    const isRefused = replies.every(({ kind }) => REFUSED.test(kind))
    if (isRefused && core.exchange.hash() !== market) {
      return `what was refused changed the market: ${replies.map(({ kind, reason }) => `${kind} ${reason}`).join(', ')}`
    }
    return undefined
  }

  close(): void {}

  #begin(): void {
    this.#fuzzed = new FuzzEngine()
    this.#sessions.clear()
  }

  #open(random: Prng, clientId: number): void {
    const message = openMessage(clientId, random.nextBetween(1, 1_000_000))
    this.#follow(clientId, this.#fuzzed.send(clientId, message))
  }

  #message(random: Prng, clientId: number): Uint8Array {
    const { incarnation, nextSeq } = this.#sessions.get(clientId) ?? { incarnation: 0, nextSeq: 0 }
    const commandCount = random.nextChance(0.9) ? 1 : random.nextBetween(2, 5)
    const commands = Array.from({ length: commandCount }, (_, index) =>
      stamped(randomCommand(random), clientId, incarnation, nextSeq + index),
    )
    const message = joined(...commands)
    const kind = random.nextBelow(20)
    if (kind === 0) return randomBytes(random, 400)
    if (kind < 6) return mutate(random, message)
    // Damage to what the fields say alone, so that it gets past the checks of the shape.
    if (kind < 12 && message.length > CommandHeader.LENGTH) {
      const body = mutate(random, message.subarray(CommandHeader.LENGTH)).subarray(
        0,
        message.length - CommandHeader.LENGTH,
      )
      message.set(body, CommandHeader.LENGTH)
    }
    return message
  }

  /** A session goes on from what was answered, as an honest client's would. */
  #follow(clientId: number, replies: readonly Reply[]): void {
    for (const { kind, reason, clientSeq, value } of replies) {
      this.outcomes.add(reason === '0' ? kind : `${kind} ${reason}`)
      if (kind === 'SESSION_OPENED') this.#sessions.set(clientId, { incarnation: value, nextSeq: 1 })
      else if (kind === 'SESSION_CLOSED' || reason === 'STALE_SESSION') this.#sessions.delete(clientId)
      else {
        const session = this.#sessions.get(clientId)
        if (session !== undefined && clientSeq === session.nextSeq) session.nextSeq += 1
        if (session !== undefined && reason === 'SEQUENCE_GAP') session.nextSeq = value
      }
    }
  }

  /** Does the journal of this episode give the state that the engine has? */
  #replayed(): string | undefined {
    const { journal, core } = this.#fuzzed
    let copy: Core | null = null
    journal.replay(1, (records, offset) => {
      if (copy === null) copy = Core.fromGenesis(records, offset)
      else copy.apply(records, offset)
      copy.discard()
      return true
    })
    const replayed: Core | null = copy
    return (replayed as Core | null)?.hash() === core.hash() ? undefined : 'the journal replays to another state'
  }
}
