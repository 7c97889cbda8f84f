// The switch of quoting, on a real cluster: quotes go in one step, none comes back before it is on again, and a killed
// engine remembers.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Report } from '../../ops/cli/output.ts'
import { DrillCluster } from '../../ops/drill/drill-cluster.ts'

const launcher = join(import.meta.dirname, '../../tandem')
const folder = mkdtempSync(join(tmpdir(), 'tandem-quoting-'))
const cluster = new DrillCluster(folder, { isPair: false, hasStrategy: true })

beforeAll(() => cluster.start(), 60_000)
afterAll(async () => {
  await cluster.stop()
  rmSync(folder, { recursive: true })
}, 60_000)

async function tandem(...args: string[]): Promise<Report & { readonly ok: boolean }> {
  const who = cluster.credentialsOf('operator')
  const at = ['--nats', cluster.natsUrl, '--credentials', who, '--cluster', cluster.config.clusterId, '--json']
  const { stdout } = await promisify(execFile)(launcher, [...args, ...at])
  return JSON.parse(stdout) as Report & { ok: boolean }
}

async function quotedSymbols(): Promise<string[]> {
  const { quotes } = await cluster.ask('quotes')
  return (quotes as readonly { readonly symbol: string }[]).map(({ symbol }) => symbol).sort()
}

const POLL = { timeout: 15_000, interval: 50 }

test('off, over a kill -9 of the engine, and on again', async () => {
  await expect.poll(quotedSymbols, POLL).toHaveLength(4)
  expect(await tandem('quoting', 'off')).toMatchObject({ ok: true })
  expect(await quotedSymbols()).toEqual([])
  await cluster.kill('engine')
  await cluster.startProcess('engine')
  await cluster.whole()
  expect(await cluster.ask('exposure')).toMatchObject({ quotingEnabled: false })
  expect(await quotedSymbols()).toEqual([])
  expect(await tandem('quoting', 'on')).toMatchObject({ ok: true })
  await expect.poll(quotedSymbols, POLL).toHaveLength(4)
}, 60_000)

test('one symbol alone, and one that is not traded', async () => {
  await expect.poll(quotedSymbols, POLL).toHaveLength(4)
  await tandem('quoting', 'off', '--symbol', 'BRCH')
  expect(await quotedSymbols()).toEqual(['ALDR', 'CEDR', 'ELMT'])
  await tandem('quoting', 'on', '--symbol', 'BRCH')
  await expect.poll(quotedSymbols, POLL).toHaveLength(4)
  await expect(tandem('quoting', 'off', '--symbol', 'NONE')).rejects.toThrow('NONE is not traded here')
}, 60_000)
