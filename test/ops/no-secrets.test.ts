// What is secret stays in its file: no log, no argument, no variable of a process and no answer holds a token, a seed or the
// peer secret, also where somebody put one into an address.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DrillCluster } from '../../ops/drill/drill-cluster.ts'
import type { Tokens } from '../../ops/gateway/tokens.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-secrets-'))
const cluster = new DrillCluster(folder, { isPair: true, hasStrategy: true })
const names = ['engine-a', 'engine-b', 'strategy-1', 'gateway']
let tokens: Tokens
let url = ''

beforeAll(async () => {
  await cluster.start()
  await cluster.startProcess('gateway')
  const details = cluster.detailsOf('gateway')
  url = String(details['url'])
  tokens = JSON.parse(readFileSync(String(details['tokenPath']), 'utf8')) as Tokens
}, 60_000)

afterAll(async () => {
  await cluster.stop()
  rmSync(folder, { recursive: true })
}, 60_000)

/** Whatever must be in no other place: tokens, seeds of NATS users, the secret of the peers. */
function secrets(): string[] {
  const credentials = join(folder, 'credentials')
  const texts = readdirSync(credentials).map((name) => readFileSync(join(credentials, name), 'utf8'))
  const found = texts.flatMap((text) => text.match(/[\w-]{32,}/g) ?? [])
  return [...found, ...Object.values(tokens)]
}

test('no log, no argument, no environment and no answer holds a secret', async () => {
  const answers: string[] = []
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}${path}`, init)
    answers.push(await response.text(), JSON.stringify([...response.headers]))
    return response.status
  }
  const order = '{"symbol":"ALDR","side":"buy","type":"limit","price":"1.00","quantity":"1"}'
  const body = { method: 'POST', body: order, headers: { 'content-type': 'application/json' } }
  // A right token in the address opens nothing.
  for (const name of ['access_token', 'token']) {
    expect(await ask(`/orders?${name}=${tokens.trade}`, body)).toBe(401)
  }
  expect(await ask('/orders', { ...body, headers: { ...body.headers, authorization: 'Bearer wrong' } })).toBe(401)
  const authorized = { ...body.headers, authorization: `Bearer ${tokens.trade}` }
  expect(await ask('/orders', { ...body, headers: authorized })).toBeLessThan(300)
  expect(await ask('/control/quoting', { ...body, body: '{', headers: authorized })).toBeGreaterThanOrEqual(400)
  for (const path of ['/metrics', '/cluster', '/docs/json', '/health']) expect(await ask(path)).toBe(200)
  const places = new Map(answers.map((text, index) => [`answer ${index}`, text]))
  for (const name of names) {
    places.set(`log of ${name}`, readFileSync(cluster.logPath(name), 'utf8'))
    for (const file of ['cmdline', 'environ']) {
      places.set(`${file} of ${name}`, readFileSync(`/proc/${cluster.pidOf(name)}/${file}`, 'latin1'))
    }
  }
  const isLeaking = (text: string) => secrets().some((secret) => text.includes(secret))
  expect(secrets().length).toBeGreaterThan(8)
  expect(isLeaking(readFileSync(cluster.credentialsOf('gateway'), 'utf8'))).toBe(true)
  expect([...places].filter(([, text]) => isLeaking(text)).map(([place]) => place)).toEqual([])
  expect(places.get('log of gateway')).not.toBe('')
})

test('folders of journals and secrets are for their owner alone', () => {
  for (const path of [cluster.journalFolder('engine-a'), join(folder, 'credentials')]) {
    expect(statSync(path).mode & 0o777).toBe(0o700)
  }
  for (const path of readdirSync(join(folder, 'credentials'))) {
    expect(statSync(join(folder, 'credentials', path)).mode & 0o077).toBe(0)
  }
})
