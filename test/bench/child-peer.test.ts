// Peers in processes of their own: what the driver is told and tells, and that the real ones match as the bare book does.

import { expect, test } from 'vitest'
import { flowOverBook, loadFlow } from '../../bench/order-flow.ts'
import { BareBook } from '../../bench/peers/bare-book.ts'
import { ChildPeer, type Driver, PeerMissingError, requireTool } from '../../bench/peers/child-peer.ts'
import { exchangeCore } from '../../bench/peers/exchange-core.ts'
import { lobster } from '../../bench/peers/lobster.ts'

const flow = flowOverBook(100, 5_000)

/** A driver that tells the bytes of the flow as its fills, and the warm-up runs as its hash. */
const FAKE = `
  const [path, warmUpCount] = process.argv.slice(1)
  const fills = require('node:fs').readFileSync(path).length
  const outcome = { fills, quantityLots: 2, notional: 3, hash: Number(warmUpCount), ordersLeft: 5 }
  console.log(JSON.stringify({ seconds: 0.25, ...outcome }))`

function fake(source: string): Driver {
  return { name: 'fake', command: [process.execPath, '-e', source], warmUpCount: 4 }
}

function withPeer<T>(driver: Driver, use: (peer: ChildPeer) => T): T {
  const peer = new ChildPeer(driver, flow)
  try {
    return use(peer)
  } finally {
    peer.close()
  }
}

function driverOrReason(fetch: () => Driver): Driver | string {
  try {
    return fetch()
  } catch (error) {
    if (error instanceof PeerMissingError) return error.message
    throw error
  }
}

test('a driver gets the flow and the warm-up count, and tells its seconds and outcome', () => {
  withPeer(fake(FAKE), (peer) => {
    expect(peer.run()).toBe(0.25)
    const fills = flow.words.byteLength
    expect(peer.outcome()).toEqual({ fills, quantityLots: 2, notional: 3, hash: 4, ordersLeft: 5 })
  })
})

test('a peer that has not run has no outcome', () => {
  withPeer(fake(FAKE), (peer) => expect(() => peer.outcome()).toThrow('fake has not run yet'))
})

test('a driver that fails is an error with what it said', () => {
  const failing = fake('console.error("no such book"); process.exit(3)')
  withPeer(failing, (peer) => expect(() => peer.run()).toThrow('fake ended with 3: no such book'))
})

test('a tool that is not here makes the peer a missing one', () => {
  expect(() => requireTool('fake', 'no-such-program', '--version')).toThrow(PeerMissingError)
})

// They are fetched and built on first use, which nobody expects of tests: TANDEM_PEERS=1 asks for it.
test.skipIf(process.env['TANDEM_PEERS'] === undefined).for([
  ['exchange-core', exchangeCore],
  ['lobster', lobster],
] as const)('%s comes to the outcome of the bare book', { timeout: 120_000 }, ([, fetch], { skip }) => {
  const driver = driverOrReason(fetch)
  if (typeof driver === 'string') return skip(driver)
  const mixed = loadFlow('W3', 20_000)
  const bare = new BareBook(mixed.orderIdMax)
  bare.run(mixed)
  const peer = new ChildPeer(driver, mixed)
  try {
    expect(peer.run()).toBeGreaterThan(0)
    expect(peer.outcome()).toEqual(bare.outcome())
  } finally {
    peer.close()
  }
})
