// A strategy node as a process: quotes the symbols that the desk grants it, and says good-bye when it is ended.

import { build } from 'hdr-histogram-js'
import type { Logger } from 'pino'
import { SessionState } from '../../protocol/client-session.ts'
import { ClientId } from '../../protocol/clients.ts'
import { moneyText } from '../../protocol/io/decimal.ts'
import { DirectTransport } from '../../protocol/io/direct-transport.ts'
import type { SessionAddress } from '../../protocol/io/session-address.ts'
import type { Transport } from '../../protocol/io/transport.ts'
import { EventKind, nameOf, Reason, RiskState } from '../../protocol/kinds.ts'
import { Subjects } from '../../protocol/subjects.ts'
import { type Instrument, MEMBERSHIP_DEFAULT } from '../../protocol/symbol.ts'
import { findStrategyKind, STRATEGY_KINDS } from '../../strategies/catalogue.ts'
import { NodeConnection } from '../../strategies/io/node-connection.ts'
import type { NodeSymbol } from '../../strategies/node.ts'
import { type LimitReport, NodeState } from '../../strategies/node-authority.ts'
import { RISK_LIMITS_DEFAULT, RiskGuard, type RiskLimits } from '../../strategies/risk-guard.ts'
import { checkParameters, type Parameters, type Strategy, type StrategyKind } from '../../strategies/strategy.ts'
import { QUOTER_SETTINGS_DEFAULT } from '../../strategies/symbol-quoter.ts'
import { UserError } from '../cli/output.ts'
import { askConfig } from './ask-instruments.ts'
import { connectRole, type RoleServer } from './connect-role.ts'
import type { Role } from './run-role.ts'
import { StatusReporter } from './status-reporter.ts'

const ROLE = 'strategy'
/** So long the short way is waited for at the start. */
const DIRECT_MS_MAX = 1_000
/** Latencies are kept from 1 us to 60 s with two significant digits. */
const HISTOGRAM = {
  lowestDiscernibleValue: 1,
  highestTrackableValue: 60_000_000,
  numberOfSignificantValueDigits: 2,
} as const

export type StrategyOptions = RoleServer & {
  readonly clusterId: string
  /** 1 and up; the client id is 100 more. */
  readonly node: number
  readonly strategy: string
  readonly parameters: Parameters
  readonly limits?: NodeLimits
  /** Engines of this machine that take orders without the bus. */
  readonly sessionAddresses: readonly SessionAddress[]
}

/** What the node keeps to, whatever its strategy proposes. */
type NodeLimits = RiskLimits & {
  /** A quote that is not refreshed for so long ends; 0: as the cluster's configuration says. */
  readonly quoteAgeNs: number
  /** Nothing is quoted on a market of which nothing was heard for so long. */
  readonly staleMarketNs: number
}

const NODE_LIMITS_DEFAULT: NodeLimits = {
  ...RISK_LIMITS_DEFAULT,
  quoteAgeNs: 0,
  staleMarketNs: QUOTER_SETTINGS_DEFAULT.staleNs,
}

/** Lives in another role's process: what its own connection goes through, and what ends with its session. */
export type StrategyHost = {
  transport(own: Transport): Transport
  onSessionEnded(): void
}

export type ChosenStrategy = { readonly kind: StrategyKind; readonly parameters: Parameters }

const OWN_PROCESS: StrategyHost = {
  transport: (own) => own,
  onSessionEnded: () => {
    process.exitCode = 1
    process.kill(process.pid, 'SIGTERM')
  },
}

export async function startStrategy(
  options: StrategyOptions,
  log: Logger,
  host: StrategyHost = OWN_PROCESS,
): Promise<Role> {
  const { kind, parameters } = chosenStrategy(options)
  const instance = `${ROLE}-${options.node}`
  const subjects = new Subjects(options.clusterId)
  const clientId = ClientId.STRATEGY_BASE + options.node
  const transport = host.transport(await openTransport(options, instance, clientId, log))
  const { instruments, membership } = await askConfig(transport, subjects)
  const symbols = instruments.map((instrument, symbolId) => symbolOf(instrument, symbolId, kind.create(parameters)))
  const { renewalNs } = membership ?? MEMBERSHIP_DEFAULT

  const tickToQuoteUs = build(HISTOGRAM)
  const quoteToAckUs = build(HISTOGRAM)
  const limits = options.limits ?? NODE_LIMITS_DEFAULT
  const risk = guardOf(limits, symbols, log, (report) => connection.node.authority.report(report))
  const settings = { ...QUOTER_SETTINGS_DEFAULT, quoteTtlNs: limits.quoteAgeNs, staleNs: limits.staleMarketNs, risk }
  const connection: NodeConnection = new NodeConnection(transport, subjects, clientId, symbols, settings, renewalNs, {
    onOutcome: (outcome) => {
      if (Number.isFinite(outcome.tickToQuoteNs)) tickToQuoteUs.recordValue(microseconds(outcome.tickToQuoteNs))
      quoteToAckUs.recordValue(microseconds(outcome.quoteToAckNs))
      const level = outcome.outcome === 'refused' ? 'info' : 'debug'
      log[level]({ ...outcome, reason: outcome.reason === 0 ? '' : nameOf(Reason, outcome.reason) }, 'quote')
    },
    onQuoteEnded: (symbol, eventKind, reason) => {
      log.info({ symbol, kind: nameOf(EventKind, eventKind), reason: nameOf(Reason, reason) }, 'quote ended')
    },
    onGranted: (symbol, fencingToken) => log.info({ symbol, fencingToken }, 'authority granted'),
    onLost: (symbol, eventKind, reason) => {
      log.info({ symbol, kind: nameOf(EventKind, eventKind), reason: nameOf(Reason, reason) }, 'authority ended')
    },
    onSession: (state) => {
      log.info({ state: nameOf(SessionState, state), incarnation: connection.client.session.incarnation }, 'session')
      if (state !== SessionState.ENDED) return
      log.error('another process quotes as this node, or the engine forgot it; this one ends')
      host.onSessionEnded()
    },
  })
  const reporter = new StatusReporter(transport, subjects, {
    role: ROLE,
    instance,
    state: () => nameOf(SessionState, connection.client.session.state).toLowerCase(),
    details: () => ({
      symbols: connection.node.held.map(({ symbol }) => symbol),
      membership: nameOf(NodeState, connection.node.authority.state).toLowerCase(),
      strategy: kind.name,
      risk: nameOf(RiskState, risk.state).toLowerCase().replace('_', '-'),
      limitsReachedCount: risk.reachedCount,
      ...connection.node.counts,
      retryCount: connection.client.session.counts.retried,
      gapRepairedCount: connection.node.counts.gapRepairedCount + connection.client.session.counts.gapsRepaired,
      tickToQuoteP50Us: tickToQuoteUs.getValueAtPercentile(50),
      tickToQuoteP99Us: tickToQuoteUs.getValueAtPercentile(99),
      ackP50Us: quoteToAckUs.getValueAtPercentile(50),
      ackP99Us: quoteToAckUs.getValueAtPercentile(99),
    }),
  })
  await connection.open()
  const stop = async () => {
    await connection.drain()
    connection.close()
    reporter.stop()
    await transport.close()
  }
  return { stop, details: { node: options.node } }
}

function symbolOf(instrument: Instrument, symbolId: number, strategy: Strategy): NodeSymbol {
  const { symbol, openingPriceTicks: openingTicks } = instrument
  return { symbol, symbolId, openingTicks, strategy, moneyPerTickLot: Number(moneyText(1, instrument)) }
}

/** Each limit that is reached is told in the node's log, and to the engine. */
function guardOf(
  limits: RiskLimits,
  symbols: readonly NodeSymbol[],
  log: Logger,
  tell: (report: LimitReport) => void,
): RiskGuard {
  return new RiskGuard(limits, (reason, symbolId, state, loss) => {
    const facts = { reason: nameOf(Reason, reason), state: nameOf(RiskState, state), loss }
    log.warn({ symbol: symbols[symbolId]?.symbol, ...facts }, 'a limit of the node was reached')
    tell({ symbolId, reason, state, lossHundredths: Math.max(0, Math.round(loss * 100)) })
  })
}

export function chosenStrategy({ strategy, parameters: given }: StrategyOptions): ChosenStrategy {
  const kind = findStrategyKind(strategy)
  if (kind === undefined) {
    const names = STRATEGY_KINDS.map(({ name }) => name).join(', ')
    throw new UserError(`there is no strategy ${strategy}`, `There are: ${names}.`)
  }
  const parameters = checkParameters(kind, given)
  if (typeof parameters === 'string') throw new UserError(parameters)
  return { kind, parameters }
}

/** The bus, with a shorter way for orders where engines offer one. */
async function openTransport(
  options: StrategyOptions,
  name: string,
  clientId: number,
  log: Logger,
): Promise<Transport> {
  const bus = await connectRole(options, name, log)
  if (options.sessionAddresses.length === 0) return bus
  const direct = new DirectTransport(bus, {
    ...{ clientId, subjects: new Subjects(options.clusterId), clusterId: options.clusterId },
    addresses: options.sessionAddresses,
    onRefused: (why) => log.warn({ why }, 'an engine takes no direct session of this node; its orders go over the bus'),
  })
  if (!(await direct.connected(DIRECT_MS_MAX))) log.warn('no engine takes direct sessions yet; orders go over the bus')
  return direct
}

function microseconds(durationNs: number): number {
  return Math.max(1, Math.round(durationNs / 1_000))
}
