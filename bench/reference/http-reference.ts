// The gateway's endpoints as a document, from its OpenAPI description: who may ask, with what, and what comes back.

import type { Description, Operation } from './gateway-description.ts'
import { noteText, shapeLines, typeText } from './shape-text.ts'

export function httpReference({ paths, security }: Description): string[] {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      operation: { security, ...operation },
    })),
  )
  const tags = [...new Set(operations.map(({ operation }) => operation.tags[0] ?? ''))]
  const groups = tags.flatMap((tag) => [
    `## ${tag}`,
    ...operations.filter(({ operation }) => operation.tags[0] === tag).flatMap(operationParts),
  ])
  const table = operations.map(
    ({ name, operation }) => `| \`${name}\` | ${scopeText(operation)} | ${operation.summary} |`,
  )
  return [['| endpoint | scope | |', '|---|---|---|', ...table].join('\n'), problemPart(paths), ...groups]
}

function operationParts({ name, operation }: { name: string; operation: Operation }): string[] {
  const { summary, parameters = [], requestBody, responses } = operation
  const refusals = Object.keys(responses).filter((status) => isRefusal(responses[status]))
  return [
    `### \`${name}\``,
    `${summary}. Scope: ${scopeText(operation)}.`,
    ...(parameters.length === 0 ? [] : [parameterTable(parameters)]),
    ...Object.values(requestBody?.content ?? {}).map(({ schema }) => `Body:\n\n${shapeBlock(schema)}`),
    ...answerParts(responses),
    `Refusals: ${refusals.join(', ')}.`,
  ]
}

type Response = Operation['responses'][string]

function isRefusal(response: Response | undefined): boolean {
  return Object.values(response?.content ?? {}).some(({ schema }) => schema.properties?.['remedy'] !== undefined)
}

/** Statuses that are answered with the same shape are told together. */
function answerParts(responses: Operation['responses']): string[] {
  const statusesOf = new Map<string, string[]>()
  for (const [status, response] of Object.entries(responses)) {
    if (isRefusal(response)) continue
    const text = answerText(response)
    statusesOf.set(text, [...(statusesOf.get(text) ?? []), status])
  }
  return [...statusesOf].map(([text, statuses]) => `Answer ${statuses.join(', ')}:${text}`)
}

function answerText({ content = {} }: Response): string {
  const [first] = Object.entries(content)
  if (first === undefined) throw new Error('an endpoint does not say what it answers')
  const [type, { schema }] = first
  return type === 'application/json' ? `\n\n${shapeBlock(schema)}` : ` \`${type}\`.`
}

/** A token of which scope opens it, and whether nothing does as well. */
function scopeText({ security = [] }: Operation): string {
  const scopes = security.flatMap((one) => one['token'] ?? [])
  const isOpen = security.some((one) => one['token'] === undefined)
  return isOpen ? `${scopes.join(', ')}; none on loopback` : scopes.join(', ')
}

function parameterTable(parameters: NonNullable<Operation['parameters']>): string {
  const rows = parameters.map(({ name, in: place, required, schema, description }) => {
    const note = noteText(description === undefined ? schema : { ...schema, description })
    const need = required === true || schema.default !== undefined ? '' : '; may be left out'
    return `| \`${name}\` | ${place} | ${typeText(schema)} | ${note}${need} |`
  })
  return ['| parameter | in | type | |', '|---|---|---|---|', ...rows].join('\n')
}

/** Every refusal has the same shape: told once. */
function problemPart(paths: Description['paths']): string {
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods))
  const shapes = operations.flatMap(({ responses }) => Object.values(responses['401']?.content ?? {}))
  const [shape] = shapes
  if (shape === undefined) throw new Error('no endpoint says how it refuses')
  return `A refusal, \`application/problem+json\`:\n\n${shapeBlock(shape.schema)}`
}

function shapeBlock(schema: Parameters<typeof shapeLines>[0]): string {
  return ['```ts', ...shapeLines(schema), '```'].join('\n')
}
