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

/** A node as the desk knows it, and how many of that identity are present. */
export async function heldBy(cluster: DrillCluster, name: string): Promise<{ incarnation: number; count: number }> {
  const clientId = ClientId.STRATEGY_BASE + Number(name.slice('strategy-'.length))
  const found = (await presentNodes(cluster)).filter((node) => node.clientId === clientId)
  return { incarnation: found[0]?.incarnation ?? 0, count: found.length }
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
