// The server itself: what it leaves behind when it cannot listen.

import { expect, test } from 'vitest'
import { ListenError, startHttpServer } from '../../../ops/gateway/http-server.ts'
import { GatewayHarness } from '../../support/gateway-harness.ts'

function timerCount(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
}

test('a port that is taken is refused by name, and nothing is left that would keep the process', async () => {
  const harness = await GatewayHarness.start()
  try {
    const port = Number(new URL(harness.server.url).port)
    const before = timerCount()
    const started = startHttpServer(harness.gateway, {
      ...{ host: '127.0.0.1', port, tokens: harness.tokens, pageFolder: undefined },
    })
    await expect(started).rejects.toThrow(ListenError)
    await expect(started).rejects.toThrow(`127.0.0.1:${port} is in use`)
    expect(timerCount()).toBeLessThanOrEqual(before)
  } finally {
    await harness.stop()
  }
})
