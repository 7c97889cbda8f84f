// The processes under the market, and what happened to them, in sentences.

import type { EventView, ProcessView } from '../../gateway/dashboard-protocol.ts'
import { duration, megabytes, microseconds, time } from './format.ts'
import { Empty, Panel } from './panel.tsx'
import { events, nowMs, processes } from './store.ts'

const EVENT_ROWS = 60

export function Cluster() {
  const rows = processes.value
  const well = rows.filter((row) => tone(row.state) === 'good').length
  return (
    <Panel id="cluster" title="Processes" note={rows.length > 0 ? `${well} of ${rows.length} well` : undefined}>
      {rows.length === 0 ? (
        <Empty>No process has said anything yet</Empty>
      ) : (
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
              <ProcessRow key={`${row.role} ${row.instance}`} process={row} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

function ProcessRow({ process }: { process: ProcessView }) {
  const silent = process.state === 'silent'
  return (
    <tr class={silent ? 'away' : ''} data-process={`${process.role} ${process.instance}`}>
      <th scope="row">{process.role === process.instance ? process.role : process.instance}</th>
      <td>
        <span class={`dot dot-${tone(process.state)}`} aria-hidden="true" />
        {silent ? `silent for ${duration(nowMs.value - process.lastSeenMs)}` : process.state}
      </td>
      <td class="number muted" data-field="pid">
        {process.pid}
      </td>
      <td class="number muted">{silent ? '–' : duration(nowMs.value - process.startedAtMs)}</td>
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

function tone(state: string): 'good' | 'warning' | 'bad' {
  if (state === 'silent' || state === 'failed' || state === 'stopped') return 'bad'
  if (state === 'starting' || state === 'recovering' || state === 'stopping' || state === 'waiting') return 'warning'
  return 'good'
}

export function Events() {
  const rows = events.value.slice(-EVENT_ROWS).sort(byTime).reverse()
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

function byTime(one: EventView, other: EventView): number {
  return one.timeMs - other.timeMs || one.number - other.number
}
