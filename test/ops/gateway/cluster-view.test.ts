// What the gateway says about the processes: states, silence, transitions in words, figures.

import { expect, test } from 'vitest'
import { ClusterView } from '../../../ops/gateway/cluster-view.ts'

function status(fields: object): Uint8Array {
  return new TextEncoder().encode(
    JSON.stringify({ role: 'engine', instance: 'engine-a', pid: 10, state: 'primary', startedAt: 500, ...fields }),
  )
}

function texts(view: ClusterView): string[] {
  return view.events.since(0, 100).items.map((event) => event.text)
}

test('tells each transition once, in a sentence', () => {
  const view = new ClusterView()
  view.onStatus(status({ state: 'recovering' }), 1_000)
  view.onStatus(status({ state: 'recovering' }), 2_000)
  view.onStatus(status({}), 3_000)
  view.onStatus(status({ pid: 11, state: 'recovering' }), 4_000)
  expect(texts(view)).toEqual([
    'engine-a is here: pid 10, recovering.',
    'engine-a went from recovering to primary.',
    'engine-a was started again: pid 10 became 11, now recovering.',
  ])
})

test('finds out who has fallen silent, says what it means, and that it is back', () => {
  const view = new ClusterView()
  view.onStatus(status({}), 1_000)
  view.poll(4_000)
  expect(view.processes()[0]?.state).toBe('primary')
  expect(view.countOf('engine')).toBe(1)
  view.poll(4_600)
  expect(view.processes()[0]?.state).toBe('silent')
  expect(view.countOf('engine')).toBe(0)
  view.poll(5_600)
  view.onStatus(status({}), 6_000)
  expect(texts(view).slice(1)).toEqual([
    'engine-a (pid 10) has fallen silent. Until an engine is back nothing trades; clients keep their commands and send them again.',
    'engine-a speaks again and is primary: it was stopped or cut off, not dead.',
  ])
})

test('a process that ended in order is not called silent', () => {
  const view = new ClusterView()
  view.onStatus(status({}), 1_000)
  view.onStatus(status({ state: 'stopped' }), 2_000)
  view.poll(60_000)
  expect(view.processes()[0]?.state).toBe('stopped')
})

test.each(['', 'null', '{}', '{"role":1}', '[]', '{"role":"engine","instance":"x","pid":-1,"state":"up"}'])(
  'the message %s is no status and changes nothing',
  (text) => {
    const view = new ClusterView()
    view.onStatus(new TextEncoder().encode(text), 1_000)
    expect(view.processes()).toEqual([])
    expect(view.events.lastNumber).toBe(0)
  },
)

test('the figures of a process read like words and units', () => {
  const view = new ClusterView()
  const details = {
    recordsPerSecond: 12_345.678,
    commitLatencyP99Us: 412,
    snapshotBytes: 5_242_880,
    quoteCount: 3,
    refusedCount: 0,
    nested: { no: 1 },
    leading: true,
  }
  view.onStatus(status({ details }), 1_000)
  expect(view.processes()[0]?.details).toEqual([
    ['records', '12,345.68/s'],
    ['commit latency p99', '412 µs'],
    ['snapshot', '5 MB'],
    ['quotes', '3'],
    ['refused', '0'],
    ['leading', 'yes'],
  ])
})

test('lists engines first, then nodes in the order of their numbers', () => {
  const view = new ClusterView()
  for (const [role, instance] of [
    ['gateway', 'gateway'],
    ['strategy', 'node-10'],
    ['strategy', 'node-2'],
    ['engine', 'engine-a'],
  ]) {
    view.onStatus(status({ role, instance }), 1_000)
  }
  expect(view.processes().map((process) => process.instance)).toEqual(['engine-a', 'node-2', 'node-10', 'gateway'])
})

test('an engine says itself why its role changed, each change once', () => {
  const view = new ClusterView()
  const at = (ms: number) => new Date(ms).toISOString()
  const promotion = { from: 'BACKUP', to: 'SOLO', cause: 'the primary was not heard', epoch: 4, at: at(20_000) }
  const joined = { from: 'SOLO', to: 'PAIR', cause: 'its peer has joined', epoch: 5, at: at(20_900) }
  view.onStatus(status({ state: 'backup', details: { transitions: [] } }), 19_500)
  view.onStatus(status({ state: 'solo', details: { transitions: [promotion] } }), 20_500)
  view.onStatus(status({ state: 'pair', details: { transitions: [promotion, joined] } }), 21_500)
  view.onStatus(status({ state: 'pair', details: { transitions: [promotion, joined] } }), 22_500)
  expect(view.events.since(0, 100).items.slice(1)).toMatchObject([
    { text: 'engine-a went from backup to solo in epoch 4: the primary was not heard.', state: 'solo', level: 'good' },
    { text: 'engine-a went from solo to pair in epoch 5: its peer has joined.', state: 'pair' },
  ])
})
