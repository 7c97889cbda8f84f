// What the project is built of, read from its two lockfiles: a bill of materials (CycloneDX 1.5, JSON) and a table of licences.
//
//   node ops/supply/bill-of-materials.ts > bill-of-materials.json
//   node ops/supply/bill-of-materials.ts --licences > docs/licences.md
//
// https://cyclonedx.org/docs/1.5/json/

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const LOCKFILES = ['package-lock.json', 'tools/nats-server/package-lock.json']

export type Component = {
  readonly name: string
  readonly version: string
  /** An SPDX expression. */
  readonly licence: string
  /** SHA-512 of the package's archive, in base 64. */
  readonly sha512: string
  /** Only needed to build and test. */
  readonly isDevelopment: boolean
}

type Entry = { version?: string; license?: string; integrity?: string; dev?: boolean }

/** Every package of both lockfiles, each version once, by name. */
export function readComponents(): readonly Component[] {
  const components = new Map<string, Component>()
  for (const path of LOCKFILES) {
    const { packages } = JSON.parse(readFileSync(join(root, path), 'utf8')) as { packages: Record<string, Entry> }
    for (const [place, { version = '', license = '', integrity = '', dev = false }] of Object.entries(packages)) {
      if (place === '') continue
      const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
      const sha512 = integrity.replace(/^sha512-/, '')
      const known = components.get(`${name}@${version}`)
      const isDevelopment = dev && known?.isDevelopment !== false
      components.set(`${name}@${version}`, { name, version, licence: license, sha512, isDevelopment })
    }
  }
  return [...components.values()].sort((one, other) =>
    `${one.name}@${one.version}` < `${other.name}@${other.version}` ? -1 : 1,
  )
}

export function billOfMaterials(components: readonly Component[]): object {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    components: components.map(({ name, version, licence, sha512, isDevelopment }) => ({
      type: 'library',
      name,
      version,
      scope: isDevelopment ? 'optional' : 'required',
      purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
      licenses: [{ expression: licence }],
      hashes: [{ alg: 'SHA-512', content: Buffer.from(sha512, 'base64').toString('hex') }],
    })),
  }
}

/** docs/licences.md. */
export function licenceTable(components: readonly Component[]): string {
  const byLicence = Map.groupBy(components, ({ licence }) => licence)
  const rows = [...byLicence]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([licence, found]) => {
      const needed = found.filter(({ isDevelopment }) => !isDevelopment)
      return `| ${licence} | ${needed.map(({ name }) => name).join(', ') || '-'} | ${found.length - needed.length} |`
    })
  return [
    '# Licences of what Tandem is built of',
    '',
    'Written by `node ops/supply/bill-of-materials.ts --licences` from the lockfiles; a test holds the two together. Tandem itself: MIT.',
    '',
    '| licence | packages that run | packages that build and test |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

if (import.meta.main) {
  const components = readComponents()
  const isTable = process.argv.includes('--licences')
  process.stdout.write(isTable ? licenceTable(components) : `${JSON.stringify(billOfMaterials(components), null, 2)}\n`)
}
