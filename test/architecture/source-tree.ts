// Reads a tree of sources for the checks of this folder: which files there are, and the syntax tree of each.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'vite'

/** A node of the syntax tree (ESTree with TypeScript), as far as the checks look at it. */
export type SyntaxNode = { readonly type: string; readonly start: number; readonly end: number; [key: string]: unknown }

export type SourceFile = {
  /** Relative to the root, with forward slashes: engine/core/core.ts */
  readonly path: string
  readonly text: string
  readonly program: SyntaxNode
}

export type Violation = { readonly path: string; readonly line: number; readonly message: string }

/** The folders that hold source, in the order in which imports run. */
export const SOURCE_FOLDERS = [
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
  'test',
] as const

const IGNORED_FOLDERS = new Set(['node_modules', 'dist', 'generated', 'coverage', 'var', '.git'])

/** Paths below `root/folder`, relative to the root, whose name ends with one of `endings`. */
export function listFiles(root: string, folder: string, endings: readonly string[]): string[] {
  const top = join(root, folder)
  if (!existsSync(top)) return []
  const found: string[] = []
  for (const entry of readdirSync(top, { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (!IGNORED_FOLDERS.has(entry.name)) found.push(...listFiles(root, path, endings))
    } else if (endings.some((ending) => entry.name.endsWith(ending))) {
      found.push(path)
    }
  }
  return found.sort()
}

export function readSources(root: string): SourceFile[] {
  return SOURCE_FOLDERS.flatMap((folder) => listFiles(root, folder, ['.ts', '.tsx'])).map((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    return { path, text, program: parse(path, text) }
  })
}

function parse(path: string, text: string): SyntaxNode {
  const { program, errors } = parseSync(path, text)
  const first = errors[0]
  if (first !== undefined) throw new Error(`${path} cannot be parsed: ${first.message}`)
  return program as unknown as SyntaxNode
}

/** Calls `visit` for each node, parents before children; `key` is the field of the parent that holds the node. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, parent: SyntaxNode | null, key: string) => void,
  parent: SyntaxNode | null = null,
  key = '',
): void {
  visit(node, parent, key)
  for (const [field, value] of Object.entries(node)) {
    const children = Array.isArray(value) ? value : [value]
    for (const child of children) if (isNode(child)) walk(child, visit, node, field)
  }
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

export function describeViolations(violations: readonly Violation[]): string {
  return violations.map(({ path, line, message }) => `${path}:${line}  ${message}`).join('\n')
}
