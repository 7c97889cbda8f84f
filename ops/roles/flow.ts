// The order-flow publisher as a process: recorded or generated orders go to the engine as those of an ordinary client.
// It reads no trading state; the generator looks at the public touch alone.

import type { Logger } from 'pino'
import { openFeed } from '../../feeds/io/feed-file.ts'
import { L1Field } from '../../protocol/frame.ts'
import { FrameFault, FrameReader } from '../../protocol/frame-reader.ts'
import type { Transport } from '../../protocol/io/transport.ts'
import { FrameKind } from '../../protocol/kinds.ts'
import { Subjects } from '../../protocol/subjects.ts'
import type { Instrument } from '../../protocol/symbol.ts'
import { UserError } from '../cli/output.ts'
import { FlowPublisher } from '../flow/flow-publisher.ts'
import { FeedSource, type FlowSource, GeneratorSource } from '../flow/flow-source.ts'
import type { ModelName } from '../flow/order-models.ts'
import { readRates } from '../flow/rates-file.ts'
import { askInstruments } from './ask-instruments.ts'
import { connectRole, type RoleServer } from './connect-role.ts'
import type { Role } from './run-role.ts'
import { StatusReporter } from './status-reporter.ts'

const ROLE = 'flow'

export type FlowOptions = RoleServer & {
  readonly clusterId: string
  readonly instance: string
  readonly clientId: number
  /** A recorded feed; undefined: generated orders. */
  readonly feed: string | undefined
  readonly speed: number
  readonly seed: number
  /** Generated commands a second over all symbols; undefined: the model's own rates times the speed. */
  readonly ratePerS: number | undefined
  /** Of generated orders. */
  readonly model: ModelName
  /** A file of measured rates for the generator; undefined: those of the paper. */
  readonly ratesFile: string | undefined
  /** Called once a feed has ended and every order is answered. */
  readonly onFinished: () => void
}

export async function startFlow(options: FlowOptions, log: Logger): Promise<Role> {
  const file = options.feed === undefined ? undefined : openFeed(options.feed)
  const rates = options.ratesFile === undefined ? undefined : readRates(options.ratesFile)
  const transport = await connectRole(options, `${ROLE} ${options.instance}`, log)
  const subjects = new Subjects(options.clusterId)
  const speed = options.ratePerS === undefined ? options.speed : 1
  const publisher = new FlowPublisher(transport, subjects, { clientId: options.clientId, speed }, (state) => {
    log.info(publisher.details(), `flow ${state}`)
    reporter.publish()
    if (state === 'finished') options.onFinished()
  })
  const reporter = new StatusReporter(transport, subjects, {
    role: ROLE,
    instance: options.instance,
    state: () => publisher.state,
    details: () => publisher.details(),
  })
  const stop = async () => {
    await publisher.stop()
    reporter.stop()
    file?.close()
    await transport.close()
  }
  try {
    const instruments = await askInstruments(transport, subjects)
    let source: FlowSource
    if (file === undefined) {
      const { seed, ratePerS, model } = options
      source = new GeneratorSource(instruments, publisher.orders, { seed, ratePerS, model, rates })
      watchTouch(transport, subjects, instruments, publisher)
    } else {
      const symbolIds = matchInstruments(file.path, file.reader.header, instruments, log)
      source = new FeedSource(file.reader, publisher.orders, symbolIds)
    }
    await publisher.start(source)
  } catch (error) {
    await stop()
    throw error
  }
  return { stop, details: { source: options.feed ?? options.model, speed, ratePerS: options.ratePerS ?? null } }
}

type FeedHeaderFacts = {
  readonly detail: string
  readonly instruments: readonly { readonly symbol: string; readonly tickSize: string; readonly lotSize: string }[]
}

/** The cluster's symbol id for each instrument of the feed, -1 for those that are not traded there. */
function matchInstruments(
  path: string,
  header: FeedHeaderFacts,
  instruments: readonly Instrument[],
  log: Logger,
): number[] {
  if (header.detail !== 'L3') {
    throw new UserError(
      `${path} has ${header.detail} data, and orders can be replayed from L3 data only`,
      'Import a source that tells every order.',
    )
  }
  const symbolIds = header.instruments.map(({ symbol, tickSize, lotSize }) => {
    const symbolId = instruments.findIndex((candidate) => candidate.symbol === symbol)
    const traded = instruments[symbolId]
    if (traded === undefined) {
      log.warn({ symbol }, 'the feed has a symbol that is not traded here; it is left out')
      return -1
    }
    if (Number(traded.tickSize) !== Number(tickSize) || Number(traded.lotSize) !== Number(lotSize)) {
      throw new UserError(
        `${symbol} has tick ${tickSize} and lot ${lotSize} in ${path}, but ${traded.tickSize} and ${traded.lotSize} here`,
        'Use the same in the configuration of the cluster.',
      )
    }
    return symbolId
  })
  if (symbolIds.some((symbolId) => symbolId >= 0)) return symbolIds
  const wanted = header.instruments.map(({ symbol }) => symbol).join(', ')
  const traded = instruments.map(({ symbol }) => symbol).join(', ')
  throw new UserError(
    `${path} has orders of ${wanted}, but here are traded ${traded}`,
    'Name its symbols as instruments.',
  )
}

function watchTouch(
  transport: Transport,
  subjects: Subjects,
  instruments: readonly Instrument[],
  publisher: FlowPublisher,
): void {
  const reader = new FrameReader()
  instruments.forEach(({ symbol }, symbolId) => {
    transport.subscribe(subjects.marketData(symbol, 'l1'), ({ data }) => {
      if (reader.read(data) !== FrameFault.NONE || reader.kind !== FrameKind.L1 || reader.count === 0) return
      const last = reader.count - 1
      const bidLots = reader.int32(last, L1Field.BID_LOTS)
      const askLots = reader.int32(last, L1Field.ASK_LOTS)
      publisher.observeTouch(
        symbolId,
        bidLots === 0 ? 0 : reader.int32(last, L1Field.BID_TICKS),
        askLots === 0 ? 0 : reader.int32(last, L1Field.ASK_TICKS),
        reader.int32(last, L1Field.REFERENCE_TICKS),
      )
    })
  })
}
