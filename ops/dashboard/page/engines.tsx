// The engines in numbers, and how long things take: from a command to its answer, from a change of the market to a quote.

import type { ProcessView } from '../../gateway/dashboard-protocol.ts'
import { count, microseconds, NOTHING } from './format.ts'
import { Pace, usePaced } from './paced.ts'
import { Empty } from './panel.tsx'
import { processes } from './store.ts'

export function Engines() {
  const shown = usePaced(Pace.SLOW_MS, () => processes.value)
  const rows = shown.filter(({ role }) => role === 'engine')
  if (rows.length === 0) return <Empty>No engine has said anything yet</Empty>
  return (
    <>
      <table class="grid">
        <thead>
          <tr>
            <th scope="col">Engine</th>
            <th scope="col">Role</th>
            <Heads
              names={['Epoch', 'Appended', 'Committed', 'Applied', 'Peer behind', 'Commit p50', 'Commit p99', 'Cuts']}
            />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <EngineRow key={row.instance} engine={row} />
          ))}
        </tbody>
      </table>
      <Latencies processes={shown} />
    </>
  )
}

function Heads({ names }: { names: readonly string[] }) {
  return (
    <>
      {names.map((name) => (
        <th key={name} scope="col" class="number">
          {name}
        </th>
      ))}
    </>
  )
}

function EngineRow({ engine: { instance, state, figures } }: { engine: ProcessView }) {
  const whole = (name: string) => (figures[name] === undefined ? NOTHING : count(figures[name]))
  const behind =
    figures['peerSeq'] === undefined || state !== 'pair'
      ? NOTHING
      : `${count(Math.max(0, (figures['appendedSeq'] ?? 0) - figures['peerSeq']))} records`
  return (
    <tr data-engine={instance}>
      <th scope="row">{instance}</th>
      <td>{state}</td>
      <td class="number">{whole('epoch')}</td>
      <td class="number" data-field="appended">
        {whole('appendedSeq')}
      </td>
      <td class="number">{whole('committedSeq')}</td>
      <td class="number">{whole('appliedSeq')}</td>
      <td class="number">{behind}</td>
      <td class="number">{microseconds(figures['commitP50Us'] ?? 0)}</td>
      <td class="number">{microseconds(figures['commitP99Us'] ?? 0)}</td>
      <td class="number">{whole('cutCount')}</td>
    </tr>
  )
}

const LATENCIES = [
  ['Command to answer', 'ackP50Us', 'ackP99Us'],
  ['Tick to quote', 'tickToQuoteP50Us', 'tickToQuoteP99Us'],
] as const
/** The scale's right end is this many powers of ten above its left end, a microsecond. */
const DECADES = 6

/** From the median to the 99th percentile, on a scale of powers of ten. */
function Latencies({ processes: shown }: { processes: readonly ProcessView[] }) {
  const rows = shown.flatMap(({ instance, figures }) =>
    LATENCIES.filter(([, p50]) => (figures[p50] ?? 0) > 0).map(([name, p50, p99]) => ({
      ...{ instance, name },
      ...{ p50: figures[p50]!, p99: figures[p99] ?? figures[p50]! },
    })),
  )
  if (rows.length === 0) return null
  return (
    <table class="grid latencies">
      <thead>
        <tr>
          <th scope="col">Process</th>
          <th scope="col">What</th>
          <Heads names={['p50', 'p99']} />
          <th scope="col">1 µs to 1 s, p50 to p99</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ instance, name, p50, p99 }) => (
          <tr key={`${instance} ${name}`}>
            <th scope="row">{instance}</th>
            <td class="muted">{name}</td>
            <td class="number">{microseconds(p50)}</td>
            <td class="number">{microseconds(p99)}</td>
            <td class="latency-cell">
              <svg viewBox="0 0 600 8" preserveAspectRatio="none" aria-hidden="true">
                <rect class="gauge-rail" x="0" y="3" width="600" height="2" />
                <rect
                  class="latency-span"
                  x={place(p50)}
                  y="1"
                  width={Math.max(3, place(p99) - place(p50))}
                  height="6"
                />
              </svg>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function place(us: number): number {
  return Math.min(600, (Math.log10(Math.max(1, us)) / DECADES) * 600)
}
