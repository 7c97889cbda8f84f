// The reference of the interfaces is what the code says of itself, and the code says all of it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeGateway } from '../../bench/reference/gateway-description.ts'
import { shapeLines } from '../../bench/reference/shape-text.ts'
import { referenceTexts } from '../../bench/write-reference.ts'
import { GatewayHarness } from '../support/gateway-harness.ts'

const folder = join(import.meta.dirname, '../../docs/api')

test('each file is what the code gives: npm run reference writes them anew', async () => {
  const texts = await referenceTexts()
  expect([...texts.keys()]).toEqual(['http.md', 'strategies.md'])
  for (const [name, text] of texts) expect(readFileSync(join(folder, name), 'utf8'), name).toBe(text)
})

test('the scope that the description names is the least that opens an endpoint', async () => {
  const scopes = ['', 'read', 'trade', 'operator'] as const
  const harness = await GatewayHarness.start()
  try {
    const { paths } = await describeGateway()
    const guarded = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { security }]) =>
        security === undefined ? [] : [{ path, method, needed: security[0]?.['token']?.[0] ?? '' }],
      ),
    )
    expect(guarded).toHaveLength(5)
    for (const { path, method, needed } of guarded) {
      for (const scope of scopes) {
        const token = scope === '' ? '' : harness.tokens[scope]
        // A body that no endpoint takes, and a symbol that is not traded: who gets as far as that may act.
        const { status } = await harness.send(method.toUpperCase(), path, method === 'delete' ? undefined : {}, {
          token,
        })
        const isRefused = scopes.indexOf(scope) < scopes.findIndex((one) => one === needed)
        expect(status === 401 || status === 403, `${method} ${path} with ${scope || 'no token'}: ${status}`).toBe(
          isRefused,
        )
      }
    }
  } finally {
    await harness.stop()
  }
})

test('a shape is told a field a line, with its bounds', () => {
  const whole = { type: 'integer', minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
  const entry = { type: 'object', properties: { lots: whole }, required: ['lots'] }
  expect(
    shapeLines({
      type: 'object',
      required: ['list'],
      properties: {
        list: { type: 'array', items: entry, description: 'Best first' },
        one: { anyOf: [entry, { type: 'null' }] },
        depth: { type: 'integer', minimum: 1, maximum: 9, default: 5 },
        price: { type: ['string', 'null'] },
      },
    }).join('\n'),
  ).toBe(`{
  list: {  // Best first
    lots: integer
  }[]
  one?: {
    lots: integer
  } | null
  depth?: integer  // 1 .. 9; 5 when left out
  price?: string | null
}`)
})
