// The controls of the replay: where in the journal one is, and the ways to go elsewhere. They change what is shown, and
// nothing else.

import { signal } from '@preact/signals'
import { Choice } from './choice.tsx'
import { count, timeExact } from './format.ts'
import {
  endReplay,
  goTo,
  journals,
  loaded,
  openFiles,
  openJournal,
  play,
  playSpeed,
  replayStatus,
  shown,
} from './replay-store.ts'
import { link, place } from './store.ts'

const SPEEDS = [1, 10, 60] as const

export function ReplayBar() {
  if (link.value.state !== 'replay') return null
  const status = replayStatus.value
  return (
    <section class="replay" aria-label="Replay">
      {status !== null && (
        <p class={status.isFailure ? 'loss' : 'muted'} role={status.isFailure ? 'alert' : 'status'}>
          {status.isFailure ? `The journal cannot be shown: ${status.text}` : `${status.text} …`}
        </p>
      )}
      {loaded.value !== null && <Position />}
      <Sources />
      <button type="button" class="button strong" onClick={endReplay}>
        Back to live
      </button>
    </section>
  )
}

function Position() {
  const { firstSeq, lastSeq, epochs } = loaded.value!
  const seq = shown.value?.seq ?? firstSeq
  const span = Math.max(1, lastSeq - firstSeq)
  return (
    <>
      <Steps seq={seq} firstSeq={firstSeq} lastSeq={lastSeq} />
      <div class="replay-track">
        <input
          type="range"
          aria-label="Record shown"
          aria-valuetext={`record ${seq} of ${lastSeq}`}
          min={firstSeq}
          max={lastSeq}
          value={seq}
          onInput={(event) => goTo(Number(event.currentTarget.value))}
        />
        <svg viewBox="0 0 1000 4" preserveAspectRatio="none" aria-hidden="true">
          {epochs
            .filter((epoch) => epoch.firstSeq > firstSeq)
            .map((epoch) => (
              <rect key={epoch.epoch} x={((epoch.firstSeq - firstSeq) / span) * 1000} width="2" height="4" />
            ))}
        </svg>
      </div>
      <label class="replay-number">
        <span class="muted">record</span>
        <input
          type="number"
          aria-label="Record number"
          min={firstSeq}
          max={lastSeq}
          value={seq}
          onChange={(event) => goTo(Number(event.currentTarget.value))}
        />
        <span class="muted">of {count(lastSeq)}</span>
      </label>
      <span class="replay-facts">
        {timeExact(shown.value?.timeMs ?? 0)}
        <span class="muted"> state </span>
        <code data-field="state-hash">{shown.value?.stateHash ?? ''}</code>
      </span>
    </>
  )
}

function Steps({ seq, firstSeq, lastSeq }: { seq: number; firstSeq: number; lastSeq: number }) {
  const step = (name: string, sign: string, to: number) => (
    <button
      type="button"
      class="button"
      aria-label={name}
      title={name}
      disabled={to < firstSeq || to > lastSeq}
      onClick={() => goTo(to)}
    >
      {sign}
    </button>
  )
  return (
    <div class="replay-steps" role="group" aria-label="Steps">
      {step('First record', '«', firstSeq)}
      {step('One record back', '‹', seq - 1)}
      {step('One record on', '›', seq + 1)}
      {step('Last record', '»', lastSeq)}
      {SPEEDS.map((speed) => (
        <button
          key={speed}
          type="button"
          class="button"
          aria-pressed={playSpeed.value === speed}
          aria-label={`Play ${speed} times as fast`}
          onClick={() => play(playSpeed.value === speed ? 0 : speed)}
        >
          {playSpeed.value === speed ? 'Stop' : `Play ${speed}×`}
        </button>
      ))}
    </div>
  )
}

function Sources() {
  return (
    <span class="replay-sources">
      {journals.value.length > 0 && (
        <select
          aria-label="Journal"
          value={place.value?.journal}
          onChange={(event) => void openJournal(event.currentTarget.value, shown.peek()?.seq ?? Infinity)}
        >
          {journals.value.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )}
      <label class="button">
        Open files
        <input
          type="file"
          class="spoken"
          aria-label="Open files of a journal"
          multiple
          accept=".journal,.state"
          onChange={(event) => void openFiles(event.currentTarget.files ?? [])}
        />
      </label>
    </span>
  )
}

const RECORD_VIEWS = ['Records', 'Authority'] as const
export const recordsView = signal<(typeof RECORD_VIEWS)[number]>('Records')

export function RecordsChoice() {
  return (
    <Choice
      name="What is shown of the record"
      options={RECORD_VIEWS}
      chosen={recordsView.value}
      label={(one) => one}
      onChoose={(chosen) => {
        recordsView.value = chosen
      }}
    />
  )
}

/** The record that is shown, and those before it. */
export function Records() {
  const at = shown.value
  if (at === null) return null
  const names = loaded.value?.hello.instruments ?? []
  return (
    <table class="grid">
      <thead>
        <tr>
          <th scope="col" class="number">
            Record
          </th>
          <th scope="col">Time</th>
          <th scope="col">Kind</th>
          <th scope="col">From</th>
          <th scope="col">Symbol</th>
          <th scope="col">Says</th>
        </tr>
      </thead>
      <tbody>
        {at.records.map((record) => (
          <tr key={record.seq} class={record.seq === at.seq ? 'chosen' : ''} data-record={record.seq}>
            <td class="number">{count(record.seq)}</td>
            <td class="muted">{timeExact(at.timeMs + (record.timeNs - at.records[0]!.timeNs) / 1e6)}</td>
            <td>{record.kind.toLowerCase().replaceAll('_', ' ')}</td>
            <td class="muted">{record.clientId === 0 ? 'engine' : `client ${record.clientId}`}</td>
            <td>{names[record.symbolId]?.symbol ?? ''}</td>
            <td class="figures">
              {Object.entries(record.fields).map(([name, value]) => (
                <span key={name} class="figure">
                  <span class="faint">{name}</span> {value}
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
