// Documents name only what there is: commands and their flags, subjects, queries, endpoints and files.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { beforeAll, expect, test } from 'vitest'
import { QUERY_NAMES } from '../../engine/io/engine-queries.ts'
import { Subjects } from '../../protocol/subjects.ts'

const root = join(import.meta.dirname, '../..')
const documents = ['README.md', 'CONTRIBUTING.md', ...markdownIn('docs'), ...markdownIn('deploy')]
/** Flags of each verb, its subcommands' among them. */
const flags = new Map<string, Set<string>>()

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
}

function textOf(document: string): string {
  return readFileSync(join(root, document), 'utf8')
}

function optionsOf(command: Command): string[] {
  const own = command.options.flatMap(({ long, short }) => [long ?? '', short ?? ''])
  return [...own, ...command.commands.flatMap(optionsOf)]
}

beforeAll(async () => {
  const folder = join(root, 'ops/cli')
  const main = textOf('ops/cli/main.ts')
  for (const [, file = '', register = ''] of main.matchAll(/import\('\.\/([a-z-]+\.ts)'\)\)\.(register\w+)/g)) {
    const program = new Command()
    const module = (await import(join(folder, file))) as Record<string, (program: Command) => void>
    module[register]?.(program)
    for (const command of program.commands) flags.set(command.name(), new Set(optionsOf(command)))
  }
}, 120_000)

/** The commands that a document tells one to type: verb, and what follows it. */
function commandsIn(text: string): [verb: string, rest: string][] {
  return [...text.matchAll(/(?:\.\/tandem|`tandem) ([a-z][a-z-]*)([^\n`#|;]*)/g)].map(([, verb = '', rest = '']) => [
    verb,
    rest.split(/ {3,}/)[0] ?? '',
  ])
}

test('every verb and every flag in the documents exists', () => {
  let count = 0
  const wrong: string[] = []
  for (const document of documents) {
    for (const [verb, rest] of commandsIn(textOf(document))) {
      if (verb === 'test' || verb === 'help') continue
      count += 1
      const known = flags.get(verb)
      if (known === undefined) wrong.push(`${document}: tandem ${verb}`)
      for (const [flag] of rest.matchAll(/(?<=\s)--[a-z][a-z-]*/g)) {
        if (flag !== '--help' && known?.has(flag) === false) wrong.push(`${document}: tandem ${verb} ${flag}`)
      }
    }
  }
  expect(wrong).toEqual([])
  expect(count).toBeGreaterThan(40)
})

test('every subject and query in docs/protocol.md exists', () => {
  const text = textOf('docs/protocol.md')
  const subjects = new Subjects('x')
  const known = [
    ...[subjects.commands(1), subjects.executions(1), subjects.marketData('A', 'l1'), subjects.positions('A')],
    ...[subjects.desk('A'), subjects.processStatus('r', 'i'), subjects.query('q'), subjects.rehearsal('i')],
    ...[subjects.proof(1), subjects.resend(1), subjects.handOver()],
  ].map((subject) => subject.split('.')[2])
  const named = [...text.matchAll(/tandem\.(?:<[a-zA-Z]+>|\{[a-zA-Z]+\})\.([a-z-]+)/g)].map(([, word = '']) => word)
  expect(named.filter((word) => !known.includes(word))).toEqual([])
  const queries = [...text.matchAll(/`query\.([a-z-]+)/g)].map(([, word = '']) => word)
  expect(queries.filter((word) => !QUERY_NAMES.includes(word))).toEqual([])
})

test('every endpoint in the documents is in the reference, which is written from what is served', () => {
  const served = new Set(
    [...textOf('docs/api/http.md').matchAll(/^### `([A-Z]+ \/[^\s`]*)`$/gm)].map(([, endpoint]) => endpoint),
  )
  expect(served.size).toBeGreaterThan(15)
  const named = documents.flatMap((document) =>
    [...textOf(document).matchAll(/(?:GET|PUT|POST|DELETE) \/[^\s`?.,|)]*/g)].map(([endpoint]) => ({
      document,
      endpoint,
    })),
  )
  const described = new Set(['GET /docs'])
  expect(named.filter(({ endpoint }) => !served.has(endpoint) && !described.has(endpoint))).toEqual([])
  const told = named.filter(({ document }) => document === 'docs/api.md').map(({ endpoint }) => endpoint)
  expect([...served].filter((endpoint) => !told.includes(endpoint ?? ''))).toEqual(['GET /positions/{symbol}'])
})

test('every link between documents leads somewhere', () => {
  const broken = documents.flatMap((document) =>
    [...textOf(document).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(root, dirname(document), target)))
      .map((target) => `${document}: ${target}`),
  )
  expect(broken).toEqual([])
})
