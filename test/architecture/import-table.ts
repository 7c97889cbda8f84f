// The rule of the house: which folder may import which, and that imports name files that are there.

import { posix } from 'node:path'
import { lineAt, type SourceFile, type SyntaxNode, type Violation, walk } from './source-tree.ts'

/** Folder -> the folders that it may import. A folder may always import itself. The longest matching name counts. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  base: [],
  protocol: ['base'],
  'exchange-sim': ['base', 'protocol'],
  strategies: ['base', 'protocol'],
  feeds: ['base', 'protocol'],
  'engine/desk': ['base', 'protocol'],
  'engine/journal': ['base', 'protocol'],
  'engine/core': ['base', 'protocol', 'exchange-sim', 'engine/desk'],
  'engine/replication': ['base', 'protocol', 'engine/core', 'engine/journal'],
  engine: ['base', 'protocol', 'exchange-sim'],
  simulator: ['base', 'protocol', 'exchange-sim', 'strategies', 'engine'],
  backtest: ['base', 'protocol', 'exchange-sim', 'feeds', 'strategies'],
  ops: ['base', 'protocol', 'exchange-sim', 'strategies', 'feeds', 'engine', 'simulator', 'backtest'],
  // The command line lists every verb, and `bench` is one of them.
  'ops/cli': [
    'base',
    'protocol',
    'exchange-sim',
    'strategies',
    'feeds',
    'engine',
    'simulator',
    'backtest',
    'ops',
    'bench',
  ],
  bench: ['base', 'protocol', 'exchange-sim', 'strategies', 'feeds', 'engine', 'backtest', 'ops'],
  test: ['base', 'protocol', 'exchange-sim', 'strategies', 'feeds', 'engine', 'simulator', 'backtest', 'ops', 'bench'],
}

/** npm packages that pure files may use, by folder. */
const PURE_PACKAGES: Readonly<Record<string, readonly string[]>> = { protocol: ['flatbuffers'] }

/** Packages behind a contract of ours: only these folders may name them. */
const GUARDED_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  nats: ['protocol/io/', 'engine/io/'],
}

export type Import = { readonly specifier: string; readonly offset: number }

/** Files that may touch the platform: node:*, npm packages, clocks, timers, randomness, promises. */
export function isImpure(path: string): boolean {
  return path.includes('/io/') || /^(ops|bench|test)\//.test(path)
}

/** Every module that a file names: imports, type imports, re-exports, import types and dynamic imports. */
export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = []
  walk(file.program, (node) => {
    const source = sourceOf(node)
    if (source !== undefined) found.push({ specifier: String(source['value']), offset: source.start })
  })
  return found
}

function sourceOf(node: SyntaxNode): SyntaxNode | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression':
    case 'TSImportType': {
      const source = node['source'] as SyntaxNode | null | undefined
      return source?.type === 'Literal' ? source : undefined
    }
    default:
      return undefined
  }
}

export function checkImports(files: readonly SourceFile[]): Violation[] {
  const known = new Set(files.map((file) => file.path))
  return files.flatMap((file) =>
    importsOf(file).flatMap(({ specifier, offset }) => {
      const message = specifier.startsWith('.')
        ? checkRelative(file.path, specifier, known)
        : checkPackage(file.path, specifier)
      return message === undefined ? [] : [{ path: file.path, line: lineAt(file.text, offset), message }]
    }),
  )
}

function checkRelative(path: string, specifier: string, known: ReadonlySet<string>): string | undefined {
  const target = posix.normalize(posix.join(posix.dirname(path), specifier))
  if (target.startsWith('..')) return `imports ${specifier}, which is outside the project`
  if (/\.(ts|tsx)$/.test(target) && !target.includes('/generated/') && !known.has(target)) {
    return `imports ${target}, which does not exist`
  }
  if (!isImpure(path) && isImpure(target)) return `is pure and imports ${target}, which is not`
  const from = folderOf(path)
  const to = folderOf(target)
  if (from === undefined || to === undefined) return undefined
  const allowed = TABLE[from] ?? []
  // What is below a folder may be imported by those who may import the folder, and by the folder's own top and io/.
  const inside = to === from || to.startsWith(`${from}/`)
  const listed = allowed.some((name) => to === name || to.startsWith(`${name}/`))
  if (inside || listed) return undefined
  return `${from} may not import ${to} (${target}); it may import ${allowed.join(', ') || 'nothing else'}`
}

function checkPackage(path: string, specifier: string): string | undefined {
  const name = specifier.startsWith('@') ? specifier.split('/', 2).join('/') : (specifier.split('/')[0] ?? specifier)
  const guarded = GUARDED_PACKAGES[name]
  if (guarded !== undefined && !guarded.some((folder) => path.startsWith(folder))) {
    return `imports ${name}, which only ${guarded.join(' and ')} may name`
  }
  if (isImpure(path)) return undefined
  if (PURE_PACKAGES[path.split('/')[0] ?? '']?.includes(name) === true) return undefined
  return `is pure and imports ${specifier}`
}

function folderOf(path: string): string | undefined {
  const names = Object.keys(TABLE).filter((name) => path.startsWith(`${name}/`))
  return names.sort((a, b) => b.length - a.length)[0]
}
