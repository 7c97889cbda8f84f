// The token file and what its tokens open.

import type * as Crypto from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { allows, loadTokens, newTokens, scopeOf, TokenFileError } from '../../../ops/gateway/tokens.ts'

const compared = vi.hoisted(() => vi.fn<(one: Uint8Array, other: Uint8Array) => boolean>())
vi.mock('node:crypto', async (original) => {
  const actual = await original<typeof Crypto>()
  compared.mockImplementation(actual.timingSafeEqual)
  return { ...actual, timingSafeEqual: compared }
})

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-tokens-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('the first start makes a file that only its owner can read, and later starts read it', () => {
  const path = join(folder, 'below', 'tokens.json')
  const tokens = loadTokens(path)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'below')).mode & 0o777).toBe(0o700)
  expect(new Set(Object.values(tokens)).size).toBe(3)
  expect(loadTokens(path)).toEqual(tokens)
})

test('a file that others can read is refused with what to type', () => {
  const path = join(folder, 'tokens.json')
  loadTokens(path)
  chmodSync(path, 0o644)
  expect(() => loadTokens(path)).toThrow(`chmod 600 ${path}`)
})

test.each(['', '{', '{"read":"short"}', '[]', '{"read":"a","trade":"b","operator":"c","more":1}'])(
  'a file that holds %s is refused, and the message does not repeat it',
  (content) => {
    const path = join(folder, 'tokens.json')
    writeFileSync(path, content, { mode: 0o600 })
    expect(() => loadTokens(path)).toThrow(TokenFileError)
    expect(readFileSync(path, 'utf8')).toBe(content)
  },
)

test('a token has its scope and those below it', () => {
  const tokens = newTokens()
  expect(scopeOf(tokens, tokens.trade)).toBe('trade')
  expect(scopeOf(tokens, `${tokens.trade} `)).toBeUndefined()
  expect(scopeOf(tokens, '')).toBeUndefined()
  expect(allows('operator', 'trade')).toBe(true)
  expect(allows('trade', 'operator')).toBe(false)
  expect(allows('read', 'read')).toBe(true)
  expect(allows(undefined, 'read')).toBe(false)
})

test('a token is compared with every one of ours in constant time, whichever it is', () => {
  const tokens = newTokens()
  for (const token of [tokens.read, tokens.operator, 'none of them', '']) {
    compared.mockClear()
    scopeOf(tokens, token)
    expect(compared.mock.calls.map(([one, other]) => [one.byteLength, other.byteLength])).toEqual([
      [32, 32],
      [32, 32],
      [32, 32],
    ])
  }
})
