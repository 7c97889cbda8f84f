// The walkthrough of docs/operations.md, tried: three hosts, one unplugged, one link cut, all of it checked.

import { spawnSync } from 'node:child_process'
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
      const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--json'], { encoding: 'utf8' })
      expect(stdout, stderr).not.toBe('')
      const report = JSON.parse(stdout) as { checks: { ok: boolean }[] }
      expect(report.checks.length).toBeGreaterThan(6)
      const story = stderr.split('\n').slice(-40).join('\n')
      expect(
        report.checks.filter(({ ok }) => !ok),
        story,
      ).toEqual([])
      expect(status, story).toBe(0)
    },
    TIMEOUT_MS,
  )
})
