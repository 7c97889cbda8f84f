// What the rounds of a drill came to: counts, percentiles and verdicts.

import type { Check, Report, Result } from '../cli/output.ts'
import type { ClientRecord } from './client-record.ts'
import type { Findings, JournalChecker } from './journal-checker.ts'
import type { Verdict } from './linearizability.ts'
import type { Scenario } from './scenario.ts'

export class Tally {
  sentCount = 0
  retryCount = 0
  readonly #scenario: Scenario
  readonly #measures = new Map<string, number[]>()
  /** By name: the first that failed, or else the last one. */
  readonly #ownChecks = new Map<string, Check>()
  #orderedCount = 0
  #unexplained = ''
  #ackedCount = 0
  #lostReportCount = 0
  #wrongHashCount = 0
  #roundCount = 0

  constructor(scenario: Scenario) {
    this.#scenario = scenario
  }

  addHash(isEqual: boolean): void {
    this.#roundCount += 1
    if (!isEqual) this.#wrongHashCount += 1
  }

  addVerdict({ isLinearizable, count, explanation }: Verdict): void {
    this.#orderedCount += count
    if (!isLinearizable) this.#unexplained ||= explanation
  }

  addRecords(records: readonly ClientRecord[]): void {
    this.#lostReportCount = records.reduce((sum, { lostCount }) => sum + lostCount, 0)
    for (const { commands } of records) {
      for (const { ackedMs } of commands.values()) if (ackedMs !== Number.POSITIVE_INFINITY) this.#ackedCount += 1
    }
  }

  addCheck(check: Check): void {
    if (this.#ownChecks.get(check.name)?.ok !== false) this.#ownChecks.set(check.name, check)
  }

  measure(metric: string, valueMs: number): void {
    const values = this.#measures.get(metric) ?? []
    values.push(valueMs)
    this.#measures.set(metric, values)
  }

  isGood(findings: Findings): boolean {
    return (
      this.#unexplained === '' &&
      findings.examples.length === 0 &&
      this.#wrongHashCount === 0 &&
      [...this.#ownChecks.values()].every(({ ok }) => ok)
    )
  }

  report({ findings, checkedCount, desk }: JournalChecker, splitEpochs: readonly number[]): Report {
    const { name, shape } = this.#scenario
    const none = (what: string, value: number): Check => ({
      name: `${name}: ${what}`,
      ok: value === 0,
      value: value === 0 ? 0 : `${value}; ${findings.examples[0] ?? ''}`,
      limit: 0,
    })
    const checks: Check[] = [
      { name: `${name}: commands were checked`, ok: checkedCount > 0, value: checkedCount, limit: null },
      none('acknowledged commands lost', findings.lost),
      none('commands applied twice', findings.twice),
      none('commands altered', findings.altered),
      none('records after which authority, exposure or positions are not as they must be', findings.deskFaults),
      none('replies that differ from the journal', findings.wrongReplies),
      none('rounds whose state hash differs from the replay', this.#wrongHashCount),
      ...(this.#orderedCount > 0
        ? [
            {
              name: `${name}: histories are linearizable`,
              ok: this.#unexplained === '',
              value: this.#unexplained || this.#orderedCount,
              limit: null,
            },
          ]
        : []),
      ...(shape.isPair
        ? [none('divergent records', findings.diverged), none('epochs with two primaries', splitEpochs.length)]
        : []),
      ...this.#ownChecks.values(),
    ]
    return { checks, results: this.#results(name, desk.staleAuthorityCount) }
  }

  #results(name: string, staleCount: number): Result[] {
    return [
      { name, metric: 'rounds', value: this.#roundCount, unit: 'rounds' },
      { name, metric: 'sent', value: this.sentCount, unit: 'commands' },
      { name, metric: 'acknowledged', value: this.#ackedCount, unit: 'commands' },
      { name, metric: 'sentAgain', value: this.retryCount, unit: 'commands' },
      { name, metric: 'quotesWithoutAuthorityRefused', value: staleCount, unit: 'quotes' },
      { name, metric: 'reportsNoLongerKept', value: this.#lostReportCount, unit: 'reports' },
      ...[...this.#measures].map(([metric, values]) => percentiles(name, metric, values)),
    ]
  }
}

function percentiles(name: string, metric: string, values: readonly number[]): Result {
  const sorted = [...values].sort((one, other) => one - other)
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0)
  return { name, metric, value: at(0.5), unit: 'ms', p50: at(0.5), p99: at(0.99), max: at(1) }
}
