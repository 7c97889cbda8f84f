// What a cluster's configuration file may say, its defaults, and what is wrong with a value, in words.

import { z } from 'zod'
import { DecimalError, isStepSize, ticksOf } from '../../protocol/io/decimal.ts'
import { TradingPhase } from '../../protocol/kinds.ts'
import { EXPOSURE_LOTS_DEFAULT, QUANTITY_LOTS_MAX, SYMBOL_COUNT_MAX } from '../../protocol/limits.ts'
import { STRATEGY_KINDS } from '../../strategies/catalogue.ts'
import { MODEL_NAMES } from '../flow/order-models.ts'

const positiveDecimal = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine(isStepSize, 'must be a positive decimal such as "0.01"')

const symbolName = z.string().regex(/^[A-Z0-9._-]{1,16}$/, 'must be 1 to 16 characters of A-Z, 0-9, ".", "-" and "_"')

const port = z.number().int().min(0).max(65_535)

const phaseTime = z.strictObject({
  atMs: z.number().int().min(0).describe('When it begins: milliseconds after the start of the journal.'),
  phase: z.enum(Object.keys(TradingPhase) as (keyof typeof TradingPhase)[]).describe('The phase that begins.'),
})

const basisPoints = z.number().int().min(0).max(10_000).default(0)

const priceBand = z.strictObject({
  staticBasisPoints: basisPoints.describe('Reach around the price of the last auction. 0: no such bound.'),
  dynamicBasisPoints: basisPoints.describe('Reach around the reference price. 0: no such bound.'),
  auctionMs: z.number().int().min(1).max(3_600_000).default(10_000).describe('How long the auction lasts.'),
})

const lots = z.number().int().min(1).max(QUANTITY_LOTS_MAX).optional()

const tickTableEntry = z.strictObject({
  from: positiveDecimal.describe('From this price on, a whole number of ticks.'),
  step: positiveDecimal.describe('Prices are multiples of this, a whole number of ticks.'),
})

const count = z.number().int().min(0).max(QUANTITY_LOTS_MAX).default(0)

const quoteProtection = z.strictObject({
  windowMs: z.number().int().min(1).max(3_600_000).default(1_000).describe('How long fills add up.'),
  quantityLots: count.describe('Pull the quote when so many lots of it have traded. 0: no such bound.'),
  fillCount: count.describe('Pull it after so many fills. 0: no such bound.'),
  percent: z
    .number()
    .int()
    .min(0)
    .max(100)
    .default(0)
    .describe('Pull it when this part of it has traded. 0: no bound.'),
})

const milliTicks = z.number().int().min(-1_000_000).max(1_000_000).default(0)

const fees = z.strictObject({
  makerMilliTicks: milliTicks.describe(
    'Per lot of a fill whose order rested, in thousandths of a tick; below 0: rebate.',
  ),
  takerMilliTicks: milliTicks.describe('Per lot of a fill whose order came in, in thousandths of a tick.'),
})

const throttle = z.strictObject({
  commandCount: z.number().int().min(1).max(10_000_000).describe('So many commands a session may send in a window.'),
  windowMs: z.number().int().min(1).max(3_600_000).default(1_000).describe('How long a window is.'),
})

const instrument = z.strictObject({
  symbol: symbolName.describe('Name of what is traded.'),
  tickSize: positiveDecimal.describe('Smallest price step, in currency.').default('0.01'),
  lotSize: positiveDecimal.describe('How much one lot is.').default('1'),
  openingPrice: positiveDecimal.describe('Reference price before the first trade: a whole number of ticks.'),
  schedule: z
    .array(phaseTime)
    .min(1)
    .max(1_024)
    .optional()
    .describe('Trading phases by time. With it the symbol begins closed, without it in continuous trading.'),
  lowestPrice: positiveDecimal.optional().describe('Orders below this price are refused.'),
  highestPrice: positiveDecimal.optional().describe('Orders above this price are refused.'),
  tickTable: z.array(tickTableEntry).min(1).max(64).optional().describe('Greater price steps for higher prices.'),
  minimumLots: lots.describe('Least quantity of an order.'),
  maximumLots: lots.describe('Greatest quantity of an order.'),
  quoteProtection: quoteProtection.optional().describe('When a quote of which much trades is pulled.'),
  fees: fees.optional().describe('What fills of quotes cost.'),
  priceBand: priceBand.optional().describe('How far prices may move before an auction interrupts trading.'),
})

const duration = z.number().int().min(10).max(60_000)

const membership = z
  .strictObject({
    presenceMs: duration.default(1_000).describe('A node that is silent for so long is gone.'),
    leaseMs: duration.default(1_000).describe('The authority to quote a symbol ends after so long unless renewed.'),
    renewalMs: duration.default(250).describe('How often a node renews both.'),
  })
  .refine(({ presenceMs, leaseMs, renewalMs }) => renewalMs < Math.min(presenceMs, leaseMs), {
    message: 'renewalMs must be shorter than presenceMs and leaseMs',
  })

const positive = z.number().positive().optional()

const nodeLimits = z.strictObject({
  maxInventoryLots: positive.describe('Of a symbol, long or short: what would go beyond is not quoted.'),
  maxLoss: positive.describe('Money lost since a node began: from here on reduce-only, from twice that on off.'),
  maxDistanceBp: positive.describe('From the reference price, in hundredths of a percent. Without it: 1,000.'),
  maxQuoteAgeMs: positive.describe('A quote that is not refreshed for so long ends. Without it: after quoteTtlMs.'),
  staleMarketMs: positive.describe('Nothing is quoted on a market not heard of for so long. Without it: 3,000.'),
})

const flow = z.strictObject({
  feed: z.string().optional().describe('A recorded feed to replay instead of generated orders.'),
  speed: z
    .number()
    .positive()
    .max(10_000)
    .default(1)
    .describe('How many times as fast as the feed was recorded, or as the generator arrives.'),
  ratePerS: z
    .number()
    .positive()
    .max(1_000_000)
    .optional()
    .describe('Generated commands a second over all symbols, instead of the speed.'),
  model: z
    .enum(MODEL_NAMES)
    .default('zero-intelligence')
    .describe('Who sends the generated orders: docs/order-flow.md.'),
  ratesFile: z.string().optional().describe('A file of measured rates for the generator, of `tandem feed rates`.'),
})

const simulation = z.strictObject({
  durationS: z.number().positive().optional().describe('End after so many seconds. Without it: when asked to.'),
  record: z.string().optional().describe('A feed file to record the market to.'),
  chaosPerMinute: z
    .number()
    .min(0)
    .max(600)
    .default(0)
    .describe('How often a process is killed or paused, so that one can watch it heal. 0: never.'),
})

const gateway = z.strictObject({
  host: z.string().default('127.0.0.1').describe('Address of the page and the HTTP API.'),
  port: port.optional().describe('Port of the page and the HTTP API. Without it: the first free one from 8080.'),
})

const nats = z.strictObject({
  url: z.string().optional().describe('A server that runs already. Without it, one is started.'),
  credentials: z
    .string()
    .optional()
    .describe('For a server that runs already: the folder that ./tandem credentials made for it.'),
  host: z.string().default('127.0.0.1').describe('Address of the server that is started.'),
  port: port.default(0).describe('Port of the server that is started; 0: any free one.'),
})

/** Invented tickers, from a cheap one with a wide book to an expensive one. */
const DEFAULT_INSTRUMENTS = [
  ['ALDR', '24.80'],
  ['BRCH', '41.15'],
  ['CEDR', '63.40'],
  ['ELMT', '88.95'],
  ['HAZL', '120.10'],
  ['MAPL', '174.25'],
  ['OAKS', '245.60'],
  ['PINE', '310.75'],
].map(([symbol = '', openingPrice = '']) => ({ symbol, tickSize: '0.01', lotSize: '1', openingPrice }))

export const configSchema = z
  .strictObject({
    clusterId: z
      .string()
      .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 characters of a-z, 0-9 and "-"')
      .default('local')
      .describe('Part of every NATS subject, so that clusters can share a server.'),
    seed: z.number().int().min(0).max(0xffff_ffff).default(1).describe('The generated order flow follows from it.'),
    dataDir: z
      .string()
      .optional()
      .describe('Where the journal and the NATS store live. Without it: var/ below the current directory.'),
    instruments: z.array(instrument).min(1).max(SYMBOL_COUNT_MAX).default(DEFAULT_INSTRUMENTS),
    exposureLots: z
      .number()
      .int()
      .min(1)
      .max(QUANTITY_LOTS_MAX)
      .default(EXPOSURE_LOTS_DEFAULT)
      .describe(
        "Per side: the most lots that all active quotes may hold together; also the bound of each symbol's position.",
      ),
    quoteTtlMs: z
      .number()
      .int()
      .min(100)
      .max(3_600_000)
      .default(30_000)
      .describe('How long a quote lives unless replaced.'),
    throttle: throttle.optional().describe('Bound on the commands of each session. Without it there is none.'),
    engineCount: z
      .number()
      .int()
      .min(1)
      .max(2)
      .default(2)
      .describe('2: a pair, in which either engine takes over from the other. 1: an engine alone.'),
    strategyCount: z
      .number()
      .int()
      .min(0)
      .max(64)
      .default(3)
      .describe('Strategy nodes; the desk deals the symbols out among those that are present.'),
    membership: membership
      .optional()
      .describe('When a silent node is gone. Without it: after 1 s, renewed every 250 ms.'),
    strategyKinds: z
      .array(z.enum(STRATEGY_KINDS.map(({ name }) => name)))
      .min(1)
      .max(64)
      .default([STRATEGY_KINDS[0]!.name])
      .describe('How the nodes quote: the first as the first says, and so on, beginning anew behind the last.'),
    nodeLimits: nodeLimits
      .prefault({})
      .describe("What each node keeps to beside the desk's limits, whatever its strategy proposes."),
    flow: flow.prefault({}),
    simulation: simulation.prefault({}).describe('What `tandem sim` does with the market.'),
    gateway: gateway.prefault({}),
    nats: nats.prefault({}),
  })
  .superRefine((config, context) => {
    for (const { path, message } of contradictions(config)) context.addIssue({ code: 'custom', path, message })
  })

export type TandemConfig = z.output<typeof configSchema>
/** As written in a file: everything may be left out. */
export type TandemConfigInput = z.input<typeof configSchema>

type Contradiction = { readonly path: (string | number)[]; readonly message: string }

/** What is right by itself and wrong together. */
function contradictions(config: { readonly instruments: readonly z.output<typeof instrument>[] }): Contradiction[] {
  const found: Contradiction[] = []
  const symbols = new Set<string>()
  for (const [index, instrument] of config.instruments.entries()) {
    const { symbol } = instrument
    if (symbols.has(symbol)) found.push({ path: ['instruments', index, 'symbol'], message: `${symbol} is there twice` })
    symbols.add(symbol)
    const times = (instrument.schedule ?? []).map(({ atMs }) => atMs)
    const early = times.findIndex((atMs, entry) => atMs < (times[entry - 1] ?? 0))
    if (early >= 0) {
      const path = ['instruments', index, 'schedule', early, 'atMs']
      found.push({ path, message: `${times[early]} is before the entry above it` })
    }
    // A step that is none has been complained of already, and says nothing about prices.
    if (!isStepSize(instrument.tickSize)) continue
    for (const [field, price] of pricesOf(instrument)) {
      try {
        ticksOf(price, instrument)
      } catch (error) {
        if (!(error instanceof DecimalError)) throw error
        found.push({ path: ['instruments', index, ...field], message: error.message })
      }
    }
  }
  return found
}

type Path = readonly (string | number)[]

/** All prices of an instrument, with where they stand. */
function pricesOf(from: z.output<typeof instrument>): readonly (readonly [Path, string])[] {
  const { openingPrice, lowestPrice, highestPrice, tickTable = [] } = from
  return [
    [['openingPrice'], openingPrice],
    ...(lowestPrice === undefined ? [] : ([[['lowestPrice'], lowestPrice]] as const)),
    ...(highestPrice === undefined ? [] : ([[['highestPrice'], highestPrice]] as const)),
    ...tickTable.flatMap(
      ({ from: price, step }, entry) =>
        [
          [['tickTable', entry, 'from'], price],
          [['tickTable', entry, 'step'], step],
        ] as const,
    ),
  ]
}

/** For editors: completion and checking while a configuration is written. */
export function configJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(configSchema, { io: 'input' }), title: 'Tandem cluster configuration' }
}
