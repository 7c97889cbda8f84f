// Who may quote what: each symbol's lease with its token and the time it has left, and the nodes that are present.

import type { LeaseView, NodeView } from '../../gateway/dashboard-protocol.ts'
import { count, NOTHING } from './format.ts'
import { Pace, usePaced } from './paced.ts'
import { Empty } from './panel.tsx'
import { authority, gatewayNowMs, nowMs } from './store.ts'

/** Longest lease that the bar shows; leases last a second unless configured otherwise. */
const LEASE_SHOWN_MS = 1_000

export function Authority() {
  const shown = usePaced(Pace.READ_MS, () => {
    // Counts down between the answers.
    nowMs.value
    return authority.value
  })
  if (shown === null || shown.leases.length === 0) return <Empty>No engine has said who may quote</Empty>
  return (
    <div class="authority">
      <Leases leases={shown.leases} nodes={shown.nodes} />
      <Nodes nodes={shown.nodes} />
    </div>
  )
}

function Leases({ leases, nodes }: { leases: readonly LeaseView[]; nodes: readonly NodeView[] }) {
  const assigned = (symbol: string) => nodes.find((node) => node.assignedSymbols.includes(symbol))?.clientId ?? 0
  return (
    <table class="grid">
      <thead>
        <tr>
          <th scope="col">Symbol</th>
          <th scope="col">Assigned to</th>
          <th scope="col">Authority</th>
          <th scope="col" class="number" title="Fencing token: grows with each grant">
            Token
          </th>
          <th scope="col" class="number">
            Lease
          </th>
          <th scope="col">
            <span class="spoken">Lease left</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {leases.map(({ symbol, clientId, fencingToken, leaseEndsMs }) => {
          const leftMs = clientId === 0 ? 0 : Math.max(0, leaseEndsMs - gatewayNowMs())
          return (
            <tr key={symbol} data-lease={symbol}>
              <th scope="row">{symbol}</th>
              <td class="muted">{nodeName(assigned(symbol))}</td>
              <td class={clientId === 0 ? 'loss' : ''}>{nodeName(clientId)}</td>
              <td class="number">{count(fencingToken)}</td>
              <td class="number muted">{clientId === 0 ? NOTHING : `${Math.round(leftMs)} ms`}</td>
              <td class="lease-cell">
                <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                  <rect class="gauge-rail" x="0" y="3" width="100" height="2" />
                  <rect class="latency-span" y="1" width={Math.min(100, (leftMs / LEASE_SHOWN_MS) * 100)} height="6" />
                </svg>
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function Nodes({ nodes }: { nodes: readonly NodeView[] }) {
  return (
    <table class="grid">
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col" class="number">
            Presence
          </th>
          <th scope="col">Holds</th>
        </tr>
      </thead>
      <tbody>
        {nodes.map(({ clientId, presenceEndsMs, heldSymbols }) => (
          <tr key={clientId}>
            <th scope="row">{nodeName(clientId)}</th>
            <td class="number muted">{Math.max(0, Math.round(presenceEndsMs - gatewayNowMs()))} ms</td>
            <td>{heldSymbols.join(' ') || NOTHING}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** strategy-2 for client 102, as its process is called. */
function nodeName(clientId: number): string {
  return clientId === 0 ? 'nobody' : `strategy-${clientId - 100}`
}
