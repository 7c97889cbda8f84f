// How fast one engine turns commands into committed, published events when nothing outside holds it up.
//
//   core      sealed records ─► core.apply ─► frames, forgotten
//   engine    message ─► offer ─► screen, stamp, apply ─► journal ─► gate ─► publish
//
// The journal writes to a disk that takes everything at once, so the commit follows in the same call. Throughput is of
// messages of 64 commands, one a pass; latency is of single commands, from `offer` to the return of the pass that
// published what came of them, over a book that the flow has filled. Bytes allocated are what V8 counts over a whole round.

import type { Histogram } from 'hdr-histogram-js'
import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { assert } from '../base/assert.ts'
import { Core } from '../engine/core/core.ts'
import type { OutputSink } from '../engine/core/output.ts'
import { ENGINE_SETTINGS_DEFAULT, Engine } from '../engine/engine.ts'
import { Journal } from '../engine/journal/journal.ts'
import { sealRecord } from '../engine/journal/record.ts'
import { DurableState } from '../engine/replication/durable-state.ts'
import { commandSize } from '../protocol/command-check.ts'
import { writeGenesis } from '../protocol/command-writer.ts'
import { RecordHeader } from '../protocol/record.ts'
import { allocatedBytes } from './allocation.ts'
import { type BenchReport, curveOf, histogramOf, latencyFigures } from './bench-report.ts'
import { median, spreadOf } from './harness.ts'
import { InstantDisk } from './instant-disk.ts'
import { type FlowName, loadFlow } from './order-flow.ts'
import { FLOW_CLIENT_ID, SessionFlow } from './session-flow.ts'

export type EngineBenchOptions = {
  readonly flow: FlowName
  readonly commandCount: number
  readonly roundCount: number
  readonly onRound: (done: number, total: number) => void
}

const WARM_UP_ROUNDS = 2
const BATCH_COUNT = 64
const PASS_NS = 1_000
/** The first pass is an hour after the journal was begun: a time like those of a running engine, which is no small number. */
const START_NS = 3_600_000_000_000
const RATE_TARGET = 5_000_000
const P999_TARGET_US = 10
/** V8 counts in steps, and a round has its own start: less than this a command is none. */
const ALLOCATED_TARGET = 8

type Round = { readonly seconds: number; readonly allocatedBytes: number }

export function benchEngine({ flow, commandCount, roundCount, onRound }: EngineBenchOptions): BenchReport {
  const commands = new SessionFlow(loadFlow(flow, commandCount))
  const batches = commands.messages(BATCH_COUNT)
  const singles = commands.messages(1)
  const records = new SealedRecords(commands)
  const core: Round[] = []
  const engine: Round[] = []
  const single: Round[] = []
  const histograms: Histogram[] = []
  const latenciesNs = new Float64Array(singles.length)
  for (let round = 0; round < WARM_UP_ROUNDS + roundCount; round++) {
    const rounds = [
      records.run(),
      timed(
        () => new OpenEngine(commands),
        (open) => open.run(batches),
      ),
      timed(
        () => new OpenEngine(commands),
        (open) => open.runOneByOne(singles, latenciesNs),
      ),
    ] as const
    onRound(round + 1, WARM_UP_ROUNDS + roundCount)
    if (round < WARM_UP_ROUNDS) continue
    core.push(rounds[0])
    engine.push(rounds[1])
    single.push(rounds[2])
    histograms.push(histogramOf(latenciesNs))
  }
  return reportOf(flow, commands.commandCount, { core, engine, single }, histograms)
}

function reportOf(
  flow: FlowName,
  commandCount: number,
  { core, engine, single }: Readonly<Record<'core' | 'engine' | 'single', readonly Round[]>>,
  histograms: readonly Histogram[],
): BenchReport {
  const rate = (name: string, rounds: readonly Round[]) => ({
    ...{ name: `${name}, ${flow}`, metric: 'rate', unit: 'commands/s' },
    value: Math.round(commandCount / median(rounds.map(({ seconds }) => seconds))),
    spread: Number(spreadOf(rounds.map(({ seconds }) => seconds)).toFixed(3)),
  })
  const allocated = (name: string, rounds: readonly Round[]) => ({
    ...{ name: `${name}, ${flow}`, metric: 'allocated', unit: 'bytes/command' },
    value: Number((median(rounds.map(({ allocatedBytes }) => allocatedBytes)) / commandCount).toFixed(2)),
  })
  const applied = rate('core.apply', core)
  const batched = rate(`engine, ${BATCH_COUNT} a pass`, engine)
  const batchedAllocation = allocated(`engine, ${BATCH_COUNT} a pass`, engine)
  const latency = { name: `engine, 1 a pass, ${flow}`, metric: 'latency', ...latencyFigures(histograms, 'us', 1_000) }
  return {
    checks: [
      { name: 'engine: commands a second', ok: batched.value >= RATE_TARGET, value: batched.value, limit: RATE_TARGET },
      { name: 'engine: p99.9, us', ok: latency.p999 < P999_TARGET_US, value: latency.p999, limit: P999_TARGET_US },
      {
        ...{ name: 'engine: bytes allocated a command', ok: batchedAllocation.value < ALLOCATED_TARGET },
        ...{ value: batchedAllocation.value, limit: ALLOCATED_TARGET },
      },
    ],
    results: [
      applied,
      allocated('core.apply', core),
      batched,
      batchedAllocation,
      rate('engine, 1 a pass', single),
      latency,
      allocated('engine, 1 a pass', single),
    ],
    curves: [curveOf(`command to committed event, 1 a pass, ${flow}`, histograms, 'us', 1_000)],
    leavesOut: [
      'engine: no disk, no peer, no network; one client; each latency holds one reading of the clock (about 40 ns).',
    ],
  }
}

/** An engine that runs alone on a disk that takes everything at once, with the flow's session open. */
class OpenEngine {
  readonly #engine: Engine
  readonly #commandCount: number
  #nowNs = START_NS

  constructor(commands: SessionFlow) {
    this.#commandCount = commands.commandCount
    const storage = new InstantDisk()
    const journal = Journal.open(storage, { clusterId: commands.config.clusterId, timeBaseUnixMs: 0 })
    this.#engine = Engine.start(
      {
        ...{ journal, state: DurableState.open(storage), config: commands.config, settings: ENGINE_SETTINGS_DEFAULT },
        ...{ pairing: null, bootId: 1, startUnixMs: 0 },
        publish: () => {},
        onProgress: () => {},
        onTransition: () => {},
      },
      this.#nowNs,
    )
    journal.onSynced = () => this.#engine.onSynced(this.#nowNs)
    this.#engine.offer(FLOW_CLIENT_ID, commands.opening())
    this.#pass()
  }

  run(messages: readonly Uint8Array[]): void {
    for (let index = 0; index < messages.length; index++) {
      this.#engine.offer(FLOW_CLIENT_ID, messages[index]!)
      this.#pass()
    }
    this.#verify()
  }

  runOneByOne(messages: readonly Uint8Array[], latenciesNs: Float64Array): void {
    for (let index = 0; index < messages.length; index++) {
      const startMs = performance.now()
      this.#engine.offer(FLOW_CLIENT_ID, messages[index]!)
      this.#pass()
      latenciesNs[index] = (performance.now() - startMs) * 1e6
    }
    this.#verify()
  }

  #pass(): void {
    this.#nowNs += PASS_NS
    this.#engine.poll(this.#nowNs)
  }

  #verify(): void {
    assert(this.#engine.core.commandCount === this.#commandCount + 1, 'every command was applied once')
    assert(this.#engine.isQuiet, 'everything was committed and published')
  }
}

/** The flow as records that an engine has sealed. */
class SealedRecords {
  readonly #genesis: AlignedBuffer
  readonly #records: AlignedBuffer
  readonly #count: number

  constructor(commands: SessionFlow) {
    const configuration = new TextEncoder().encode(JSON.stringify(commands.config))
    this.#genesis = new AlignedBuffer(RecordHeader.LENGTH + configuration.length + 64)
    const length = writeGenesis(this.#genesis, RecordHeader.LENGTH, configuration)
    sealRecord(this.#genesis, 0, length, 1, 1, 0)
    const opening = commands.opening()
    this.#count = commands.commandCount + 1
    this.#records = new AlignedBuffer(commands.buffer.size + opening.length + this.#count * RecordHeader.LENGTH)
    let at = this.#add(opening, 0, 2)
    for (let index = 0, offset = 0; index < commands.commandCount; index++) {
      const size = commandSize(commands.buffer, offset)
      at = this.#add(commands.buffer.bytes.subarray(offset, offset + size), at, index + 3)
      offset += size
    }
  }

  run(): Round {
    return timed(
      () => Core.fromGenesis(this.#genesis, 0),
      (core) => this.#applyAll(core),
    )
  }

  #add(command: Uint8Array, at: number, seq: number): number {
    this.#records.bytes.set(command, at + RecordHeader.LENGTH)
    const timeNs = START_NS + Math.floor(seq / BATCH_COUNT) * PASS_NS
    return at + sealRecord(this.#records, at, command.length, 1, seq, timeNs)
  }

  #applyAll(core: Core): void {
    const records = this.#records
    let at = 0
    for (let index = 1; index <= this.#count; index++) {
      core.apply(records, at)
      if (index % BATCH_COUNT === 0) core.flush(1, NOWHERE)
      at += records.uint32[(at + RecordHeader.SIZE) >> 2]!
    }
    core.flush(1, NOWHERE)
    assert(core.commandCount === this.#count, 'every record was applied')
  }
}

const NOWHERE: OutputSink = { output: () => {} }

function timed<Subject>(prepare: () => Subject, run: (subject: Subject) => void): Round {
  const subject = prepare()
  globalThis.gc?.()
  const before = allocatedBytes()
  const startMs = performance.now()
  run(subject)
  const seconds = (performance.now() - startMs) / 1_000
  return { seconds, allocatedBytes: allocatedBytes() - before }
}
