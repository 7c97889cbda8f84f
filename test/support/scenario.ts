// Scenario tables: what goes into an exchange and what must come out, as a person reads it.
//
//   ## The first at a price trades first          title of the scenario; prose may follow
//   ```                                           its table: a code block
//   setup symbols 2 opening 100 ttl 30s           optional: the exchange; also: orders 9 (at most so many live orders),
//                                                 steps 1:1,100:5 (tick table), lowest 90, highest 110, min 5, max 50,
//                                                 protect [lots 5] [fills 2] [percent 50] window 1s,
//                                                 band <static> <dynamic> <auction>, schedule <time> <phase> ...
//   given c1 buy 5 @ 100                          a step that is not refused, its events not shown
//   > c2 sell 3 @ 100                             a step, and under it each of its events, in order
//   accepted #2 c2 sell 3 @ 100
//   trade T1 3 @ 100: #1 c1 buy leaves 2, #2 c2 leaves 0
//   > book                                        what rests; also: > book s1, > quote, > reference
//   buy 100: #1 2
//   ```
//
// Steps and events are written as exchange-sim/differential/step-text.ts and event-text.ts say.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventText, viewEvent } from '../../exchange-sim/differential/event-text.ts'
import { type AnyExchange, StepRunner } from '../../exchange-sim/differential/step-runner.ts'
import { parseStep } from '../../exchange-sim/differential/step-text.ts'
import { EventFlag, EventKind, nameOf, Side, TradingPhase } from '../../protocol/kinds.ts'
import type { ClusterConfig, Instrument, PhaseTime, PriceBand } from '../../protocol/symbol.ts'

export type Scenario = {
  readonly file: string
  readonly title: string
  readonly lines: readonly string[]
}

export type ScenarioSetup = { readonly config: ClusterConfig; readonly orderCountMax: number }

/** All scenarios of a folder's .md files. Throws when a file or a scenario is empty. */
export function readScenarios(folder: string): readonly Scenario[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .flatMap((name) => parseScenarios(name, readFileSync(join(folder, name), 'utf8')))
}

export function parseScenarios(file: string, text: string): readonly Scenario[] {
  const sections = text.split(/^## /m).slice(1)
  if (sections.length === 0) throw new Error(`${file}: no scenario`)
  return sections.map((section) => {
    const title = section.slice(0, section.indexOf('\n')).trim()
    const table = /^```\n(.*?)^```/ms.exec(section)?.[1] ?? ''
    const lines = table
      .split('\n')
      .map((line) => line.trim().replace(/\s+/g, ' '))
      .filter((line) => line !== '')
    if (lines.length === 0) throw new Error(`${file}: scenario "${title}" has no table`)
    return { file, title, lines }
  })
}

export function setupOf(scenario: Scenario): ScenarioSetup {
  const first = scenario.lines[0] ?? ''
  const words = first.startsWith('setup ') ? first.split(' ').slice(1) : []
  const valueOf = (name: string, otherwise: string) => {
    const at = words.indexOf(name)
    return at < 0 ? otherwise : (words[at + 1] ?? otherwise)
  }
  return {
    config: {
      clusterId: 'scenario',
      instruments: Array.from({ length: Number(valueOf('symbols', '1')) }, (_, symbolId) => ({
        symbol: `S${symbolId}`,
        tickSize: '0.01',
        lotSize: '1',
        openingPriceTicks: Number(valueOf('opening', '100')),
        ...scheduleOf(words),
        ...priceBandOf(words),
        ...rulesOf(words, valueOf),
      })),
      exposureLots: 100,
      quoteTtlNs: durationNs(valueOf('ttl', '30s')),
    },
    orderCountMax: Number(valueOf('orders', '1000')),
  }
}

/** schedule 0s PRE_OPEN 1s CONTINUOUS: the last words of a setup. */
function scheduleOf(words: readonly string[]): { readonly schedule?: readonly PhaseTime[] } {
  const at = words.indexOf('schedule')
  if (at < 0) return {}
  const schedule: PhaseTime[] = []
  for (let word = at + 1; word < words.length; word += 2) {
    const phase = TradingPhase[words[word + 1] as keyof typeof TradingPhase]
    schedule.push({ atNs: durationNs(words[word] ?? ''), phase })
  }
  return { schedule }
}

/** band 500 200 10s: static and dynamic, in basis points, and how long the auction lasts. */
function priceBandOf(words: readonly string[]): { readonly priceBand?: PriceBand } {
  const at = words.indexOf('band')
  if (at < 0) return {}
  const [staticBasisPoints, dynamicBasisPoints] = words.slice(at + 1, at + 3).map(Number)
  const auctionNs = durationNs(words[at + 3] ?? '')
  return {
    priceBand: { staticBasisPoints: staticBasisPoints ?? 0, dynamicBasisPoints: dynamicBasisPoints ?? 0, auctionNs },
  }
}

function rulesOf(words: readonly string[], valueOf: (name: string, otherwise: string) => string): Partial<Instrument> {
  const has = (name: string) => words.includes(name)
  const numberOf = (name: string) => Number(valueOf(name, '0'))
  const tickTable = valueOf('steps', '1:1')
    .split(',')
    .map((entry) => {
      const [fromTicks = 1, stepTicks = 1] = entry.split(':').map(Number)
      return { fromTicks, stepTicks }
    })
  const quoteProtection = {
    windowNs: durationNs(valueOf('window', '1s')),
    quantityLots: numberOf('lots'),
    fillCount: numberOf('fills'),
    percent: numberOf('percent'),
  }
  return {
    ...(has('lowest') ? { lowestTicks: numberOf('lowest') } : {}),
    ...(has('highest') ? { highestTicks: numberOf('highest') } : {}),
    ...(has('min') ? { minimumLots: numberOf('min') } : {}),
    ...(has('max') ? { maximumLots: numberOf('max') } : {}),
    ...(has('steps') ? { tickTable } : {}),
    ...(has('protect') ? { quoteProtection } : {}),
  }
}

function durationNs(text: string): number {
  const wait = parseStep(`wait ${text}`)
  return wait.kind === 'wait' ? wait.durationNs : 0
}

/** The table as it should be: its lines. */
export function expectedText(scenario: Scenario): string {
  return scenario.lines.join('\n')
}

/** Does the steps, and writes the table as it is. */
export function actualText(scenario: Scenario, make: (setup: ScenarioSetup) => AnyExchange): string {
  const setup = setupOf(scenario)
  const runner = new StepRunner(() => make(setup))
  const lines: string[] = []
  for (const line of scenario.lines) {
    if (line.startsWith('setup ')) lines.push(line)
    else if (line.startsWith('given ')) lines.push(line, ...given(runner, line.slice('given '.length)))
    else if (line.startsWith('> ')) lines.push(line, ...outcome(runner, line.slice('> '.length)))
  }
  return lines.join('\n')
}

/** What is given must simply work: the lines are empty, or tell what was refused. */
function given(runner: StepRunner, stepLine: string): readonly string[] {
  runner.run(parseStep(stepLine))
  return eventLines(runner).filter((_, index) => {
    const kind = nameOf(EventKind, viewEvent(runner.events, index).kind)
    return kind.endsWith('_REJECTED') || kind.endsWith('_REFUSED')
  })
}

function outcome(runner: StepRunner, line: string): readonly string[] {
  const [verb, argument] = line.split(' ')
  const symbolId = Number((argument ?? 's0').slice(1))
  switch (verb) {
    case 'book':
      return bookLines(runner.exchange, symbolId)
    case 'quote':
      return [quoteLine(runner.exchange, symbolId)]
    case 'reference':
      return [String(runner.exchange.referenceTicks(symbolId))]
    default: {
      const step = parseStep(line)
      runner.run(step)
      return eventLines(runner)
    }
  }
}

/** REPLY has no word of its own: it belongs to the first event after those of time, and to no other. */
function eventLines(runner: StepRunner): readonly string[] {
  return Array.from({ length: runner.events.count }, (_, index) => {
    const isReply = (viewEvent(runner.events, index).flags & EventFlag.REPLY) !== 0
    const isMisplaced = isReply && index !== runner.dueCount
    return `${eventText(runner.events, index)}${isMisplaced ? ' (a reply out of place)' : ''}`
  })
}

function bookLines(exchange: AnyExchange, symbolId: number): readonly string[] {
  const lines: string[] = []
  for (const side of [Side.BUY, Side.SELL]) {
    const levels = new Map<number, string[]>()
    exchange.forEachOrder(symbolId, side, (orderId, priceTicks, lots) => {
      const level = levels.get(priceTicks) ?? []
      level.push(`#${orderId} ${lots}`)
      levels.set(priceTicks, level)
    })
    const name = side === Side.BUY ? 'buy' : 'sell'
    for (const [priceTicks, orders] of levels) lines.push(`${name} ${priceTicks}: ${orders.join(', ')}`)
  }
  return lines.length === 0 ? ['empty'] : lines
}

function quoteLine(exchange: AnyExchange, symbolId: number): string {
  if (exchange.quoteClientId(symbolId) === 0) return 'none'
  const [bid, ask] = [Side.BUY, Side.SELL].map(
    (side) => `${exchange.quoteLots(symbolId, side)} @ ${exchange.quoteTicks(symbolId, side)}`,
  )
  return `q${exchange.quoteId(symbolId)} c${exchange.quoteClientId(symbolId)} ${bid} / ${ask}`
}
