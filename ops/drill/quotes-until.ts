// Waits until a drill's strategy nodes quote, or do not, or hold what they should.

import { ClientId } from '../../protocol/clients.ts'
import type { DrillCluster } from './drill-cluster.ts'
import { NotInTimeError } from './engine-watch.ts'
import { pauseMs } from './scenario.ts'

/** The strategy node of a drill that has one. */
export const NODE = 'strategy-1'
const WAIT_MS_MAX = 20_000
const LOOK_MS = 20

type PresentNode = { readonly clientId: number; readonly incarnation: number; readonly heldSymbols: readonly string[] }

export async function quotesUntil(
  cluster: DrillCluster,
  isWanted: (count: number) => boolean,
  what: string,
): Promise<void> {
  await until(async () => {
    const { quotes } = await cluster.ask('quotes')
    return Array.isArray(quotes) && isWanted(quotes.length) ? null : what
  })
}

/** Resolves when a quote of the node stands. */
export async function quotedBy(cluster: DrillCluster, name: string): Promise<void> {
  await until(async () => {
    const { quotes } = await cluster.ask('quotes')
    const isQuoting = (quotes as readonly { clientId: number }[]).some(({ clientId }) => clientId === clientIdOf(name))
    return isQuoting ? null : `a quote of ${name}`
  })
}

/** Resolves when so many nodes are present and hold all symbols, none of them more than one more than another. */
export async function sharesUntil(cluster: DrillCluster, nodeCount: number, symbolCount: number): Promise<void> {
  await until(async () => {
    const counts = (await presentNodes(cluster)).map(({ heldSymbols }) => heldSymbols.length)
    const held = counts.reduce((sum, count) => sum + count, 0)
    const isEven = Math.max(...counts) - Math.min(...counts) <= 1
    if (counts.length === nodeCount && held === symbolCount && isEven) return null
    return `${nodeCount} nodes to hold ${symbolCount} symbols evenly; they hold ${counts.join(' + ') || 'nothing'}`
  })
}

/** How many quotes of the node were refused because its authority had ended, as it said last. */
export function staleQuoteCount(cluster: DrillCluster, name: string): number {
  return Number(cluster.statusOf(name)['staleAuthorityCount'] ?? 0)
}

/** Resolves when the node says that it is so many at least; else after the wait, with how many it says then. */
export async function staleQuotesUntil(cluster: DrillCluster, name: string, least: number): Promise<number> {
  const isThere = async () => (staleQuoteCount(cluster, name) >= least ? null : 'late quotes to be refused')
  await until(isThere).catch((error: unknown) => {
    if (!(error instanceof NotInTimeError)) throw error
  })
  return staleQuoteCount(cluster, name)
}

/** A node as the desk knows it, and how many of that identity are present. */
export async function heldBy(cluster: DrillCluster, name: string): Promise<{ incarnation: number; count: number }> {
  const found = (await presentNodes(cluster)).filter(({ clientId }) => clientId === clientIdOf(name))
  return { incarnation: found[0]?.incarnation ?? 0, count: found.length }
}

function clientIdOf(name: string): number {
  return ClientId.STRATEGY_BASE + Number(name.slice('strategy-'.length))
}

async function presentNodes(cluster: DrillCluster): Promise<readonly PresentNode[]> {
  const { nodes } = await cluster.ask('nodes')
  return Array.isArray(nodes) ? (nodes as readonly PresentNode[]) : []
}

/** `look` says what is still waited for, or null. */
async function until(look: () => Promise<string | null>): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS_MAX
  for (;;) {
    const missing = await look()
    if (missing === null) return
    if (performance.now() > deadlineMs) throw new NotInTimeError(`waited ${WAIT_MS_MAX / 1_000} s for ${missing}`)
    await pauseMs(LOOK_MS)
  }
}
