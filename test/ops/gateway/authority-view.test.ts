// What the gateway tells of nodes and leases: the present state, and in sentences what has changed since the last answer.

import { expect, test } from 'vitest'
import { AuthorityBoard } from '../../../ops/gateway/authority-view.ts'

function answers(recordSeq: number, holders: Record<string, number>, present: number[]) {
  const held = (clientId: number) => Object.keys(holders).filter((symbol) => holders[symbol] === clientId)
  return [
    {
      authority: Object.entries(holders).map(([symbol, clientId]) => {
        const past = { isRecalled: false, lastClientId: 0, quotingGapNs: 0, quotingGapNsLongest: 0 }
        return { symbol, clientId, fencingToken: recordSeq, leaseEndsNs: 5_000_000, ...past }
      }),
      recordSeq,
    },
    {
      nodes: present.map((clientId) => {
        const symbols = { assignedSymbols: held(clientId), heldSymbols: held(clientId) }
        return { clientId, incarnation: 1, joinedNs: 0, presenceEndsNs: 7_000_000, ...symbols }
      }),
      recordSeq,
    },
  ] as const
}

test('the first answer is told as it is, later ones by what has changed', () => {
  const board = new AuthorityBoard()
  const told: string[] = []
  const take = (recordSeq: number, holders: Record<string, number>, present: number[]) => {
    const [authority, nodes] = answers(recordSeq, holders, present)
    board.onAnswers(authority, nodes, 1_000, (_topic, _level, text) => told.push(text))
  }
  take(5, { A: 101, B: 101, C: 102 }, [101, 102])
  expect(told).toEqual([])
  expect(board.view.leases[0]).toEqual({ symbol: 'A', clientId: 101, fencingToken: 5, leaseEndsMs: 1_005 })
  expect(board.view.nodes[1]).toMatchObject({ clientId: 102, presenceEndsMs: 1_007, heldSymbols: ['C'] })
  take(6, { A: 0, B: 0, C: 102 }, [102])
  take(7, { A: 102, B: 102, C: 102 }, [102, 103])
  take(8, { A: 102, B: 103, C: 102 }, [102, 103])
  expect(told).toEqual([
    'strategy-1 is no longer present: its symbols go to the others when its leases have ended.',
    'The lease of strategy-1 on A (token 6), B (token 6) has ended: its quotes are withdrawn.',
    'strategy-3 has joined: symbols are dealt out anew.',
    'strategy-2 holds the authority to quote A (token 7), B (token 7).',
    'The authority to quote B (token 8) has passed from strategy-2 to strategy-3.',
  ])
})
