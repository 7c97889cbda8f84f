// The details that a process states about itself, as short figures that people read: commitLatencyP99Us 210 becomes
// "commit latency p99" and "210 µs".

const VALUE_LENGTH_MAX = 40

const UNITS: readonly [suffix: RegExp, unit: string][] = [
  [/PerSecond$/, '/s'],
  [/Ns$/, ' ns'],
  [/Us$/, ' µs'],
  [/Ms$/, ' ms'],
  [/Bytes$/, ' B'],
  [/Lots$/, ' lots'],
  [/S$/, ' s'],
]

const numbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 })

/** Undefined when the value is no single figure. */
export function figureOf(name: string, value: unknown): [name: string, value: string] | undefined {
  if (typeof value === 'string') return value === '' ? undefined : [words(name), value.slice(0, VALUE_LENGTH_MAX)]
  if (typeof value === 'boolean') return [words(name), value ? 'yes' : 'no']
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  for (const [suffix, unit] of UNITS) {
    if (suffix.test(name)) return [words(name.replace(suffix, '')), withUnit(value, unit)]
  }
  return [words(name), numbers.format(value)]
}

function withUnit(value: number, unit: string): string {
  if (unit === ' B') return `${numbers.format(Math.round(value / 104_857.6) / 10)} MB`
  if (unit === ' µs' && value >= 10_000) return `${numbers.format(Math.round(value / 100) / 10)} ms`
  return `${numbers.format(value)}${unit}`
}

/** Counts of things are named by the things, in the plural; counts of what was done, by what was done. */
function words(name: string): string {
  return name
    .replace(/(ed|[Ss]ent|[Ff]light)Count$/, '$1')
    .replace(/Count$/, 's')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_.]/g, ' ')
    .toLowerCase()
}
