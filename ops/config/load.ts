// Reads a configuration file: YAML in, a checked configuration out, or an error that names file, line, key and remedy.

import { readFileSync } from 'node:fs'
import { LineCounter, type Node, parseDocument } from 'yaml'
import type { z } from 'zod'
import { UserError } from '../cli/output.ts'
import { configSchema, type TandemConfig, type TandemConfigInput } from './schema.ts'

const FILE_SIZE_MAX = 1024 * 1024

export function loadConfig(path: string): TandemConfig {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new UserError(
      `the configuration ${path} cannot be read (${code})`,
      code === 'ENOENT' ? 'Check the name given to --config, or leave it out to run with the defaults.' : undefined,
      { cause: error },
    )
  }
  return parseConfig(text, path)
}

export function defaultConfig(): TandemConfig {
  return configSchema.parse({})
}

/** Checks a configuration that was put together by a program. */
export function checkConfig(config: TandemConfigInput, name: string): TandemConfig {
  const parsed = configSchema.safeParse(config)
  if (parsed.success) return parsed.data
  const complaints = parsed.error.issues.map((issue) => `${name}: ${keyName(issue.path)}${describeIssue(issue)}`)
  throw new UserError(complaints.join('\n  '))
}

/** `name` is what errors call the text. */
export function parseConfig(text: string, name: string): TandemConfig {
  if (text.length > FILE_SIZE_MAX) throw new UserError(`${name} is longer than ${FILE_SIZE_MAX} characters`)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, logLevel: 'error' })
  const syntax = document.errors[0]
  if (syntax !== undefined) {
    throw new UserError(`${name}:${lines.linePos(syntax.pos[0]).line}: ${syntax.message}`, 'It must be valid YAML.')
  }
  // An empty file, or one of comments alone, means the defaults.
  const parsed = configSchema.safeParse(contentOf(document, name) ?? {})
  if (parsed.success) return parsed.data
  const complaints = parsed.error.issues.map((issue) => {
    const node = nodeAt(document, issue.path)
    const line = node?.range ? lines.linePos(node.range[0]).line : 1
    return `${name}:${line}: ${keyName(issue.path)}${describeIssue(issue)}`
  })
  throw new UserError(complaints.join('\n  '), './tandem config schema prints what a configuration may say.')
}

/** What the document says. Aliases that name nothing, or that unfold to very much, show only here. */
function contentOf(document: ReturnType<typeof parseDocument>, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    throw new UserError(`${name}: ${cause}`, 'It must be valid YAML.', { cause: error })
  }
}

/** The node that an issue is about, or the nearest above it that is there. */
function nodeAt(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): Node | undefined {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null && 'range' in node) return node as Node
  }
  return document.contents ?? undefined
}

function keyName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return ''
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
  return `${text.replace(/^\./, '')}: `
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown key ${issue.keys.join(', ')}`
  return issue.message
}
