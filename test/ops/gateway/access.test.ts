// Who reaches the gateway at all: loopback, other addresses, other names, other origins.

import { request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { GatewayHarness } from '../../support/gateway-harness.ts'

let harness: GatewayHarness | undefined
afterEach(async () => {
  await harness?.stop()
})

/** fetch does not let one name another host. */
function statusFor(headers: Record<string, string>): Promise<number> {
  const { port } = new URL(harness!.server.url)
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/prices', headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}

test('on loopback, reading is open to those who call it by its name', async () => {
  harness = await GatewayHarness.start()
  const { port } = new URL(harness.server.url)
  expect(await statusFor({ host: `127.0.0.1:${port}` })).toBe(200)
  expect(await statusFor({ host: `localhost:${port}` })).toBe(200)
  expect(await statusFor({ host: `[::1]:${port}` })).toBe(200)
  // A name of somebody else that resolves to this machine.
  expect(await statusFor({ host: 'rebound.example' })).toBe(421)
})

test('elsewhere, everything needs a token', async () => {
  harness = await GatewayHarness.start({ host: '0.0.0.0' })
  const basic = (password: string) => `Basic ${Buffer.from(`me:${password}`).toString('base64')}`
  expect(await statusFor({ host: 'gateway.example' })).toBe(401)
  expect(await statusFor({ authorization: 'Bearer no' })).toBe(401)
  expect(await statusFor({ authorization: basic('no') })).toBe(401)
  expect(await statusFor({ authorization: `Bearer ${harness.tokens.read}` })).toBe(200)
  expect(await statusFor({ authorization: basic(harness.tokens.read) })).toBe(200)
})

test('answers tell browsers what not to do', async () => {
  harness = await GatewayHarness.start()
  const { headers } = await fetch(`${harness.server.url}/prices`)
  const policy = headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self'")
  expect(policy).not.toContain('unsafe')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('access-control-allow-origin')).toBeNull()
})

test('an address beyond any use is refused', async () => {
  harness = await GatewayHarness.start()
  const { status } = await harness.get(`/fills?symbol=${'A'.repeat(5_000)}`)
  expect(status).toBe(414)
})
