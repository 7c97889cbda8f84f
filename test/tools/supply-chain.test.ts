// What is installed is what the repository names: exact versions, a checksum for each package, and no code of theirs run
// by the installation.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

type Entry = { readonly integrity?: string; readonly hasInstallScript?: boolean }
type Lock = { readonly packages: Readonly<Record<string, Entry>> }

function read(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}

test.each(['package.json', 'tools/nats-server/package.json'])('%s names exact versions', (path) => {
  const manifest = read(path) as Record<string, Record<string, string> | undefined>
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies']
  const versions = kinds.flatMap((kind) => Object.entries(manifest[kind] ?? {}))
  expect(versions.length).toBeGreaterThan(0)
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
})

test.each(['package-lock.json', 'tools/nats-server/package-lock.json'])(
  '%s has a checksum for each package',
  (path) => {
    const packages = Object.entries((read(path) as Lock).packages).filter(([name]) => name !== '')
    expect(packages.length).toBeGreaterThan(0)
    expect(packages.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true)).toEqual([])
    expect(packages.filter(([, { hasInstallScript }]) => hasInstallScript === true)).toEqual([])
  },
)
