// The rule of the core: no clock, no timer, no randomness, no promise, no platform, and no inexact mathematics where
// replicas must agree to the last bit.

import { isImpure } from './import-table.ts'
import { lineAt, type SourceFile, type SyntaxNode, type Violation, walk } from './source-tree.ts'

/** Names of the platform that a pure file may not mention, as values or as types. */
const FORBIDDEN_NAMES = new Set([
  ...['Date', 'performance', 'Temporal', 'Intl'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask'],
  ...['Promise', 'PromiseLike', 'AsyncIterable', 'AsyncGenerator', 'AsyncIterator'],
  ...['process', 'Buffer', 'globalThis', 'global', 'console', 'require', 'module', 'NodeJS'],
  ...['crypto', 'fetch', 'WebSocket', 'Worker', 'MessageChannel', 'EventTarget', 'EventEmitter', 'AbortController'],
  ...['WeakRef', 'FinalizationRegistry', 'eval', 'window', 'document', 'localStorage'],
])

/** Folders whose results every replica must share: only the functions of Math that IEEE 754 defines exactly. */
const REPLICATED = ['engine/', 'exchange-sim/', 'protocol/']
/** Generators of external orders run in one process alone; their draws reach the replicas as commands. */
const NOT_REPLICATED = ['exchange-sim/order-flow/']
const EXACT_MATH = new Set('abs ceil clz32 floor fround imul max min round sign sqrt trunc'.split(' '))

export function checkPurity(files: readonly SourceFile[]): Violation[] {
  return files.filter((file) => !isImpure(file.path)).flatMap(checkFile)
}

function checkFile(file: SourceFile): Violation[] {
  const replicated =
    REPLICATED.some((folder) => file.path.startsWith(folder)) &&
    !NOT_REPLICATED.some((folder) => file.path.startsWith(folder))
  const found: Violation[] = []
  walk(file.program, (node, parent, key) => {
    const message = checkNode(node, parent, key, replicated)
    if (message !== undefined) found.push({ path: file.path, line: lineAt(file.text, node.start), message })
  })
  return found
}

function checkNode(node: SyntaxNode, parent: SyntaxNode | null, key: string, replicated: boolean): string | undefined {
  switch (node.type) {
    case 'Identifier': {
      const name = String(node['name'])
      if (!FORBIDDEN_NAMES.has(name) || isMemberName(parent, key)) return undefined
      return `is pure and mentions ${name}`
    }
    case 'MemberExpression':
      return checkMath(node, replicated)
    case 'AwaitExpression':
      return 'is pure and awaits'
    case 'ImportExpression':
      return 'is pure and imports at run time'
    case 'MetaProperty':
      return (node['meta'] as SyntaxNode)['name'] === 'import' ? 'is pure and reads import.meta' : undefined
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return node['async'] === true ? 'is pure and has an async function' : undefined
    default:
      return undefined
  }
}

/** `order.process` and `{ process: 1 }` name a member, not the platform's object. */
function isMemberName(parent: SyntaxNode | null, key: string): boolean {
  if (parent === null || parent['computed'] === true) return false
  if (parent.type === 'MemberExpression') return key === 'property'
  if (parent.type === 'TSQualifiedName') return key === 'right'
  return key === 'key' && parent['shorthand'] !== true
}

function checkMath(node: SyntaxNode, replicated: boolean): string | undefined {
  const target = node['object'] as SyntaxNode
  const member = node['property'] as SyntaxNode
  if (target.type !== 'Identifier' || target['name'] !== 'Math') return undefined
  const name = String(member['name'] ?? member['value'])
  if (name === 'random') return 'is pure and calls Math.random; take a Prng instead'
  if (replicated && !EXACT_MATH.has(name) && /^[a-z]/.test(name)) {
    return `uses Math.${name}, which is not exact: replicas could differ`
  }
  return undefined
}
