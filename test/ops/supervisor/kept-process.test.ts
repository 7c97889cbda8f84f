// What ends without being asked is started again, sooner or later, and never after it was stopped.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { KeptProcess, type Transition } from '../../../ops/supervisor/kept-process.ts'
import type { Launched } from '../../../ops/supervisor/launch.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A process that ends when it is told to. */
class FakeProcess implements Launched {
  readonly pid: number
  readonly details = {}
  readonly exited: Promise<string>
  readonly end: (reason: string) => void
  stopCount = 0

  constructor(pid: number) {
    this.pid = pid
    const { promise, resolve } = Promise.withResolvers<string>()
    this.exited = promise
    this.end = resolve
  }

  async stop(): Promise<void> {
    this.stopCount++
    this.end('signal SIGTERM')
  }
}

function keep(launch: (attempt: number) => FakeProcess) {
  const started: FakeProcess[] = []
  const transitions: Transition[] = []
  const kept = new KeptProcess(
    'engine',
    async () => {
      const process = launch(started.length + 1)
      started.push(process)
      return process
    },
    (transition) => transitions.push(transition),
  )
  return { kept, started, states: () => transitions.map(({ to }) => to), transitions }
}

test('the first restart is immediate, the next ones wait longer', async () => {
  const { kept, started } = keep((attempt) => new FakeProcess(attempt))
  await kept.start()
  started[0]?.end('signal SIGKILL')
  await vi.advanceTimersByTimeAsync(0)
  expect(kept.state).toBe('ready')
  expect(kept.pid).toBe(2)
  started[1]?.end('signal SIGKILL')
  await vi.advanceTimersByTimeAsync(199)
  expect(kept.state).toBe('waiting')
  await vi.advanceTimersByTimeAsync(1)
  expect(kept.state).toBe('ready')
  expect(kept.restartCount).toBe(2)
})

test('after a while of service the next restart is immediate again', async () => {
  const { kept, started } = keep((attempt) => new FakeProcess(attempt))
  await kept.start()
  started[0]?.end('exit code 1')
  await vi.advanceTimersByTimeAsync(0)
  await vi.advanceTimersByTimeAsync(10_001)
  started[1]?.end('exit code 1')
  await vi.advanceTimersByTimeAsync(0)
  expect(kept.state).toBe('ready')
})

test('a restart that fails is tried again', async () => {
  const { kept, started, transitions } = keep((attempt) => {
    if (started.length === 1 && transitions.filter(({ to }) => to === 'starting').length < 4) throw new Error('no port')
    return new FakeProcess(attempt)
  })
  await kept.start()
  started[0]?.end('signal SIGKILL')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(kept.state).toBe('ready')
  expect(transitions.map(({ reason }) => reason)).toContain('it ended (no port); starts again in 200 ms')
})

test('stopped means stopped: no restart follows', async () => {
  const { kept, started, states } = keep((attempt) => new FakeProcess(attempt))
  await kept.start()
  await kept.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(started).toHaveLength(1)
  expect(started[0]?.stopCount).toBe(1)
  expect(states()).toEqual(['starting', 'ready', 'stopped'])
})

test('stopped while it waits to start again, it does not start', async () => {
  const { kept, started } = keep((attempt) => new FakeProcess(attempt))
  await kept.start()
  started[0]?.end('x')
  await vi.advanceTimersByTimeAsync(0)
  started[1]?.end('x')
  await vi.advanceTimersByTimeAsync(10)
  expect(kept.state).toBe('waiting')
  await kept.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(started).toHaveLength(2)
  expect(kept.state).toBe('stopped')
})
