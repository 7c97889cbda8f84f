// The house rules, held against the project itself: who imports whom, what is pure, what is tidy.

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkImports, importsOf, isImpure } from './import-table.ts'
import { checkPurity } from './purity.ts'
import { describeViolations, readSources, SOURCE_FOLDERS } from './source-tree.ts'
import { checkLockfile, checkSources, checkTexts } from './tidy.ts'

const root = join(import.meta.dirname, '../..')
const files = readSources(root)

describe('the checks look at something', () => {
  test.each(SOURCE_FOLDERS)('%s has sources', (folder) => {
    expect(files.filter((file) => file.path.startsWith(`${folder}/`)).length).toBeGreaterThan(0)
  })

  test('imports and pure files are found', () => {
    expect(files.flatMap(importsOf).length).toBeGreaterThan(100)
    expect(files.filter((file) => !isImpure(file.path)).length).toBeGreaterThan(20)
  })
})

describe('the project keeps the house rules', () => {
  test('imports run one way', () => {
    expect(describeViolations(checkImports(files))).toBe('')
  })

  test('the core is pure', () => {
    expect(describeViolations(checkPurity(files))).toBe('')
  })

  test('the sources are tidy', () => {
    expect(describeViolations(checkSources(files))).toBe('')
  })

  test('the texts are tidy', () => {
    expect(describeViolations(checkTexts(root))).toBe('')
  })

  test.each(['package-lock.json', 'tools/nats-server/package-lock.json'])('%s installs anywhere', (path) => {
    expect(describeViolations(checkLockfile(root, path))).toBe('')
  })
})
