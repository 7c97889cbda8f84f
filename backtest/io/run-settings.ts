// The configuration of a backtest: YAML in, checked settings out, or an error that names file, line, key and remedy.

import { readFileSync } from 'node:fs'
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { InputFileError } from '../../feeds/io/input-file.ts'
import { QUEUE_MODEL_NAMES, queueModelOf } from '../replay/queue-model.ts'

/** How a strategy's answer goes to the exchange in mode exchange: as orders, or as the live node's quote. */
export const ENTRIES = ['orders', 'quotes'] as const
export const FILL_RULES = ['whole', 'partial', 'partial-compatible'] as const

const number = z.number({ error: 'a number is needed' })
const notNegative = number.min(0, 'a number of 0 or more is needed')
const positive = number.positive('a number above 0 is needed')

const latency = z.union(
  [
    z.strictObject({ entryMs: notNegative, responseMs: notNegative }),
    z.strictObject({ table: z.string() }),
    z.strictObject({
      feed: z.strictObject({
        entryFactor: notNegative.default(4),
        entryOffsetMs: notNegative.default(1),
        responseFactor: notNegative.default(3),
        responseOffsetMs: notNegative.default(0.5),
        resampleMs: positive.default(1_000),
      }),
    }),
  ],
  { error: 'one of {entryMs, responseMs}, {table: FILE}, {feed: {}} is needed' },
)

const fees = z.strictObject({
  basis: z.enum(['value', 'quantity', 'flat'], { error: 'value, quantity or flat is needed' }).default('value'),
  maker: number.default(0),
  taker: number.default(0),
  buyerExtra: number.default(0),
  sellerExtra: number.default(0),
})

const contract = z.strictObject({ size: positive.default(1), isInverse: z.boolean().default(false) })

const queueModel = z.string().refine((name) => queueModelOf(name) !== null, {
  error: `a queue model is needed: ${QUEUE_MODEL_NAMES.join(', ')} (powers other than 3 work too)`,
})

/** What may differ by symbol. */
const perSymbol = {
  parameters: z.record(z.string(), z.number({ error: 'a parameter is a number' })).optional(),
  queueModel: queueModel.optional(),
  latency: latency.optional(),
  fills: z.enum(FILL_RULES, { error: `one of ${FILL_RULES.join(', ')} is needed` }).optional(),
  fees: fees.optional(),
  contract: contract.optional(),
  positionLimitLots: positive.optional(),
}

const settingsSchema = z.strictObject({
  strategy: z.string().optional(),
  mode: z.enum(['replay', 'exchange'], { error: 'replay or exchange is needed' }).optional(),
  entry: z.enum(ENTRIES, { error: 'orders or quotes is needed' }).optional(),
  ...perSymbol,
  /** How often the strategy may look and act. */
  stepMs: positive.default(10),
  /** Distance of the samples of equity and position. */
  sampleMs: positive.default(1_000),
  daysPerYear: positive.default(365),
  symbols: z.record(z.string(), z.strictObject(perSymbol)).default({}),
})

export type BacktestSettings = z.infer<typeof settingsSchema>
export type LatencySettings = z.infer<typeof latency>
export type SymbolSettings = {
  readonly parameters: Readonly<Record<string, number>>
  readonly queueModel: string
  readonly latency: LatencySettings
  readonly fills: (typeof FILL_RULES)[number]
  readonly fees: z.infer<typeof fees>
  readonly contract: z.infer<typeof contract>
  readonly positionLimitLots: number
}

const DEFAULT_LATENCY: LatencySettings = { entryMs: 10, responseMs: 10 }

export function defaultSettings(): BacktestSettings {
  return settingsSchema.parse({})
}

export function loadSettings(path: string): BacktestSettings {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new InputFileError(`${path}: the configuration cannot be read (${code})\n  Check the name after --config.`, {
      cause: error,
    })
  }
  return parseSettings(text, path)
}

export function parseSettings(text: string, name: string): BacktestSettings {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const fault = document.errors[0]
  if (fault !== undefined) {
    throw new InputFileError(`${name}:${lines.linePos(fault.pos[0]).line}: ${fault.message}\n  It must be valid YAML.`)
  }
  const parsed = settingsSchema.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {})
  if (parsed.success) return parsed.data
  const complaints = parsed.error.issues.map((issue) => {
    const line = lines.linePos(placeOf(document, issue)).line
    const key = issue.path.map(String).join('.')
    const what = issue.code === 'unrecognized_keys' ? `unknown key ${issue.keys.join(', ')}` : issue.message
    return `${name}:${line}: ${key === '' ? '' : `${key}: `}${what}`
  })
  throw new InputFileError(`${complaints.join('\n  ')}\n  docs/backtest.md lists what a configuration may say.`)
}

/** Where in the text the complaint is about. */
function placeOf(document: Document, issue: z.core.$ZodIssue): number {
  const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const holder = issue.path.length === 0 ? document.contents : document.getIn(issue.path, true)
  if (unknownKey !== undefined && isMap(holder)) {
    const pair = holder.items.find(({ key }) => isScalar(key) && key.value === unknownKey)
    if (isScalar(pair?.key)) return pair.key.range?.[0] ?? 0
  }
  for (let length = issue.path.length; length > 0; length--) {
    const node = document.getIn(issue.path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

/** What holds for a symbol: its own settings before those of all, and defaults. */
export function settingsOf(settings: BacktestSettings, symbol: string): SymbolSettings {
  const own = settings.symbols[symbol] ?? {}
  return {
    parameters: { ...settings.parameters, ...own.parameters },
    queueModel: own.queueModel ?? settings.queueModel ?? 'PowerProb3.0',
    latency: own.latency ?? settings.latency ?? DEFAULT_LATENCY,
    fills: own.fills ?? settings.fills ?? 'partial',
    fees: own.fees ?? settings.fees ?? fees.parse({}),
    contract: own.contract ?? settings.contract ?? contract.parse({}),
    positionLimitLots: own.positionLimitLots ?? settings.positionLimitLots ?? Number.POSITIVE_INFINITY,
  }
}

/** From a command line: 10/10 (milliseconds), feed, or the name of a file with a recorded table. Null: none of them. */
export function parseLatency(text: string): LatencySettings | null {
  const match = /^(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(text)
  if (match !== null) return { entryMs: Number(match[1]), responseMs: Number(match[2]) }
  if (text === 'feed') return latency.parse({ feed: {} })
  const file = /^table:(.+)$/.exec(text)
  return file === null ? null : { table: file[1]! }
}
