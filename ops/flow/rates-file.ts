// Measured rates of orders, as `tandem feed rates` writes them.

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import {
  ZERO_INTELLIGENCE_DEFAULTS,
  type ZeroIntelligenceParameters,
} from '../../exchange-sim/order-flow/zero-intelligence.ts'
import { UserError } from '../cli/output.ts'

const rate = z.number().min(0).max(1e9)
const rates = z.strictObject({
  limitRates: z.array(rate).min(1).max(1_000),
  marketRate: rate,
  cancelRates: z.array(rate).min(1).max(1_000),
  limitLotsMean: z.number().min(1).max(1e6),
  marketLotsMean: z.number().min(1).max(1e6),
})

/** Throws a UserError that says what is wrong with the file. */
export function readRates(path: string): ZeroIntelligenceParameters {
  try {
    const read = rates.parse(JSON.parse(readFileSync(path, 'utf8')))
    if (read.limitRates.some((value) => value > 0)) return { ...ZERO_INTELLIGENCE_DEFAULTS, ...read }
    throw new UserError(`${path}: no limit orders arrive`, 'Measure a feed that has some.')
  } catch (error) {
    if (error instanceof UserError) throw error
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined
    const reason = issue === undefined ? String((error as Error).message) : `${issue.path.join('.')}: ${issue.message}`
    throw new UserError(`${path}: ${reason}`, 'Make one with: tandem feed rates FEED --out FILE', { cause: error })
  }
}
