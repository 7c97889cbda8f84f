// The walkthrough of docs/operations.md, tried: three hosts, one unplugged, one link cut, all of it checked.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { NetworkHosts } from './network-hosts.ts'
import { walkthrough } from './walkthrough.ts'

const refusal = NetworkHosts.refusal()
const TIMEOUT_MS = 240_000

test('the document says what runs on which host', () => {
  const typed = walkthrough({ '/etc/tandem': '/elsewhere' })
  const roles = typed.map(({ host, args }) => `${host} ${args[0]}`)
  for (const role of ['1 engine', '2 engine', '3 strategy', '3 flow', '3 gateway', '3 status'])
    expect(roles).toContain(role)
  expect(typed.flatMap(({ args }) => args).join(' ')).not.toContain('/etc/tandem')
})

describe.skipIf(refusal !== null)(`three hosts${refusal === null ? '' : ` (skipped: ${refusal})`}`, () => {
  test(
    'nothing is lost when a host is unplugged and when a link is cut',
    () => {
      const script = join(import.meta.dirname, 'three-hosts.ts')
      const output = execFileSync(process.execPath, [script, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] })
      const report = JSON.parse(output.toString()) as { checks: { ok: boolean }[] }
      expect(report.checks.length).toBeGreaterThan(6)
      expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
    },
    TIMEOUT_MS,
  )
})
