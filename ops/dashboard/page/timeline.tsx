// The last minutes of each process: its state as a band, what happened to it as marks with their sentences.

import type { EventView } from '../../gateway/dashboard-protocol.ts'
import { time } from './format.ts'
import { Pace, usePaced } from './paced.ts'
import { Empty } from './panel.tsx'
import { stateTone } from './state-tone.ts'
import { events, nowMs, processes } from './store.ts'

const SPAN_MS = 600_000
const SPAN_MS_MIN = 60_000
const WIDTH = 1_000
const LANE = 12

type Band = { readonly fromMs: number; readonly toMs: number; readonly state: string }

export function Timeline() {
  const shown = usePaced(Pace.SLOW_MS, () => ({ processes: processes.value, events: events.value, now: nowMs.value }))
  const { now } = shown
  const first = Math.min(now, ...shown.events.map(({ timeMs }) => timeMs))
  const span = Math.min(SPAN_MS, Math.max(SPAN_MS_MIN, now - first))
  const from = now - span
  const x = (timeMs: number) => Math.max(0, ((timeMs - from) / span) * WIDTH)
  if (shown.processes.length === 0) return <Empty>No process has said anything yet</Empty>
  return (
    <table class="timeline">
      <tbody>
        {shown.processes.map(({ role, instance, state, startedAtMs }) => {
          const own = shown.events.filter(({ topic }) => topic === instance)
          return (
            <tr key={`${role} ${instance}`}>
              <th scope="row">{instance}</th>
              <td>
                <svg
                  viewBox={`0 0 ${WIDTH} ${LANE}`}
                  preserveAspectRatio="none"
                  role="img"
                  aria-label={spoken(own, state)}
                >
                  {bandsOf(own, state, Math.max(startedAtMs, from), now).map((band) => (
                    <rect
                      key={band.fromMs}
                      class={`band band-${stateTone(band.state)}`}
                      x={x(band.fromMs)}
                      y="3"
                      width={Math.max(1, x(band.toMs) - x(band.fromMs))}
                      height={LANE - 6}
                    >
                      <title>{`${instance}: ${band.state} since ${time(band.fromMs)}`}</title>
                    </rect>
                  ))}
                  {own
                    .filter(({ timeMs }) => timeMs >= from)
                    .map((event) => (
                      <rect
                        key={event.number}
                        class={`mark mark-${event.level}`}
                        x={x(event.timeMs)}
                        width="3"
                        height={LANE}
                      >
                        <title>{`${time(event.timeMs)}  ${event.text}`}</title>
                      </rect>
                    ))}
                </svg>
              </td>
            </tr>
          )
        })}
      </tbody>
      <tfoot>
        <tr>
          <th />
          <td class="timeline-axis">
            <span>{time(from)}</span>
            <span>{time(from + span / 2)}</span>
            <span>{time(now)}</span>
          </td>
        </tr>
      </tfoot>
    </table>
  )
}

/** The states that the events tell of, one after the other; before the first, nothing is known. */
function bandsOf(own: readonly EventView[], state: string, from: number, now: number): Band[] {
  const changes = own.filter((event) => event.state !== undefined)
  if (changes.length === 0) return [{ fromMs: from, toMs: now, state }]
  return changes.map((event, at) => ({
    fromMs: event.timeMs,
    toMs: changes[at + 1]?.timeMs ?? now,
    state: event.state!,
  }))
}

function spoken(own: readonly EventView[], state: string): string {
  const last = own.at(-1)
  return last === undefined ? `${state}` : `${state}. ${time(last.timeMs)}: ${last.text}`
}
