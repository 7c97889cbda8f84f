// Hostile commands: a message that is refused changes nothing, an order that is rejected leaves the market as it was, and the
// journal of it all replays to the same state.
//
// To hash the whole state around each input would cost more than the input. So a copy of the state applies what is journalled, and
// nothing else: every so many inputs the two states must have the same hash, or something changed that is on no record.
// Then the inputs are given again to a new engine, with a hash around each, to find which one it was. The market, which is
// small, is compared byte for byte around each input that was refused.

import { ByteWriter } from '../../base/byte-writer.ts'
import type { Prng } from '../../base/prng.ts'
import { Core } from '../../engine/core/core.ts'
import { ClientId } from '../../protocol/clients.ts'
import { CommandHeader } from '../../protocol/command.ts'
import { randomCommand, stamped } from './command-inputs.ts'
import { FuzzEngine, openMessage, type Reply } from './fuzz-engine.ts'
import { type FuzzSubject, type FuzzTarget, Outcomes } from './fuzz-target.ts'
import { joined, mutate, pick, randomBytes } from './mutate.ts'

/** Inputs before a new engine takes over. */
const EPISODE_COUNT = 4_096
/** Inputs between two comparisons of the whole state. Divides an episode. */
const COMPARE_COUNT = 256
const CLIENTS = [ClientId.FLOW, ClientId.OPERATOR, 10, ClientId.STRATEGY_BASE + 1]
const REFUSED = /REJECTED|REFUSED/

type Session = { incarnation: number; nextSeq: number }
/** What the engine was given: a message, after so much time. */
type Input = { readonly waitNs: number; readonly clientId: number; readonly message: Uint8Array }

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

/** Its random numbers are the only thing that a run depends on. */
export class CommandsSubject implements FuzzSubject {
  readonly outcomes = new Outcomes()
  readonly #open: () => FuzzEngine
  readonly #sessions = new Map<number, Session>()
  #fuzzed: FuzzEngine
  #copy: Core | null = null
  readonly #inputs: Input[] = []
  #count = 0
  /** The market as it was before the present input, and as it is after it. */
  #before = new ByteWriter()
  #after = new ByteWriter()
  /** Record that `#before` is true at; -1: none. */
  #beforeSeq = -1

  constructor(open = () => new FuzzEngine()) {
    this.#open = open
    this.#fuzzed = open()
  }

  execute(random: Prng): string | undefined {
    if (this.#count % EPISODE_COUNT === 0 && this.#count > 0) this.#begin()
    this.#count += 1
    const clientId = pick(random, CLIENTS)
    if (!this.#sessions.has(clientId)) {
      const opening = openMessage(clientId, random.nextBetween(1, 1_000_000), random.nextChance(0.5))
      this.#follow(clientId, this.#give({ waitNs: 0, clientId, message: opening }))
    }
    const waitNs = random.nextChance(0.05) ? random.nextBelow(2_000_000_000) : 0
    const input = { waitNs, clientId, message: this.#message(random, clientId) }
    this.#look()
    const replies = this.#give(input)
    this.#follow(clientId, replies)
    if (replies.length === 0) return 'a message was not answered'
    return this.#marketFault(replies) ?? (this.#count % COMPARE_COUNT === 0 ? this.#stateFault() : undefined)
  }

  close(): void {}

  #begin(): void {
    this.#fuzzed = this.#open()
    this.#copy = null
    this.#sessions.clear()
    this.#inputs.length = 0
    this.#beforeSeq = -1
  }

  #give(input: Input): readonly Reply[] {
    this.#inputs.push(input)
    if (input.waitNs > 0) {
      this.#fuzzed.pass(input.waitNs)
      this.#look()
    }
    return this.#fuzzed.send(input.clientId, input.message)
  }

  /** Keeps the market as it is now. */
  #look(): void {
    const { core } = this.#fuzzed
    if (core.seq === this.#beforeSeq) return
    this.#before.clear()
    core.exchange.snapshot(this.#before)
    this.#beforeSeq = core.seq
  }

  #marketFault(replies: readonly Reply[]): string | undefined {
    const { core } = this.#fuzzed
    if (core.seq === this.#beforeSeq || !replies.every(({ kind }) => REFUSED.test(kind))) return undefined
    const [before, after] = [this.#before, this.#after]
    after.clear()
    core.exchange.snapshot(after)
    this.#before = after
    this.#after = before
    this.#beforeSeq = core.seq
    if (Buffer.compare(before.written, after.written) === 0) return undefined
    return `what was refused changed the market: ${replies.map(({ kind, reason }) => `${kind} ${reason}`).join(', ')}`
  }

  #message(random: Prng, clientId: number): Uint8Array {
    const { incarnation, nextSeq } = this.#sessions.get(clientId) ?? { incarnation: 0, nextSeq: 0 }
    const commandCount = random.nextChance(0.9) ? 1 : random.nextBetween(2, 5)
    const commands = Array.from({ length: commandCount }, (_, index) =>
      stamped(randomCommand(random), clientId, incarnation, nextSeq + index),
    )
    const message = commandCount === 1 ? commands[0]! : joined(...commands)
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
      this.outcomes.add(`${kind} ${reason}`.trimEnd())
      if (kind === 'SESSION_OPENED') this.#sessions.set(clientId, { incarnation: value, nextSeq: 1 })
      else if (kind === 'SESSION_CLOSED' || reason === 'STALE_SESSION') this.#sessions.delete(clientId)
      else {
        const session = this.#sessions.get(clientId)
        if (session !== undefined && clientSeq === session.nextSeq) session.nextSeq += 1
        if (session !== undefined && reason === 'SEQUENCE_GAP') session.nextSeq = value
      }
    }
  }

  /** Does the journal give the state that the engine has? */
  #stateFault(): string | undefined {
    const { journal, core } = this.#fuzzed
    let copy = this.#copy
    journal.replay((copy?.seq ?? 0) + 1, (records, offset) => {
      if (copy === null) copy = Core.fromGenesis(records, offset)
      else copy.apply(records, offset)
      copy.discard()
      return true
    })
    this.#copy = copy
    if (copy?.hash() === core.hash()) return undefined
    const culprit = culpritOf(this.#inputs, this.#open())
    return culprit ?? 'the journal replays to another state, and no refused message alone changes it'
  }
}

/** Which of the inputs changed the state without a record? Undefined: none. */
function culpritOf(inputs: readonly Input[], fuzzed: FuzzEngine): string | undefined {
  for (const [index, { waitNs, clientId, message }] of inputs.entries()) {
    fuzzed.pass(waitNs)
    const { core, journal } = fuzzed
    const [hash, position] = [core.hash(), journal.appendPosition]
    fuzzed.send(clientId, message)
    if (journal.appendPosition !== position || core.hash() === hash) continue
    const bytes = Buffer.from(message).toString('hex')
    return `what was refused changed the state: message ${index + 1} of the episode, of client ${clientId}: ${bytes}`
  }
  return undefined
}
