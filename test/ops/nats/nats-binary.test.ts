// Where a nats-server is looked for, and in which order.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findNats } from '../../../ops/nats/nats-binary.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-nats-binary-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function program(...path: string[]): string {
  const full = join(folder, ...path)
  mkdirSync(join(full, '..'), { recursive: true })
  writeFileSync(full, '#!/bin/sh\n', { mode: 0o755 })
  return full
}

test('NATS_URL wins: no server is started', () => {
  const source = findNats({ NATS_URL: 'nats://far:4222', NATS_SERVER_BIN: program('named') }, folder)
  expect(source).toEqual({ kind: 'running', url: 'nats://far:4222' })
})

test('NATS_SERVER_BIN comes before PATH', () => {
  const named = program('named')
  program('path', 'nats-server')
  const source = findNats({ NATS_SERVER_BIN: named, PATH: join(folder, 'path') }, join(folder, 'none'))
  expect(source).toEqual({ kind: 'binary', path: named })
})

test('a NATS_SERVER_BIN that is no program is an error, not a reason to look elsewhere', () => {
  expect(() => findNats({ NATS_SERVER_BIN: join(folder, 'gone') }, folder)).toThrow('NATS_SERVER_BIN is')
})

test('without a bundled server, PATH is searched', () => {
  const onPath = program('path', 'nats-server')
  const source = findNats({ PATH: join(folder, 'path') }, join(folder, 'none'))
  expect(source).toEqual({ kind: 'binary', path: onPath })
})

test('a bundled server with other bytes than the tested one is refused', () => {
  program('bundled', 'bin', 'nats-server')
  expect(() => findNats({}, join(folder, 'bundled'))).toThrow('is not the nats-server that this version')
})
