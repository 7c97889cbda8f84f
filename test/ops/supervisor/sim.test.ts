// The whole market as real processes: it ends by itself with every check held, and leaves nothing behind however it ends.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { SimProcess } from '../../support/sim-process.ts'

let sim: SimProcess | undefined
afterEach(async () => {
  await sim?.dispose()
  sim = undefined
})

function start(...args: string[]): SimProcess {
  sim = new SimProcess(args)
  return sim
}

const OPEN = /the market is open: (\S+)/

test('a run of a stated duration ends by itself, and all its checks hold', async () => {
  const run = start('--duration', '6', '--speed', '5', '--json')
  const report = await run.report()
  expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
  expect(report.ok).toBe(true)
  expect(await run.exited).toBe(0)
  const figure = (name: string, metric: string) =>
    report.results.find((result) => result.name === name && result.metric === metric)?.value
  expect(figure('engine', 'tradeCount')).toBeGreaterThan(0)
  expect(figure('strategies', 'fillCount')).toBeGreaterThan(0)
  expect(run.survivors()).toEqual([])
}, 60_000)

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends everything in order',
  async (signal) => {
    const run = start()
    await run.said(OPEN)
    run.signal(signal)
    expect(await run.exited).toBe(0)
    expect(run.pids.length).toBeGreaterThanOrEqual(7)
    expect(run.survivors()).toEqual([])
  },
  60_000,
)

test('kill -9 of an engine: the other goes on, it comes back, and the run is still right', async () => {
  const run = start('--duration', '6', '--json')
  await run.said(OPEN)
  process.kill(await run.pidOf('engine-a'), 'SIGKILL')
  await run.said(/^engine-a is back/m)
  const report = await run.report()
  expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
  expect(await run.exited).toBe(0)
}, 60_000)

test('chaos and a recording: processes die and pause, the checks hold, the feed has what happened', async () => {
  const feed = join(mkdtempSync(join(tmpdir(), 'tandem-record-')), 'market.feed')
  const run = start('--duration', '8', '--chaos', '60', '--record', feed, '--nodes', '2', '--symbols', '2', '--json')
  const report = await run.report()
  expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
  expect(await run.exited).toBe(0)
  expect(run.log).toMatch(/^chaos: \S+ \(pid \d+\) is (?:killed|paused)/m)
  const figure = (name: string, metric: string) =>
    Number(report.results.find((result) => result.name === name && result.metric === metric)?.value)
  expect(figure('chaos', 'killedCount') + figure('chaos', 'pausedCount')).toBeGreaterThan(0)
  expect(figure(feed, 'events')).toBeGreaterThan(0)
  expect(run.survivors()).toEqual([])
  rmSync(dirname(feed), { recursive: true })
}, 60_000)

test('kill -9 of the supervisor leaves no orphan', async () => {
  const run = start()
  await run.said(OPEN)
  const pids = [...run.pids]
  run.signal('SIGKILL')
  await run.exited
  await vi.waitFor(() => expect(run.survivors()).toEqual([]), { timeout: 10_000, interval: 50 })
  expect(pids.length).toBeGreaterThanOrEqual(7)
}, 60_000)

test('two simulations cannot share a data directory', async () => {
  const run = start()
  await run.said(OPEN)
  const other = new SimProcess(['--data-dir', run.dataDir])
  try {
    expect(await other.exited).toBe(1)
    expect(other.log).toContain('a cluster runs in')
  } finally {
    await other.dispose()
  }
}, 60_000)
