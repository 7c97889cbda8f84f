// JSON schemas as text that people read: a field a line, its type as TypeScript writes it, what is known of it behind it.

import type { Schema } from './gateway-description.ts'

/** Lines of a shape, the first without its margin, so that it may follow a field's name. */
export function shapeLines(schema: Schema, margin = ''): string[] {
  const { shape, ending } = shapeOf(schema)
  if (shape.properties === undefined) return [typeText(schema)]
  const inner = `${margin}  `
  const fields = Object.entries(shape.properties).flatMap(([name, field]) => {
    const isRequired = shape.required?.includes(name) === true
    const [first = '', ...rest] = shapeLines(field, inner)
    const note = noteText(field)
    return [`${inner}${name}${isRequired ? '' : '?'}: ${first}${note === '' ? '' : `  // ${note}`}`, ...rest]
  })
  return ['{', ...fields, `${margin}}${ending}`]
}

/** The object that a schema is, or has in a list, or is unless it is null; and what stands behind it then. */
function shapeOf(schema: Schema): { shape: Schema; ending: string } {
  const [first, second] = schema.anyOf ?? []
  if (first?.properties !== undefined && second?.type === 'null') return { shape: first, ending: ' | null' }
  if (schema.type === 'array') return { shape: schema.items ?? {}, ending: '[]' }
  return { shape: schema, ending: '' }
}

/** A type in a line. */
export function typeText(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(' | ')
  if (schema.enum !== undefined) return schema.enum.map((word) => JSON.stringify(word)).join(' | ')
  if (schema.type === 'array') return `${typeText(schema.items ?? {})}[]`
  if (schema.type !== 'object') return [schema.type ?? 'bytes'].flat().join(' | ')
  if (schema.properties === undefined) return `{ [name: string]: ${typeText(valueOf(schema))} }`
  const fields = Object.entries(schema.properties).map(([name, field]) => `${name}: ${typeText(field)}`)
  return `{ ${fields.join('; ')} }`
}

function valueOf({ additionalProperties }: Schema): Schema {
  return typeof additionalProperties === 'object' ? additionalProperties : {}
}

/** Bounds, default and description. */
export function noteText(schema: Schema): string {
  const fallback = schema.default === undefined ? '' : `${JSON.stringify(schema.default)} when left out`
  return [boundsText(schema), fallback, schema.description ?? ''].filter((part) => part !== '').join('; ')
}

function boundsText({ minimum, maximum, minLength, maxLength }: Schema): string {
  const from = minimum === undefined || !isBound(minimum) ? undefined : minimum
  const to = maximum === undefined || !isBound(maximum) ? undefined : maximum
  if (from !== undefined && to !== undefined) return `${from} .. ${to}`
  if (from !== undefined) return `at least ${from}`
  if (to !== undefined) return `at most ${to}`
  if (maxLength === undefined) return ''
  return minLength === undefined ? `at most ${maxLength} characters` : `${minLength} .. ${maxLength} characters`
}

/** The ends of what a number holds exactly bound nothing. */
function isBound(value: number): boolean {
  return Math.abs(value) !== Number.MAX_SAFE_INTEGER
}
