// Who may quote what: the strategy nodes that are present, the symbols they are given, the leases they hold. As the
// engine answers when asked; what has changed since the last answer is told in a sentence.

import { ClientId } from '../../protocol/clients.ts'
import type { AuthorityView, EventView, LeaseView, NodeView } from './dashboard-protocol.ts'
import type { AuthorityAnswer, NodesAnswer } from './engine-queries.ts'
import { Slice } from './slice.ts'

const NS_PER_MS = 1_000_000

type Tell = (topic: string, level: EventView['level'], text: string) => void

export class AuthorityBoard {
  readonly slice = new Slice(() => this.view)
  view: AuthorityView = { nodes: [], leases: [], recordSeq: 0 }

  /** `tell` hears of nodes that came or went and of symbols that changed hands; not of those in the first answer. */
  onAnswers(authority: AuthorityAnswer, nodes: NodesAnswer, timeBaseUnixMs: number, tell: Tell): void {
    const timeMs = (timeNs: number) => timeBaseUnixMs + timeNs / NS_PER_MS
    const before = this.view
    this.view = {
      nodes: nodes.nodes.map(({ clientId, presenceEndsNs, assignedSymbols, heldSymbols }) => ({
        ...{ clientId, assignedSymbols, heldSymbols },
        presenceEndsMs: timeMs(presenceEndsNs),
      })),
      leases: authority.authority.map(({ symbol, clientId, fencingToken, leaseEndsNs }) => ({
        ...{ symbol, clientId, fencingToken },
        leaseEndsMs: clientId === 0 ? 0 : timeMs(leaseEndsNs),
      })),
      recordSeq: authority.recordSeq,
    }
    this.slice.touch()
    if (before.recordSeq === 0) return
    tellNodes(before.nodes, this.view.nodes, tell)
    tellLeases(before.leases, this.view.leases, tell)
  }
}

/** strategy-2 for client 102. */
export function nodeName(clientId: number): string {
  return clientId === 0 ? 'nobody' : `strategy-${clientId - ClientId.STRATEGY_BASE}`
}

function tellNodes(before: readonly NodeView[], after: readonly NodeView[], tell: Tell): void {
  const ids = (nodes: readonly NodeView[]) => new Set(nodes.map(({ clientId }) => clientId))
  const [old, now] = [ids(before), ids(after)]
  for (const clientId of now) {
    if (!old.has(clientId))
      tell(nodeName(clientId), 'good', `${nodeName(clientId)} has joined: symbols are dealt out anew.`)
  }
  for (const clientId of old) {
    if (now.has(clientId)) continue
    const text = `${nodeName(clientId)} is no longer present: its symbols go to the others when its leases have ended.`
    tell(nodeName(clientId), 'warning', text)
  }
}

/** By the nodes that the symbols went from and to, so that a node that leaves with four symbols makes few sentences. */
function tellLeases(before: readonly LeaseView[], after: readonly LeaseView[], tell: Tell): void {
  const moves = new Map<string, { from: number; to: number; symbols: string[] }>()
  for (const lease of after) {
    const from = before.find(({ symbol }) => symbol === lease.symbol)?.clientId ?? 0
    if (from === lease.clientId) continue
    const key = `${from} ${lease.clientId}`
    const move = moves.get(key) ?? { from, to: lease.clientId, symbols: [] }
    move.symbols.push(`${lease.symbol} (token ${lease.fencingToken})`)
    moves.set(key, move)
  }
  for (const { from, to, symbols } of moves.values()) {
    const names = symbols.join(', ')
    if (to === 0)
      tell(nodeName(from), 'warning', `The lease of ${nodeName(from)} on ${names} has ended: its quotes are withdrawn.`)
    else if (from === 0) tell(nodeName(to), 'good', `${nodeName(to)} holds the authority to quote ${names}.`)
    else
      tell(
        nodeName(to),
        'good',
        `The authority to quote ${names} has passed from ${nodeName(from)} to ${nodeName(to)}.`,
      )
  }
}
