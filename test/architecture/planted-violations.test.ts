// The checks themselves: each planted violation is found, and what is right is left alone.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkImports } from './import-table.ts'
import { checkPurity } from './purity.ts'
import { readSources, type Violation } from './source-tree.ts'
import { checkLockfile, checkSources, checkTexts } from './tidy.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tandem-architecture-'))
})
afterEach(() => {
  rmSync(root, { recursive: true })
})

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function messages(violations: readonly Violation[]): string[] {
  return violations.map(({ path, line, message }) => `${path}:${line} ${message}`)
}

describe('import table', () => {
  test.each([
    ['base/a.ts', "import { b } from '../protocol/b.ts'", 'protocol/b.ts'],
    ['base/a.ts', "import type { B } from '../protocol/b.ts'", 'protocol/b.ts'],
    ['strategies/a.ts', "export { b } from '../engine/b.ts'", 'engine/b.ts'],
    ['strategies/a.ts', "type B = import('../feeds/b.ts').B", 'feeds/b.ts'],
    ['engine/desk/a.ts', "import { b } from '../../exchange-sim/b.ts'", 'exchange-sim/b.ts'],
    ['engine/desk/a.ts', "import { b } from '../core/b.ts'", 'engine/core/b.ts'],
    ['ops/a.ts', "const b = await import('../bench/b.ts')", 'bench/b.ts'],
    ['engine/core/a.ts', "import { b } from '../io/b.ts'", 'engine/io/b.ts'],
  ])('%s: %s is refused', (path, line, target) => {
    plant(path, `// A.\n${line}\n`)
    plant(target, '// B.\nexport type B = 1\nexport const b = 1\n')
    expect(messages(checkImports(readSources(root)))).toEqual([expect.stringContaining(`${path}:2 `)])
  })

  test.each([
    ['engine/core/a.ts', "import { b } from '../../exchange-sim/b.ts'", 'exchange-sim/b.ts'],
    ['engine/io/a.ts', "import { b } from '../core/b.ts'", 'engine/core/b.ts'],
    ['engine/a.ts', "import { b } from './desk/b.ts'", 'engine/desk/b.ts'],
    ['ops/a.ts', "import { b } from '../engine/io/b.ts'", 'engine/io/b.ts'],
    ['base/a.ts', "// import { b } from '../protocol/b.ts'", 'protocol/b.ts'],
  ])('%s: %s is allowed', (path, line, target) => {
    plant(path, `// A.\n${line}\n`)
    plant(target, '// B.\nexport const b = 1\n')
    expect(messages(checkImports(readSources(root)))).toEqual([])
  })

  test.each([
    ['engine/core/a.ts', 'node:fs'],
    ['feeds/a.ts', 'zod'],
    ['base/a.ts', 'flatbuffers'],
    ['ops/a.ts', 'nats'],
  ])('%s may not import %s', (path, name) => {
    plant(path, `// A.\nimport * as b from '${name}'\n`)
    expect(checkImports(readSources(root))).toHaveLength(1)
  })

  test('a file that is not there is missed', () => {
    plant('base/a.ts', "// A.\nimport { b } from './gone.ts'\n")
    expect(messages(checkImports(readSources(root)))).toEqual([
      'base/a.ts:2 imports base/gone.ts, which does not exist',
    ])
  })
})

describe('purity', () => {
  test.each([
    'const now = Date.now()',
    'const now = performance.now()',
    'setTimeout(() => {}, 1)',
    'const x = Math.random()',
    "const x = Math['random']()",
    'const pid = process.pid',
    'let later: Promise<void>',
    'async function f() {}',
    'const f = async () => {}',
    'const id = crypto.randomUUID()',
    'const here = import.meta.url',
    "const lazy = import('./b.ts')",
    'console.log(1)',
    'const x = { process }',
    'const x = Math.exp(1)',
  ])('engine/core: %s is refused', (line) => {
    plant('engine/core/a.ts', `// A.\n${line}\n`)
    expect(checkPurity(readSources(root)).length).toBeGreaterThan(0)
  })

  test.each([
    'const x = order.process',
    'const x = { process: 1 }',
    'const x = Math.floor(Math.PI)',
    "const x = 'Date.now()'",
    'type T = { Date: number }',
  ])('engine/core: %s is allowed', (line) => {
    plant('engine/core/a.ts', `// A.\n${line}\n`)
    expect(messages(checkPurity(readSources(root)))).toEqual([])
  })

  test('io/, ops/, bench/ and test/ are free, and so is inexact mathematics where nothing is replicated', () => {
    for (const path of ['engine/io/a.ts', 'ops/a.ts', 'bench/a.ts', 'test/a.ts']) plant(path, '// A.\nDate.now()\n')
    plant('strategies/a.ts', '// A.\nMath.exp(1)\n')
    plant('exchange-sim/order-flow/a.ts', '// A.\nMath.exp(1)\n')
    expect(messages(checkPurity(readSources(root)))).toEqual([])
  })
})

describe('tidiness', () => {
  test.each([
    ['a file without a header', 'base/a.ts', 'export const a = 1\n'],
    ['a default export', 'base/a.ts', '// A.\nexport default 1\n'],
    ['a barrel', 'base/a.ts', "// A.\nexport * from './b.ts'\n"],
    ['a banned name', 'base/a.ts', `// A.\nexport const queue${'Manager'} = 1\n`],
    ['a banned file name', `base/${'util'}s.ts`, '// A.\n'],
    ['a long function', 'base/a.ts', `// A.\nexport function f() {\n${'f()\n'.repeat(70)}}\n`],
    ['a test that is left out', 'test/a.test.ts', `// A.\ntest.${'only'}('x', () => {})\n`],
  ])('%s is found', (_name, path, text) => {
    plant(path, text)
    expect(checkSources(readSources(root))).toHaveLength(1)
  })

  test.each([
    ['a leftover note', `// ${'TO'}${'DO'}: later\n`],
    ['a machine path', `// see ${'/ho'}me/somebody\n`],
    ['a long file', '// A.\n'.repeat(601)],
  ])('%s is found', (_name, text) => {
    plant('base/a.ts', text)
    expect(checkTexts(root)).toHaveLength(1)
  })

  test('a lockfile that names a host, or lacks an optional package, is found', () => {
    const packages = {
      '': { optionalDependencies: { there: '1.0.0', gone: '1.0.0' } },
      'node_modules/there': { resolved: 'https://registry.invalid/there.tgz' },
      'node_modules/other': { optionalDependencies: { there: '1.0.0' } },
    }
    plant('package-lock.json', JSON.stringify({ packages }))
    expect(messages(checkLockfile(root, 'package-lock.json'))).toEqual([
      'package-lock.json:1 the project may need gone, which has no entry',
      'package-lock.json:1 node_modules/there names a host: https://registry.invalid/there.tgz',
    ])
  })

  test('no files, no verdict: an empty tree has no sources', () => {
    expect(readSources(root)).toEqual([])
  })
})
