// Replays equal the reference implementation: conversion, requests, fills, touches and end states.

import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { verifyGoldens } from '../../backtest/io/golden-verify.ts'
import { dataDir, goldensDir } from '../support/data.ts'

const LIMIT_MS = 120_000

describe.skipIf(!existsSync(goldensDir) || !existsSync(dataDir))('results of the reference', () => {
  test('by level: the conversion, and every queue and latency model', { timeout: LIMIT_MS }, async () => {
    const verdicts = await verifyGoldens({ goldensDir, dataDir, only: 'usdm_btcusdt' })
    expect(verdicts).toHaveLength(31)
    expect(verdicts.filter(({ difference }) => difference !== null)).toEqual([])
  })

  test('by order: first in, first out', { timeout: LIMIT_MS }, async () => {
    const progress: string[] = []
    const onVerdict = (_: unknown, done: number, total: number) => progress.push(`${done} of ${total}`)
    const verdicts = await verifyGoldens({ goldensDir, dataDir, only: 'l3_', onVerdict })
    expect(verdicts).toHaveLength(4)
    expect(progress).toEqual(['1 of 4', '2 of 4', '3 of 4', '4 of 4'])
    expect(verdicts.filter(({ difference }) => difference !== null)).toEqual([])
  })
})
