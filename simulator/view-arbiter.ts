// The view store in memory: the twin of engine/io/nats-view-store.ts, with the faults that a store may have. It answers
// late or never, tells of the past, is away for a while, and may lose the record as a whole. It never takes back a change
// that it acknowledged.

import { NS_PER_MS } from '../base/clock.ts'
import {
  type StoredView,
  type View,
  type ViewAnswer,
  type ViewStore,
  WriteOutcome,
} from '../engine/replication/view.ts'
import type { FaultPlan } from './faults.ts'
import type { World } from './world.ts'

/** One engine's process, as the store sees it. */
export type ViewClient = {
  /** Can its requests and the answers pass? */
  isReachable(): boolean
  onRead(request: number, answer: ViewAnswer | null): void
  onWritten(request: number, outcome: WriteOutcome, written: StoredView | null): void
}

const DELAY_NS = 0.2 * NS_PER_MS
const TIMEOUT_NS = 400 * NS_PER_MS
/** A request may take effect this much after its sender has given up, or died. */
const LATE_NS = 3_000 * NS_PER_MS
/** Of requests to create a view, where the plan loses it. */
const CREATION_LATE_SHARE = 0.5

export class ViewArbiter {
  isUp = true
  /** Faults other than being away. */
  isFaulty = true
  record: StoredView | null = null
  /** Changes that are on their way, by the engine that asked for them. */
  readonly pendingCount: [number, number] = [0, 0]
  readonly #world: World
  readonly #plan: FaultPlan
  #revision = 0
  #bucketCount = 0
  /** What it held, newest last. */
  #past: ViewAnswer[] = [{ epoch: 0, revision: 0 }]

  constructor(world: World, plan: FaultPlan) {
    this.#world = world
    this.#plan = plan
  }

  /** The record is gone, and all that the store knew of it. */
  lose(): void {
    this.record = null
    this.#revision = 0
    this.#past = [{ epoch: 0, revision: 0 }]
    this.#world.tell('store', () => 'has lost the view')
  }

  storeOf(client: ViewClient): ViewStore {
    const { schedule, random } = this.#world
    const answer = (send: () => void, onLost: () => void) => {
      const isLost = this.isFaulty && random.nextChance(this.#plan.storeAnswerLossShare)
      const delayNs = isLost || !client.isReachable() ? TIMEOUT_NS : DELAY_NS * (0.5 + random.nextFloat())
      schedule.after(delayNs, isLost || !client.isReachable() ? onLost : send)
    }
    const { storeLateShare, losesView } = this.#plan
    const arrive = (lateShare: number, act: () => void, onLost: () => void, onDrop: () => void = () => {}) => {
      if (!this.isUp || !client.isReachable()) {
        onDrop()
        schedule.after(TIMEOUT_NS, onLost)
        return
      }
      const isLate = this.isFaulty && random.nextChance(lateShare)
      schedule.after(isLate ? LATE_NS * random.nextFloat() : DELAY_NS * (0.5 + random.nextFloat()), () => {
        if (this.isUp) {
          act()
          return
        }
        onDrop()
        schedule.after(TIMEOUT_NS, onLost)
      })
    }
    return {
      read: (request) => {
        const onLost = () => client.onRead(request, null)
        arrive(
          storeLateShare,
          () => {
            const found = this.#read()
            answer(() => client.onRead(request, found), onLost)
          },
          onLost,
        )
      },
      compareAndSet: (request, expected, next) => {
        const onLost = () => client.onWritten(request, WriteOutcome.UNKNOWN, null)
        this.pendingCount[next.primary] += 1
        // One that was asked for while there was none may find that there is none again.
        const isCreation = expected.epoch === 0
        arrive(
          losesView && isCreation ? CREATION_LATE_SHARE : storeLateShare,
          () => {
            this.pendingCount[next.primary] -= 1
            const written = this.#write(expected, next)
            const outcome = written === null ? WriteOutcome.LOST : WriteOutcome.WRITTEN
            answer(() => client.onWritten(request, outcome, written), onLost)
          },
          onLost,
          () => {
            this.pendingCount[next.primary] -= 1
          },
        )
      },
    }
  }

  #read(): ViewAnswer {
    const { random } = this.#world
    const isStale = this.isFaulty && random.nextChance(this.#plan.storeStaleShare)
    const index = isStale ? random.nextBelow(this.#past.length) : this.#past.length - 1
    return this.#past[index]!
  }

  /** null: the record is not the expected one. */
  #write(expected: ViewAnswer, next: View): StoredView | null {
    const { record } = this
    const isExpected = 'bucket' in expected ? record?.bucket === expected.bucket : record === null
    if (!isExpected || expected.revision !== this.#revision) return null
    if (record === null) this.#bucketCount += 1
    this.#revision += 1
    const written = { ...next, revision: this.#revision, bucket: record?.bucket ?? `bucket-${this.#bucketCount}` }
    this.record = written
    this.#past.push(written)
    const members = ['', 'A', 'B', 'A and B'][next.members]
    this.#world.tell('store', () => `epoch ${next.epoch}: members ${members}, primary ${'AB'[next.primary]}`)
    return written
  }
}
