// What a person would nag about in a review, found by reading the text: lengths, leftovers, names, headers, lockfiles.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isNode, lineAt, listFiles, type SourceFile, type SyntaxNode, type Violation, walk } from './source-tree.ts'

const FILE_LINE_COUNT_MAX = 600
const FUNCTION_LINE_COUNT_MAX = 70

/** What must not be in any text of the project. The patterns are written so that this file does not match itself. */
const LEFTOVERS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:TO[D]O|FIX[M]E|X[X]X)\b/, 'a leftover note: do it, or write it down where it is planned'],
  [/\/(?:work|home|root|Users)\/[a-z]/i, "a path of somebody's machine"],
  [/\/tmp\/[a-z]/i, "a path of somebody's machine: use the system's temporary folder"],
  [/\bis[s]ue #?\d/i, 'a reference that means nothing to a reader of the project'],
  [/\b(?:debugge[r]);?$/m, 'a leftover of debugging'],
]

/** Tests that run only sometimes. `skipIf` says why, so it is allowed. */
const PARTIAL_TESTS = /\.(?:only|skip|todo)\(/

/** Words that the glossary replaced, as parts of names. */
const BANNED_WORDS = /(?:^|[a-z])(?:[Mm]aster|[Ss]lave|[Ll]eader|[Ff]ollower|[Mm]anager|[Hh]elper|[Uu]tils?)(?:$|[A-Z])/
const BANNED_FILE_NAMES = /(?:^|\/)(?:utils?|helpers?|common|misc|index|manager)\.tsx?$/

export function checkTexts(root: string): Violation[] {
  const endings = ['.ts', '.tsx', '.mjs', '.md', '.yaml', '.yml', '.sh', '.json', '.fbs', '.css', '.html']
  const paths = listFiles(root, '', endings).filter((path) => !path.endsWith('package-lock.json'))
  return paths.flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    const lineCount = text.split('\n').length - 1
    const found: Violation[] = LEFTOVERS.flatMap(([pattern, message]) => {
      const at = text.search(pattern)
      return at === -1 ? [] : [{ path, line: lineAt(text, at), message }]
    })
    if (/\.(?:ts|tsx|mjs)$/.test(path) && lineCount > FILE_LINE_COUNT_MAX) {
      found.push({ path, line: lineCount, message: `has ${lineCount} lines, more than ${FILE_LINE_COUNT_MAX}` })
    }
    return found
  })
}

export function checkSources(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => [...checkHeader(file), ...checkNames(file), ...checkShape(file)])
}

function checkHeader({ path, text }: SourceFile): Violation[] {
  const body = text.startsWith('#!') ? text.slice(text.indexOf('\n') + 1) : text
  if (/^\s*(?:\/\/|\/\*)/.test(body)) return []
  return [{ path, line: 1, message: "does not open with a comment that says the file's one purpose" }]
}

function checkNames({ path, text, program }: SourceFile): Violation[] {
  const found: Violation[] = []
  if (BANNED_FILE_NAMES.test(path)) found.push({ path, line: 1, message: 'has a name that says nothing' })
  const seen = new Set<string>()
  walk(program, (node, parent, key) => {
    if (node.type !== 'Identifier' || !isDeclaredName(parent, key)) return
    const name = String(node['name'])
    if (!BANNED_WORDS.test(name) || seen.has(name)) return
    seen.add(name)
    found.push({ path, line: lineAt(text, node.start), message: `declares ${name}: the glossary has another word` })
  })
  return found
}

function isDeclaredName(parent: SyntaxNode | null, key: string): boolean {
  return (key === 'id' || key === 'key' || key === 'params') && parent?.type !== 'TSTypeReference'
}

function checkShape({ path, text, program }: SourceFile): Violation[] {
  const found: Violation[] = []
  const isTest = path.startsWith('test/')
  const report = (node: SyntaxNode, message: string) => found.push({ path, line: lineAt(text, node.start), message })
  walk(program, (node) => {
    if (node.type === 'ExportDefaultDeclaration') report(node, 'exports by default: name it')
    if (node.type === 'ExportAllDeclaration') report(node, 'is a barrel: import the file that has the thing')
    if (isTest && node.type === 'CallExpression') {
      const callee = node['callee'] as SyntaxNode
      if (PARTIAL_TESTS.test(`${text.slice(callee.start, callee.end)}(`)) report(node, 'is a test that never runs')
    }
    if (!isTest && isNode(node['body']) && /Function(?:Declaration|Expression)$/.test(node.type)) {
      const lineCount = lineAt(text, node.end) - lineAt(text, node.start) + 1
      if (lineCount > FUNCTION_LINE_COUNT_MAX) {
        report(node, `is a function of ${lineCount} lines, more than ${FUNCTION_LINE_COUNT_MAX}`)
      }
    }
  })
  return found
}

type LockEntry = { readonly resolved?: string; readonly optionalDependencies?: Readonly<Record<string, string>> }

/** A lockfile that `npm ci` can install anywhere: no registry's host in it, and no optional package without its entry. */
export function checkLockfile(root: string, path: string): Violation[] {
  if (!existsSync(join(root, path))) return [{ path, line: 1, message: 'is missing' }]
  const { packages } = JSON.parse(readFileSync(join(root, path), 'utf8')) as { packages: Record<string, LockEntry> }
  return Object.entries(packages).flatMap(([name, entry]) => {
    const found: Violation[] = []
    if (entry.resolved !== undefined) found.push({ path, line: 1, message: `${name} names a host: ${entry.resolved}` })
    for (const dependency of Object.keys(entry.optionalDependencies ?? {})) {
      if (!hasEntry(packages, name, dependency)) {
        found.push({ path, line: 1, message: `${name || 'the project'} may need ${dependency}, which has no entry` })
      }
    }
    return found
  })
}

/** npm looks for a dependency beside its dependant, then in each folder above. */
function hasEntry(packages: Readonly<Record<string, LockEntry>>, dependant: string, dependency: string): boolean {
  for (let folder = dependant; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const prefix = folder === '' ? '' : `${folder}/`
    if (packages[`${prefix}node_modules/${dependency}`] !== undefined) return true
    if (folder === '') return false
    if (!folder.includes('/node_modules/')) folder = ''
  }
}
