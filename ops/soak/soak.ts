// A long run of a real cluster under load, with a process killed now and then: does it stay as it was? Judged by slopes.

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Check, Report, Result } from '../cli/output.ts'
import { DrillCluster } from '../drill/drill-cluster.ts'
import { Load } from '../drill/load.ts'
import { pauseMs } from '../drill/scenario.ts'
import { askInstruments } from '../roles/ask-instruments.ts'
import { StatusBoard } from '../supervisor/status-board.ts'
import { type Sample, trendOf } from './slope.ts'

export type SoakOptions = {
  /** Empty; the caller removes it. */
  readonly folder: string
  readonly hours: number
  readonly ratePerS: number
  /** Between two samples. */
  readonly sampleS: number
  /** A process is killed after so many samples. */
  readonly faultSamples: number
  readonly signal: AbortSignal
  readonly onSample: (text: string) => void
}

const MS_PER_HOUR = 3_600_000
const MIB = 1024 * 1024

/** What a figure may grow by over a run: this, or this share of its mean, whichever is more. */
const LIMITS = {
  memory: { unit: 'bytes', least: 96 * MIB, share: 0.25 },
  files: { unit: 'descriptors', least: 12, share: 0.1 },
  loopDelay: { unit: 'us', least: 30_000, share: 1 },
  latencyP50: { unit: 'us', least: 20_000, share: 1 },
  latencyP99: { unit: 'us', least: 200_000, share: 1 },
} as const
type Figure = keyof typeof LIMITS

class Samples {
  readonly byName = new Map<string, Sample[]>()

  add(figure: Figure | 'journal', process: string, hours: number, value: number): void {
    const name = `${figure} ${process}`
    const known = this.byName.get(name) ?? []
    known.push({ hours, value })
    this.byName.set(name, known)
  }
}

export async function runSoak(options: SoakOptions): Promise<Report> {
  const cluster = new DrillCluster(options.folder, { isPair: true, hasStrategy: true })
  const samples = new Samples()
  let faultCount = 0
  try {
    await cluster.start()
    await cluster.startProcess('gateway')
    const { transport, subjects } = cluster
    const board = new StatusBoard(transport, subjects)
    const instruments = await askInstruments(transport, subjects)
    const load = await Load.open(transport, subjects, {
      ...{ ratePerS: options.ratePerS, seed: 1, instruments },
      onAnswer: () => {},
    })
    const startMs = performance.now()
    for (let count = 1; performance.now() - startMs < options.hours * MS_PER_HOUR; count++) {
      if (options.signal.aborted) break
      load.start()
      await pauseMs(options.sampleS * 1_000)
      if (count % options.faultSamples === 0) await harm(cluster, faultCount++)
      await load.drain()
      const hours = (performance.now() - startMs) / MS_PER_HOUR
      takeSample(samples, hours, cluster, board, load)
      options.onSample(`${(hours * 60).toFixed(1)} min, ${load.sentCount} commands, ${faultCount} faults`)
    }
    load.close()
    return reportOf(samples, load.sentCount, faultCount)
  } finally {
    await cluster.stop()
  }
}

/** One process after the other dies and is started again. */
async function harm(cluster: DrillCluster, count: number): Promise<void> {
  const victims = [cluster.backup(), 'strategy-1', cluster.primary(), 'gateway']
  const victim = victims[count % victims.length]!
  await cluster.kill(victim)
  await cluster.led()
  await cluster.startProcess(victim)
  await cluster.whole()
}

function takeSample(samples: Samples, hours: number, cluster: DrillCluster, board: StatusBoard, load: Load): void {
  for (const { instance, pid, rssBytes, eventLoopDelayP99Us } of board.processes()) {
    samples.add('memory', instance, hours, rssBytes)
    samples.add('loopDelay', instance, hours, eventLoopDelayP99Us)
    const files = fileCountOf(pid)
    if (files !== null) samples.add('files', instance, hours, files)
  }
  const latenciesUs = load.records
    .flatMap(({ commands }) => [...commands.values()].map(({ sentMs, ackedMs }) => (ackedMs - sentMs) * 1_000))
    .sort((one, other) => one - other)
  for (const record of load.records) record.forget()
  const at = (share: number) => Math.round(latenciesUs[Math.floor(latenciesUs.length * share)] ?? 0)
  samples.add('latencyP50', 'order to ack', hours, at(0.5))
  samples.add('latencyP99', 'order to ack', hours, at(0.99))
  for (const name of cluster.engineNames) samples.add('journal', name, hours, sizeOf(cluster.journalFolder(name)))
}

function reportOf(samples: Samples, sentCount: number, faultCount: number): Report {
  const checks: Check[] = [
    { name: 'commands were sent and answered', ok: sentCount > 0, value: sentCount, limit: null },
  ]
  const results: Result[] = [{ name: 'soak', metric: 'faults', value: faultCount, unit: '' }]
  for (const [name, taken] of samples.byName) {
    const [figure = '', ...process] = name.split(' ')
    const { mean, perHour, grown, last } = trendOf(taken)
    const result = { name: process.join(' '), value: Math.round(mean) }
    const limits = LIMITS[figure as Figure]
    const unit = limits?.unit ?? 'bytes'
    results.push({ ...result, metric: figure, unit }, { ...result, metric: `${figure} at the end`, value: last, unit })
    results.push({ ...result, metric: `${figure} slope`, value: Math.round(perHour), unit: `${unit}/h` })
    // A journal grows: its slope is a figure, and no fault.
    if (limits === undefined) continue
    const limit = Math.round(Math.max(limits.least, limits.share * mean))
    checks.push({ name: `${name}: grown by, ${unit}`, ok: grown <= limit, value: Math.round(grown), limit })
  }
  return { checks, results }
}

/** Where the platform tells it as Linux does. */
function fileCountOf(pid: number): number | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return null
  }
}

/** What the files take on the disk. */
function sizeOf(folder: string): number {
  return readdirSync(folder)
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.blocks ?? 0)
    .reduce((sum, blocks) => sum + blocks * 512, 0)
}
