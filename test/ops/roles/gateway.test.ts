// The gateway's door: beyond this machine it is not opened unless somebody has said who may come in.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, expect, test } from 'vitest'
import { startGateway } from '../../../ops/roles/gateway.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'tandem-gateway-'))
afterAll(() => rmSync(dataDir, { recursive: true }))

const options = {
  ...{ natsUrl: '127.0.0.1:1', credentials: undefined, clusterId: 'test', instance: 'gateway' },
  ...{ port: 0, dataDir, tokenFile: undefined, page: false },
}

test.each(['0.0.0.0', '::', '10.0.0.7', 'gateway.example'])(
  'without a token file it does not listen on %s, and says what to do',
  async (host) => {
    const started = startGateway({ ...options, host }, pino({ level: 'silent' }))
    await expect(started).rejects.toMatchObject({
      message: expect.stringContaining(`open to everybody who reaches ${host}`),
      remedy: expect.stringContaining('--token-file'),
    })
  },
)
