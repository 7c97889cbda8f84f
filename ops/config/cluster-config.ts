// From the configuration that people write (decimals) to what every replica agrees on (ticks, lots, nanoseconds).

import { NS_PER_MS } from '../../base/clock.ts'
import { ticksOf } from '../../protocol/io/decimal.ts'
import { TradingPhase } from '../../protocol/kinds.ts'
import type { ClusterConfig, Instrument, QuoteProtectionLimits } from '../../protocol/symbol.ts'
import type { TandemConfig } from './schema.ts'

export function clusterConfigOf(config: TandemConfig): ClusterConfig {
  return {
    clusterId: config.clusterId,
    instruments: config.instruments.map((instrument) => ({
      symbol: instrument.symbol,
      tickSize: instrument.tickSize,
      lotSize: instrument.lotSize,
      openingPriceTicks: ticksOf(instrument.openingPrice, instrument),
      ...scheduleOf(instrument),
      ...priceBandOf(instrument),
      ...rulesOf(instrument),
      ...(instrument.fees === undefined ? {} : { fees: instrument.fees }),
    })),
    exposureLots: config.exposureLots,
    quoteTtlNs: config.quoteTtlMs * NS_PER_MS,
    ...(config.throttle === undefined
      ? {}
      : { throttle: { commandCount: config.throttle.commandCount, windowNs: config.throttle.windowMs * NS_PER_MS } }),
    ...membershipOf(config),
  }
}

/** The defaults go unsaid, as with everything else. */
function membershipOf({ membership }: TandemConfig): Pick<ClusterConfig, 'membership'> {
  if (membership === undefined) return {}
  const { presenceMs, leaseMs, renewalMs } = membership
  return {
    membership: {
      presenceNs: presenceMs * NS_PER_MS,
      leaseNs: leaseMs * NS_PER_MS,
      renewalNs: renewalMs * NS_PER_MS,
    },
  }
}

type InstrumentInput = TandemConfig['instruments'][number]

function scheduleOf({ schedule }: InstrumentInput): Pick<Instrument, 'schedule'> {
  if (schedule === undefined) return {}
  return { schedule: schedule.map(({ atMs, phase }) => ({ atNs: atMs * NS_PER_MS, phase: TradingPhase[phase] })) }
}

function priceBandOf({ priceBand }: InstrumentInput): Pick<Instrument, 'priceBand'> {
  if (priceBand === undefined) return {}
  const { staticBasisPoints, dynamicBasisPoints, auctionMs } = priceBand
  return { priceBand: { staticBasisPoints, dynamicBasisPoints, auctionNs: auctionMs * NS_PER_MS } }
}

function rulesOf(instrument: InstrumentInput): Partial<Instrument> {
  const { lowestPrice, highestPrice, tickTable, minimumLots, maximumLots, quoteProtection } = instrument
  return {
    ...(lowestPrice === undefined ? {} : { lowestTicks: ticksOf(lowestPrice, instrument) }),
    ...(highestPrice === undefined ? {} : { highestTicks: ticksOf(highestPrice, instrument) }),
    ...(tickTable === undefined
      ? {}
      : {
          tickTable: tickTable.map(({ from, step }) => ({
            fromTicks: ticksOf(from, instrument),
            stepTicks: ticksOf(step, instrument),
          })),
        }),
    ...(minimumLots === undefined ? {} : { minimumLots }),
    ...(maximumLots === undefined ? {} : { maximumLots }),
    ...(quoteProtection === undefined ? {} : { quoteProtection: protectionOf(quoteProtection) }),
  }
}

function protectionOf(input: NonNullable<InstrumentInput['quoteProtection']>): QuoteProtectionLimits {
  const { windowMs, quantityLots, fillCount, percent } = input
  return { windowNs: windowMs * NS_PER_MS, quantityLots, fillCount, percent }
}
