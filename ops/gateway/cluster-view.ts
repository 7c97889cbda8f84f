// The processes of the cluster as they say they are, and the sentences that explain what happened to them.
//
// Each process says its status once a second. One that says nothing for SILENCE_MS is shown as silent; what that means
// for the market is said in the event, by role.

import { z } from 'zod'
import type { EventView, ProcessView } from './dashboard-protocol.ts'
import { figureOf } from './figures.ts'
import { Ring } from './ring.ts'
import { Slice } from './slice.ts'

/** Silence after which a process counts as silent: three statuses missed. */
const SILENCE_MS = 3_500
/** A process that has been silent this long is no longer listed. */
const FORGET_MS = 600_000
const PROCESS_COUNT_MAX = 256
const EVENT_COUNT_MAX = 500
const DETAIL_COUNT_MAX = 8

const Status = z.object({
  role: z.string().min(1).max(40),
  instance: z.string().min(1).max(60),
  pid: z.int().nonnegative(),
  state: z.string().min(1).max(40),
  startedAt: z.union([z.number(), z.string()]).optional(),
  uptimeS: z.number().nonnegative().optional(),
  rssBytes: z.number().nonnegative().optional(),
  eventLoopDelayP99Us: z.number().nonnegative().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
})

const Transitions = z.array(
  z.object({ from: z.string(), to: z.string(), cause: z.string(), epoch: z.number(), at: z.string() }),
)
/** Clocks of processes differ, and a status is on its way for a while. */
const TRANSITION_SLACK_MS = 2_000

const SILENCE_MEANS: Readonly<Record<string, string>> = {
  engine: 'Until an engine is back nothing trades; clients keep their commands and send them again.',
  strategy: 'Its quotes stand until they end at their expiry.',
  flow: 'No outside orders come in until it is back.',
  supervisor: 'Nobody restarts what dies until it is back.',
}

export class ClusterView {
  readonly events = new Ring<EventView>(EVENT_COUNT_MAX)
  readonly slice = new Slice(() => this.processes())
  readonly #processes = new Map<string, ProcessView>()
  /** The newest change of role told, by engine. */
  readonly #toldTransitionMs = new Map<string, number>()

  /** Sorted by role, then instance. */
  processes(): ProcessView[] {
    return [...this.#processes.values()].sort(
      (one, other) =>
        roleRank(one.role) - roleRank(other.role) ||
        one.instance.localeCompare(other.instance, 'en', { numeric: true }),
    )
  }

  /** `state`: of the process that it is about, from now on. */
  tell(nowMs: number, topic: string, level: EventView['level'], text: string, state?: string): void {
    const number = this.events.lastNumber + 1
    this.events.push({ number, timeMs: nowMs, topic, level, text, ...(state === undefined ? {} : { state }) })
  }

  /** A status message, as received. One that is not understood changes nothing. */
  onStatus(data: Uint8Array, nowMs: number): void {
    const status = parseStatus(data)
    if (status === undefined) return
    const key = `${status.role} ${status.instance}`
    const before = this.#processes.get(key)
    if (before === undefined && this.#processes.size >= PROCESS_COUNT_MAX) return
    const after = viewOf(status, nowMs)
    this.#processes.set(key, after)
    const told = before !== undefined && before.pid === after.pid ? this.#tellTransitions(before, status, nowMs) : 0
    if (told === 0 || after.state === 'failed' || after.state === 'stopped') this.#explain(before, after, nowMs)
    this.slice.touch()
  }

  /** Lets time pass: finds who has fallen silent. */
  poll(nowMs: number): void {
    for (const [key, process] of this.#processes) {
      const silentMs = nowMs - process.lastSeenMs
      if (silentMs > FORGET_MS) {
        this.#processes.delete(key)
        this.slice.touch()
      } else if (silentMs > SILENCE_MS && process.state !== 'silent' && process.state !== 'stopped') {
        this.#processes.set(key, { ...process, state: 'silent', details: [] })
        const means = SILENCE_MEANS[process.role] ?? ''
        this.tell(
          nowMs,
          process.instance,
          'bad',
          `${nameOf(process)} (pid ${process.pid}) has fallen silent. ${means}`.trim(),
          'silent',
        )
        this.slice.touch()
      }
    }
  }

  /** How many processes of the role speak and are not stopping. */
  countOf(role: string): number {
    let count = 0
    for (const process of this.#processes.values()) {
      if (process.role === role && process.state !== 'silent' && process.state !== 'stopped') count++
    }
    return count
  }

  /** An engine says itself why its role changed. Returns how many changes were new. */
  #tellTransitions(before: ProcessView, { details, instance }: z.infer<typeof Status>, nowMs: number): number {
    const parsed = Transitions.safeParse(details?.['transitions'])
    if (!parsed.success) return 0
    const isNew = parsed.data.filter(({ at }) => Date.parse(at) > (this.#toldTransitionMs.get(instance) ?? 0))
    if (isNew.length > 0) this.#toldTransitionMs.set(instance, Date.parse(isNew.at(-1)!.at))
    // What happened before the last status was told by the process before us, or is no news.
    const since = isNew.filter(({ at }) => Date.parse(at) > before.lastSeenMs - TRANSITION_SLACK_MS)
    for (const { from, to, cause, epoch } of since) {
      const text = `${instance} went from ${from.toLowerCase()} to ${to.toLowerCase()} in epoch ${epoch}: ${cause}.`
      const leads = to === 'PAIR' || to === 'SOLO'
      this.tell(nowMs, instance, leads ? 'good' : to === 'BACKUP' ? 'info' : 'warning', text, to.toLowerCase())
    }
    return since.length
  }

  #explain(before: ProcessView | undefined, after: ProcessView, nowMs: number): void {
    const name = nameOf(after)
    if (before === undefined) {
      this.tell(nowMs, after.instance, 'info', `${name} is here: pid ${after.pid}, ${after.state}.`, after.state)
    } else if (before.pid !== after.pid) {
      this.tell(
        nowMs,
        after.instance,
        'good',
        `${name} was started again: pid ${before.pid} became ${after.pid}, now ${after.state}.`,
        after.state,
      )
    } else if (before.state === 'silent') {
      this.tell(
        nowMs,
        after.instance,
        'good',
        `${name} speaks again and is ${after.state}: it was stopped or cut off, not dead.`,
        after.state,
      )
    } else if (before.state !== after.state) {
      const level = after.state === 'failed' || after.state === 'stopped' ? 'warning' : 'info'
      this.tell(nowMs, after.instance, level, `${name} went from ${before.state} to ${after.state}.`, after.state)
    }
  }
}

function parseStatus(data: Uint8Array): z.infer<typeof Status> | undefined {
  try {
    return Status.safeParse(JSON.parse(new TextDecoder().decode(data))).data
  } catch {
    return undefined
  }
}

function viewOf(status: z.infer<typeof Status>, nowMs: number): ProcessView {
  const details: [string, string][] = []
  const figures: Record<string, number> = {}
  for (const [name, value] of Object.entries(status.details ?? {})) {
    if (typeof value === 'number' && Number.isFinite(value) && name.length <= 40) figures[name] = value
    const figure = figureOf(name, value)
    if (figure !== undefined && details.length < DETAIL_COUNT_MAX) details.push(figure)
  }
  return {
    role: status.role,
    instance: status.instance,
    pid: status.pid,
    state: status.state,
    startedAtMs: startedAtMs(status, nowMs),
    lastSeenMs: nowMs,
    rssBytes: status.rssBytes ?? 0,
    eventLoopDelayP99Us: status.eventLoopDelayP99Us ?? 0,
    details,
    figures,
  }
}

function startedAtMs(status: z.infer<typeof Status>, nowMs: number): number {
  const stated = typeof status.startedAt === 'string' ? Date.parse(status.startedAt) : status.startedAt
  if (stated !== undefined && Number.isFinite(stated)) return stated
  return nowMs - (status.uptimeS ?? 0) * 1_000
}

const ROLE_ORDER = ['supervisor', 'nats', 'engine', 'strategy', 'flow', 'gateway']

function roleRank(role: string): number {
  const at = ROLE_ORDER.indexOf(role)
  return at < 0 ? ROLE_ORDER.length : at
}

function nameOf(process: ProcessView): string {
  if (process.instance.startsWith(process.role)) return process.instance
  return `${process.role} ${process.instance}`
}
