// What every verb prints: reports for scripts, errors for people.
//
// stdout is for results, stderr for everything else. With --json a verb prints exactly one JSON object on stdout, as its
// last line, and the exit code agrees with its `ok`.

/** One thing that had to hold. `limit` is what `value` was held against. */
export type Check = {
  readonly name: string
  readonly ok: boolean
  readonly value: number | string | boolean | null
  readonly limit: number | string | boolean | null
}

/** One figure. The optional fields are there where they apply; all of them are in `unit`, but `ratio`. */
export type Result = {
  readonly name: string
  readonly metric: string
  readonly value: number | string | null
  readonly unit: string
  readonly p50?: number
  readonly p99?: number
  readonly p999?: number
  readonly max?: number
  readonly spread?: number
  /** What the figure was compared with, and how many times as much it is. */
  readonly against?: string
  readonly ratio?: number
}

export type Report = {
  readonly checks: readonly Check[]
  readonly results: readonly Result[]
}

/** A failure that the user can do something about: the message names the input and the place, the remedy what to type. */
export class UserError extends Error {
  override name = 'UserError'
  readonly remedy: string | undefined

  constructor(message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options)
    this.remedy = remedy
  }
}

export function isOk(report: Report): boolean {
  return report.checks.every((check) => check.ok)
}

/** Prints the report, as JSON or as lines, and sets the exit code: 0 only when every check held. */
export function printReport(report: Report, json: boolean, extra: Readonly<Record<string, unknown>> = {}): void {
  const ok = isOk(report)
  if (json) {
    process.stdout.write(`${JSON.stringify({ ok, checks: report.checks, results: report.results, ...extra })}\n`)
  } else {
    process.stdout.write(`${reportLines(report).join('\n')}\n`)
  }
  if (!ok) process.exitCode = 1
}

/** The report for people: figures first, then checks, the failed ones marked. */
export function reportLines(report: Report): string[] {
  const nameWidth = Math.max(0, ...report.results.map((result) => `${result.name} ${result.metric}`.length))
  const lines = report.results.map((result) => {
    const percentiles = (['p50', 'p99', 'p999', 'max'] as const)
      .filter((key) => result[key] !== undefined)
      .map((key) => `${key} ${result[key]}`)
    const figure = percentiles.length > 0 ? percentiles.join('  ') : String(result.value ?? '-')
    const ratio = result.ratio === undefined ? '' : `  (${result.ratio} x ${result.against ?? ''})`
    return `  ${`${result.name} ${result.metric}`.padEnd(nameWidth)}  ${figure} ${result.unit}${ratio}`.trimEnd()
  })
  for (const check of report.checks) {
    const against = check.limit === null ? '' : `, limit ${check.limit}`
    lines.push(`  ${check.ok ? 'ok    ' : 'FAILED'}  ${check.name}: ${check.value}${against}`)
  }
  return lines
}

/** Tells the user what went wrong and sets the exit code. Stack traces only when TANDEM_DEBUG is set. */
export function printError(error: unknown, json: boolean): void {
  const message = describeError(error)
  process.stderr.write(`tandem: ${message}\n`)
  if (process.env['TANDEM_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  if (json) {
    const checks: Check[] = [{ name: 'completed', ok: false, value: message, limit: null }]
    process.stdout.write(`${JSON.stringify({ ok: false, checks, results: [] })}\n`)
  }
  process.exitCode = 1
}

const PROGRAMMER_ERRORS = new Set(['AssertionError', 'TypeError', 'ReferenceError', 'RangeError', 'SyntaxError'])

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof UserError)
    return error.remedy === undefined ? error.message : `${error.message}\n  ${error.remedy}`
  if (PROGRAMMER_ERRORS.has(error.name)) {
    return `${error.name}: ${error.message}\n  This is a fault in Tandem itself. TANDEM_DEBUG=1 shows where it happened.`
  }
  return describeSystemError(error)
}

/** Node's own errors say a code and a system call; people want to know what it means. */
function describeSystemError(error: Error): string {
  const { code, path } = error as NodeJS.ErrnoException
  if (path === undefined) return error.message
  if (code === 'ENOENT') return `${path} does not exist\n  Check the name and the folder.`
  if (code === 'EACCES' || code === 'EPERM') return `${path} may not be accessed by this user`
  if (code === 'EISDIR') return `${path} is a directory, and a file is needed`
  if (code === 'ENOSPC') return `no space is left on the disk of ${path}`
  return error.message
}
