// What a source file exports as a document: types as they are written, functions by their heads, each under its comment.

import { readFileSync } from 'node:fs'
import { parseSync } from 'vite'

type Declared = { readonly start: number; readonly end: number; readonly body?: unknown; readonly id?: unknown }

export function sourceReference(path: string): string[] {
  const text = readFileSync(path, 'utf8')
  const { program, comments, errors } = parseSync(path, text)
  if (errors[0] !== undefined) throw new Error(`${path} cannot be parsed: ${errors[0].message}`)
  return program.body.flatMap((statement) => {
    if (statement.type !== 'ExportNamedDeclaration' || statement.declaration === null) return []
    const comment = comments.find(
      ({ type, end }) => type === 'Block' && end <= statement.start && text.slice(end, statement.start).trim() === '',
    )
    const words = comment === undefined ? [] : [plain(comment.value)]
    const declared = statement.declaration as Declared
    const code = text.slice(statement.start, endOf(statement.declaration.type, declared)).trim()
    return [`### \`${nameOf(declared)}\``, ...words, `\`\`\`ts\n${code}\n\`\`\``]
  })
}

/** The comment at the head of a file, as paragraphs; what is indented in it stays as it is. */
export function headOf(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  const head = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('//')),
  )
  const paragraphs = head
    .map((line) => line.replace(/^\/\/ ?/, ''))
    .join('\n')
    .split('\n\n')
  return paragraphs.map((paragraph) => (paragraph.startsWith('  ') ? `\`\`\`text\n${paragraph}\n\`\`\`` : paragraph))
}

/** A function ends before its body. */
function endOf(type: string, declared: Declared): number {
  return type === 'FunctionDeclaration' ? (declared.body as Declared).start : declared.end
}

function nameOf({ id }: Declared): string {
  return (id as { name: string }).name
}

/** A block comment without its stars. */
function plain(comment: string): string {
  return comment.replaceAll(/^\s*\* ?/gm, '').trim()
}
