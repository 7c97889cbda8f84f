// The processes under the market, and what happened to them, in sentences.

import { computed, signal } from '@preact/signals'
import type { EventView, ProcessView } from '../../gateway/dashboard-protocol.ts'
import { Authority } from './authority.tsx'
import { Choice } from './choice.tsx'
import { Engines } from './engines.tsx'
import { duration, megabytes, microseconds, time } from './format.ts'
import { Pace, usePaced } from './paced.ts'
import { Empty, Panel } from './panel.tsx'
import { stateTone } from './state-tone.ts'
import { events, link, nowMs, processes } from './store.ts'
import { Timeline } from './timeline.tsx'

const EVENT_ROWS = 60

const VIEWS = ['Processes', 'Engines', 'Authority', 'Timeline'] as const
const view = signal<(typeof VIEWS)[number]>('Processes')

const wellText = computed(() => {
  const states = processes.value.map(({ state }) => state)
  const well = states.filter((state) => stateTone(state) === 'good').length
  return states.length === 0 ? '' : `${well} of ${states.length} well`
})

export function Cluster() {
  const note = (
    <>
      {wellText.value !== '' && <span>{wellText}</span>}
      <Choice
        name="What is shown of the cluster"
        options={VIEWS}
        chosen={view.value}
        label={(one) => one}
        onChoose={(chosen) => {
          view.value = chosen
        }}
      />
    </>
  )
  return (
    <Panel id="cluster" title="Cluster" note={note}>
      {view.value === 'Processes' && <Processes />}
      {view.value === 'Engines' && <Engines />}
      {view.value === 'Authority' && <Authority />}
      {view.value === 'Timeline' && <Timeline />}
    </Panel>
  )
}

function Processes() {
  const { rows, now } = usePaced(Pace.SLOW_MS, () => ({ rows: processes.value, now: nowMs.value }))
  if (rows.length === 0) return <Empty>No process has said anything yet</Empty>
  return (
    <table class="grid">
      <thead>
        <tr>
          <th scope="col">Process</th>
          <th scope="col">State</th>
          <th scope="col" class="number">
            Pid
          </th>
          <th scope="col" class="number">
            Up
          </th>
          <th scope="col" class="number wide">
            Memory
          </th>
          <th scope="col" class="number wide" title="How late its event loop was, 99th percentile">
            Loop p99
          </th>
          <th scope="col">Figures</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <ProcessRow key={`${row.role} ${row.instance}`} process={row} now={now} />
        ))}
      </tbody>
    </table>
  )
}

function ProcessRow({ process, now }: { process: ProcessView; now: number }) {
  const silent = process.state === 'silent'
  return (
    <tr class={silent ? 'away' : ''} data-process={`${process.role} ${process.instance}`}>
      <th scope="row">{process.role === process.instance ? process.role : process.instance}</th>
      <td>
        <span class={`dot dot-${stateTone(process.state)}`} aria-hidden="true" />
        {silent ? `silent for ${duration(now - process.lastSeenMs)}` : process.state}
      </td>
      <td class="number muted" data-field="pid">
        {process.pid}
      </td>
      <td class="number muted">{silent ? '–' : duration(now - process.startedAtMs)}</td>
      <td class="number muted wide">{megabytes(process.rssBytes)}</td>
      <td class="number muted wide">{microseconds(process.eventLoopDelayP99Us)}</td>
      <td class="figures" title={process.details.map(([name, value]) => `${name} ${value}`).join(', ')}>
        {process.details.map(([name, value]) => (
          <span key={name} class="figure">
            <span class="faint">{name}</span> {value}
          </span>
        ))}
      </td>
    </tr>
  )
}

export function Events() {
  const rows = usePaced(Pace.SLOW_MS, toldUntilNow).slice(-EVENT_ROWS).sort(byTime).reverse()
  return (
    <Panel id="events" title="What happened">
      {rows.length === 0 ? (
        <Empty>Nothing to tell yet</Empty>
      ) : (
        <div role="log" aria-label="What happened, newest first">
          <ol class="events" reversed>
            {rows.map((event) => (
              <li key={`${event.timeMs} ${event.number} ${event.text}`} class={`event event-${event.level}`}>
                <time>{time(event.timeMs)}</time>
                <span>{event.text}</span>
              </li>
            ))}
          </ol>
        </div>
      )}
    </Panel>
  )
}

/** In a replay, nothing of what came after the record that is shown. */
function toldUntilNow(): readonly EventView[] {
  if (link.value.state !== 'replay') return events.value
  return events.value.filter(({ timeMs }) => timeMs <= nowMs.value)
}

function byTime(one: EventView, other: EventView): number {
  return one.timeMs - other.timeMs || one.number - other.number
}
