// What goes wrong in one simulation: each seed turns on some faults and leaves out others, so that rare combinations are
// tried as well as single faults.

import { NS_PER_MS } from '../base/clock.ts'
import { Prng } from '../base/prng.ts'

export type FaultPlan = {
  /** How often each happens, in events per second of virtual time; 0: never. */
  readonly killPerS: number
  readonly killAtWritePerS: number
  readonly killBothPerS: number
  readonly pausePerS: number
  readonly powerLossPerS: number
  /** With a snapshot on the disk whose last records are nowhere. */
  readonly powerLossAtSnapshotPerS: number
  readonly peerBreakPerS: number
  readonly peerPartitionPerS: number
  readonly busOutagePerS: number
  readonly busCutPerS: number
  readonly storeOutagePerS: number
  readonly handOverPerS: number
  readonly clientRestartPerS: number
  readonly slowDiskPerS: number
  readonly fullDiskPerS: number
  /** At most once in a simulation each, but for the view, which may be lost again. */
  readonly losesView: boolean
  readonly losesDisk: boolean
  readonly flipsBit: boolean
  /** Shares of messages. */
  readonly peerLossShare: number
  readonly peerRepeatShare: number
  readonly peerDelayShare: number
  readonly busLossShare: number
  readonly storeAnswerLossShare: number
  readonly storeLateShare: number
  readonly storeStaleShare: number
  /** Clocks run this much too fast or slow, and jump by up to so much between starts. */
  readonly clockDrift: number
  readonly clockStepMs: number
  readonly isDiskDurable: boolean
  readonly snapshotRecords: number
  readonly segmentSize: number
  readonly clientCount: number
  readonly commandsPerS: number
}

export type FaultKind = Exclude<Extract<keyof FaultPlan, `${string}PerS`>, 'commandsPerS'>

/** No fault at all: for tests of the simulator itself. */
export const NO_FAULTS: FaultPlan = {
  ...{ killPerS: 0, killAtWritePerS: 0, killBothPerS: 0, pausePerS: 0, powerLossPerS: 0, powerLossAtSnapshotPerS: 0 },
  ...{ peerBreakPerS: 0, peerPartitionPerS: 0, busOutagePerS: 0, busCutPerS: 0, storeOutagePerS: 0 },
  ...{ handOverPerS: 0, clientRestartPerS: 0, slowDiskPerS: 0, fullDiskPerS: 0 },
  ...{ losesView: false, losesDisk: false, flipsBit: false },
  ...{ peerLossShare: 0, peerRepeatShare: 0, peerDelayShare: 0, busLossShare: 0 },
  ...{ storeAnswerLossShare: 0, storeLateShare: 0, storeStaleShare: 0 },
  ...{ clockDrift: 0, clockStepMs: 0, isDiskDurable: false },
  ...{ snapshotRecords: 100, segmentSize: 16_384, clientCount: 2, commandsPerS: 60 },
}

/** The plan of a seed. */
export function planFaults(seed: number): FaultPlan {
  const random = new Prng(seed ^ 0x5eed)
  const some = (probability: number, highest: number) =>
    random.nextChance(probability) ? random.nextFloat() * highest : 0
  const losesDisk = random.nextChance(0.06)
  const flipsBit = random.nextChance(0.1) && !losesDisk
  const losesView = random.nextChance(0.12)
  return {
    killPerS: some(0.5, 1.5),
    killAtWritePerS: some(0.4, 1.5),
    killBothPerS: some(0.2, 0.4),
    pausePerS: some(0.4, 1),
    // Two losses at once are more than is promised: a lost disk and one that forgets what was not synced.
    powerLossPerS: losesDisk || flipsBit ? 0 : some(0.35, 1),
    peerBreakPerS: some(0.4, 2),
    peerPartitionPerS: some(0.35, 1),
    busOutagePerS: some(0.2, 0.5),
    busCutPerS: some(0.25, 0.7),
    storeOutagePerS: some(0.25, 0.7),
    handOverPerS: some(0.25, 1),
    clientRestartPerS: some(0.25, 0.5),
    slowDiskPerS: some(0.3, 1),
    fullDiskPerS: some(0.15, 0.5),
    losesView,
    losesDisk,
    flipsBit,
    peerLossShare: some(0.25, 0.05),
    peerRepeatShare: some(0.25, 0.05),
    peerDelayShare: some(0.25, 0.05),
    busLossShare: some(0.3, 0.05),
    storeAnswerLossShare: some(0.4, 0.5),
    storeLateShare: some(0.3, 0.3),
    storeStaleShare: some(0.3, 0.5),
    clockDrift: some(0.3, 0.02),
    // An engine without its disk is told from its former self by the clock alone.
    clockStepMs: losesDisk || flipsBit ? 0 : some(0.3, 10_000),
    isDiskDurable: random.nextChance(0.2),
    snapshotRecords: random.nextBetween(20, 400),
    segmentSize: 8_192 << random.nextBelow(3),
    clientCount: random.nextBetween(1, 3),
    commandsPerS: random.nextBetween(20, 120),
    powerLossAtSnapshotPerS: losesDisk || flipsBit ? 0 : some(0.2, 1),
  }
}

/** How long the faults last. */
export const FAULT_TIME = {
  restartNs: [20 * NS_PER_MS, 1_200 * NS_PER_MS],
  pauseNs: [20 * NS_PER_MS, 1_500 * NS_PER_MS],
  partitionNs: [30 * NS_PER_MS, 2_000 * NS_PER_MS],
  outageNs: [50 * NS_PER_MS, 1_500 * NS_PER_MS],
  slowNs: [100 * NS_PER_MS, 1_500 * NS_PER_MS],
} as const satisfies Record<string, readonly [number, number]>
