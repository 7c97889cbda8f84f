// A client's commands as a hop: an order that rests behind the market, then its cancel, and so on; back when answered.

import { assert } from '../base/assert.ts'
import { SessionState } from '../protocol/client-session.ts'
import { writeCancelOrder, writeNewOrder } from '../protocol/command-writer.ts'
import { ExecutionField } from '../protocol/frame.ts'
import { ClientConnection, monotonicNs } from '../protocol/io/client-connection.ts'
import type { Transport } from '../protocol/io/transport.ts'
import { EventFlag, OrderType, Side, TimeInForce } from '../protocol/kinds.ts'
import type { Subjects } from '../protocol/subjects.ts'
import type { Hop } from './open-loop.ts'

export type MarketPlace = { readonly symbolId: number; readonly priceTicks: number }

/** One session of one client. */
export class SessionHop implements Hop {
  readonly name: string
  readonly connection: ClientConnection
  readonly #waiting: (() => void)[] = []
  /** Due, and the session is full of what is not answered: they leave as soon as there is room. */
  readonly #backlog: (() => void)[] = []
  readonly #place: MarketPlace
  readonly #onStop: () => Promise<void>
  #orderCount = 0
  #isResting = false

  private constructor(
    name: string,
    transport: Transport,
    subjects: Subjects,
    clientId: number,
    place: MarketPlace,
    onStop: () => Promise<void>,
  ) {
    this.name = name
    this.#place = place
    this.#onStop = onStop
    this.connection = new ClientConnection(
      transport,
      subjects,
      { clientId },
      {
        onReport: (reader, index) => {
          if ((reader.uint8(index, ExecutionField.FLAGS) & EventFlag.REPLY) !== 0) this.#onReply()
        },
        onState: (state) => assert(state !== SessionState.ENDED, 'nobody else has this client id'),
      },
    )
  }

  static async open(
    name: string,
    transport: Transport,
    subjects: Subjects,
    clientId: number,
    place: MarketPlace,
    onStop: () => Promise<void> = () => Promise.resolve(),
  ): Promise<SessionHop> {
    const hop = new SessionHop(name, transport, subjects, clientId, place, onStop)
    await hop.connection.open()
    return hop
  }

  /** Commands that may be written before one of them is answered. */
  get room(): number {
    return this.connection.session.room
  }

  send(done: () => void): void {
    if (this.room === 0) {
      this.#backlog.push(done)
      return
    }
    this.write(done)
    this.flush()
  }

  /** Leaves with the next `flush`. */
  write(done: () => void): void {
    const { session } = this.connection
    const offset = session.begin()
    assert(offset >= 0, 'fewer commands are in flight than a session may have')
    const { symbolId, priceTicks } = this.#place
    if (this.#isResting) {
      writeCancelOrder(session.outbox, offset, symbolId, 0, this.#orderCount)
    } else {
      this.#orderCount += 1
      writeNewOrder(session.outbox, offset, {
        ...{ symbolId, side: Side.BUY, orderType: OrderType.LIMIT, timeInForce: TimeInForce.GTC },
        ...{ quantityLots: 1, priceTicks, clientOrderId: this.#orderCount },
      })
    }
    this.#isResting = !this.#isResting
    session.finish()
    this.#waiting.push(done)
  }

  /** What was written leaves now; timers look after what is lost. */
  flush(): void {
    this.connection.session.flush(monotonicNs())
  }

  #onReply(): void {
    this.#waiting.shift()?.()
    const due = this.#backlog.shift()
    if (due !== undefined) this.send(due)
  }

  async stop(): Promise<void> {
    this.connection.close()
    await this.#onStop()
  }
}
