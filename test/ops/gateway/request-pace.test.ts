// Requests of one address: a burst, then a rate; those of another are counted apart.

import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { Problem } from '../../../ops/gateway/problem.ts'
import { REQUEST_BURST_MAX, RequestPace } from '../../../ops/gateway/request-pace.ts'
import { GatewayHarness } from '../../support/gateway-harness.ts'

test('one more than a burst is refused; later there is room for as many as the time allows', () => {
  let nowMs = 0
  const pace = new RequestPace(() => nowMs)
  const takenOf = (address: string, count: number) => {
    let taken = 0
    for (let index = 0; index < count; index++) {
      try {
        pace.check(address)
        taken += 1
      } catch (error) {
        expect(error).toMatchObject({ status: 429 })
        expect(error).toBeInstanceOf(Problem)
      }
    }
    return taken
  }
  expect(takenOf('a', REQUEST_BURST_MAX + 10)).toBe(REQUEST_BURST_MAX)
  expect(takenOf('b', 10)).toBe(10)
  nowMs += 5
  expect(takenOf('a', 100)).toBe(10)
  nowMs += 60_000
  expect(takenOf('a', REQUEST_BURST_MAX + 1)).toBe(REQUEST_BURST_MAX)
})

test('the gateway counts them, whatever is asked for', async () => {
  const harness = await GatewayHarness.start()
  // Its clock stands: nothing comes back to the account.
  vi.useFakeTimers({ toFake: ['performance'] })
  const socket = connect(Number(new URL(harness.server.url).port), '127.0.0.1')
  try {
    const answers = Promise.withResolvers<string>()
    let said = ''
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1')
      if (said.includes('HTTP/1.1 429')) answers.resolve(said)
    })
    socket.write('GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(REQUEST_BURST_MAX + 1))
    const before = (await answers.promise).split('HTTP/1.1 429')[0]!
    expect(before.match(/HTTP\/1\.1 404/g)).toHaveLength(REQUEST_BURST_MAX)
  } finally {
    vi.useRealTimers()
    socket.destroy()
    await harness.stop()
  }
}, 60_000)
