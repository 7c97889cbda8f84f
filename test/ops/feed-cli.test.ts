// `tandem feed` as a user runs it: a handwritten LOBSTER pair is imported, shown and verified; bad input gets an error
// that names the file, the line and the remedy.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const scratch = mkdtempSync(join(tmpdir(), 'tandem-feed-'))
const root = join(import.meta.dirname, '../..')

const MESSAGES = [
  '34200.000000001,1,10,100,1000000,1',
  '34200.000000002,1,11,200,1000200,-1',
  '34200.5,1,12,50,1000000,1',
  '34201,4,11,150,1000200,-1',
  '34202.25,2,10,40,1000000,1',
  '34203,5,0,10,1000150,1',
  '34204,3,12,50,1000000,1',
]
const ORDERBOOK = [
  '9999999999,0,1000000,100',
  '1000200,200,1000000,100',
  '1000200,200,1000000,150',
  '1000200,50,1000000,150',
  '1000200,50,1000000,110',
  '1000200,50,1000000,110',
  '1000200,50,1000000,60',
]

type Outcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

function tandem(...args: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [join(root, 'ops/cli/main.ts'), ...args], { cwd: scratch })
  const outcome = { stdout: '', stderr: '' }
  child.stdout.on('data', (data: Buffer) => (outcome.stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (outcome.stderr += data.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...outcome })))
}

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(join(scratch, name), content)
  return name
}

function lines(rows: readonly string[]): string {
  return `${rows.join('\n')}\n`
}

function lastJson(stdout: string) {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as {
    ok: boolean
    checks: { name: string; ok: boolean; value: unknown; limit: unknown }[]
    results: { name: string; metric: string; value: unknown }[]
    [key: string]: unknown
  }
}

beforeAll(() => {
  write('XYZ_2012-06-21_34200000_57600000_message_1.csv', lines(MESSAGES))
  write('book.csv', lines(ORDERBOOK))
  write('message.gz', gzipSync(lines(MESSAGES)))
  // Told by its content: the name says csv, and the lines end as on Windows.
  write('book-inside.csv', zstdCompressSync(Buffer.from(ORDERBOOK.join('\r\n'))))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('a day from import to verification', () => {
  test('import names the symbol and the day from the file name, and reports what it did', async () => {
    const message = 'XYZ_2012-06-21_34200000_57600000_message_1.csv'
    const { code, stdout, stderr } = await tandem(
      ...['feed', 'import', 'lobster', message, '--orderbook', 'book.csv', '--out', 'xyz.feed', '--json'],
    )
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const report = lastJson(stdout)
    const value = (metric: string) => report.results.find((result) => result.metric === metric)?.value
    expect(report.ok).toBe(true)
    expect([value('messages'), value('executions'), value('redirected'), value('offTickTrades')]).toEqual([7, 1, 1, 1])
    expect(report.results[0]!.name).toBe('XYZ')
    expect(existsSync(join(scratch, 'xyz.feed.part'))).toBe(false)
  })

  test('info shows symbol, times, the mix of events and a chart', async () => {
    const { code, stdout } = await tandem('feed', 'info', 'xyz.feed')
    expect(code).toBe(0)
    expect(stdout).toContain('xyz.feed: lobster, L3, XYZ')
    expect(stdout).toContain('2012-06-21 09:30:00.000000001 America/New_York')
    expect(stdout).toMatch(/ADD +4 /)
    expect(stdout).toMatch(/spread {2}mean 0\.0200/)
    expect(stdout).toContain('100.01 │')
  })

  test('rates measures how often orders came, and writes what the generator reads', async () => {
    const { code, stdout } = await tandem(
      'feed',
      'rates',
      'xyz.feed',
      '--distances',
      '2',
      '--out',
      'rates.json',
      '--json',
    )
    expect(code).toBe(0)
    const { rates, results } = lastJson(stdout) as ReturnType<typeof lastJson> & { rates: Record<string, unknown> }
    expect(results.find(({ metric }) => metric === 'marketOrders')).toMatchObject({ value: 1 })
    expect(rates['limitRates']).toHaveLength(2)
    expect(JSON.parse(readFileSync(join(scratch, 'rates.json'), 'utf8'))).toEqual(rates)
  })

  test('verify compares every row and says so as JSON', async () => {
    const { code, stdout } = await tandem('feed', 'verify', 'xyz.feed', '--orderbook', 'book-inside.csv', '--json')
    const report = lastJson(stdout)
    expect(report.ok).toBe(true)
    expect(code).toBe(0)
    expect(report.checks.find((check) => check.name.startsWith('rows equal'))).toMatchObject({ value: 7, limit: 7 })
    expect(report.checks.map((check) => check.ok)).not.toContain(false)
  })

  test('verify fails on a book that differs, and names the row', async () => {
    write('other-book.csv', lines(ORDERBOOK.with(4, '1000200,50,1000000,111')))
    const { code, stdout, stderr } = await tandem(
      'feed',
      'verify',
      'xyz.feed',
      '--orderbook',
      'other-book.csv',
      '--json',
    )
    expect(code).toBe(1)
    expect(lastJson(stdout)).toMatchObject({ ok: false })
    expect(stderr).toContain('other-book.csv:5: bid 1 is 110 at 1000000 instead of 111 at 1000000')
  })

  test('without a book and from a compressed file the messages stand for themselves', async () => {
    const args = ['message.gz', '--symbol', 'XYZ', '--out', 'plain.feed', '--json', '--feed-latency-us', '250']
    const { code, stderr } = await tandem('feed', 'import', 'lobster', ...args)
    expect(code).toBe(0)
    expect(stderr).toContain('The day is not known')
    const info = await tandem('feed', 'info', 'plain.feed')
    expect(info.stdout).toContain('09:30:00.000000001 of an unknown day')
    expect(info.stdout).toContain('latency   0.250 / 0.250 / 0.250 ms')
  })
})

describe('bad input', () => {
  const cases: [string, readonly string[], RegExp][] = [
    [
      'wrong column count',
      MESSAGES.with(2, '34200.5,1,12,50,1000000'),
      /bad\.csv:3: this row has 5 columns instead of 6/,
    ],
    ['time going back', MESSAGES.with(2, '34199.5,1,12,50,1000000,1'), /bad\.csv:3: this row goes back in time/],
    ['negative price', MESSAGES.with(5, '34203,5,0,10,-1000150,1'), /bad\.csv:6: this row has the price -1000150/],
    ['price off the tick', MESSAGES.with(2, '34200.5,1,12,50,1000050,1'), /bad\.csv:3: .*off the tick of 0\.01/],
    ['not numbers', ['time,type,id,size,price,direction'], /bad\.csv:1: this row has no time/],
  ]
  test.each(cases)('%s', async (_name, rows, pattern) => {
    write('bad.csv', lines(rows))
    const { code, stderr } = await tandem('feed', 'import', 'lobster', 'bad.csv', '--symbol', 'X', '--out', 'bad.feed')
    expect(code).toBe(1)
    expect(stderr).toMatch(pattern)
    expect(stderr).toContain('--skip-bad-rows')
    expect(existsSync(join(scratch, 'bad.feed'))).toBe(false)
    expect(existsSync(join(scratch, 'bad.feed.part'))).toBe(false)
  })

  test('bad rows are left out when that is allowed, each with its place', async () => {
    write('bad.csv', lines(MESSAGES.with(2, '34200.5,1,12,50,1000000')))
    const args = ['bad.csv', '--symbol', 'X', '--out', 'kept.feed', '--skip-bad-rows', '1']
    const { code, stderr, stdout } = await tandem('feed', 'import', 'lobster', ...args)
    expect(code).toBe(0)
    expect(stderr).toContain('left out: bad.csv:3: this row has 5 columns instead of 6')
    expect(stdout).toMatch(/rows left out: 1, limit 1/)
  })

  test('a truncated gzip file is named, with how far it was read', async () => {
    const whole = readFileSync(join(scratch, 'message.gz'))
    write('cut.gz', whole.subarray(0, whole.length - 12))
    const { code, stderr } = await tandem('feed', 'import', 'lobster', 'cut.gz', '--symbol', 'X', '--out', 'cut.feed')
    expect(code).toBe(1)
    expect(stderr).toMatch(/cut\.gz: the compressed file ends too early, after line \d+ and byte \d+ of the file/)
    const zstd = zstdCompressSync(Buffer.from(lines(MESSAGES)))
    write('cut.zst', zstd.subarray(0, zstd.length - 5))
    const second = await tandem('feed', 'import', 'lobster', 'cut.zst', '--symbol', 'X', '--out', 'cut.feed')
    expect(second.code).toBe(1)
    expect(second.stderr).toMatch(/cut\.zst: the compressed file/)
  })

  test('files that do not belong together', async () => {
    write('short-book.csv', lines(ORDERBOOK.slice(0, 4)))
    write('long-book.csv', lines([...ORDERBOOK, ORDERBOOK[6]!]))
    const args = ['feed', 'import', 'lobster', 'message.gz', '--symbol', 'X', '--out', 'x.feed', '--orderbook']
    expect((await tandem(...args, 'short-book.csv')).stderr).toContain('short-book.csv ends after line 4')
    expect((await tandem(...args, 'long-book.csv')).stderr).toContain('long-book.csv has more')
    expect((await tandem(...args, 'message.gz')).stderr).toContain('message.gz:1: this is no LOBSTER order book row')
  })

  test('missing files, times that are none, files that are no feeds, feeds that are cut or damaged', async () => {
    const missing = await tandem('feed', 'info', 'nothing.feed')
    expect(missing).toMatchObject({
      code: 1,
      stderr: 'tandem: nothing.feed does not exist\n  Check the name and the folder.\n',
    })
    const other = await tandem('feed', 'verify', 'book.csv')
    expect(other.code).toBe(1)
    expect(other.stderr).toMatch(/book\.csv: this is not a feed file.*\n.*feed import/)
    const noTime = await tandem('feed', 'slice', 'xyz.feed', '--from', 'noon', '--out', 'part.feed')
    expect(noTime).toMatchObject({ code: 1, stderr: expect.stringMatching(/noon is no time\n {2}A time is 2012/) })
    const whole = readFileSync(join(scratch, 'xyz.feed'))
    write('cut.feed', whole.subarray(0, whole.length - 30))
    const cut = await tandem('feed', 'verify', 'cut.feed')
    expect(cut.code).toBe(1)
    expect(cut.stdout).toContain('FAILED  file is whole: truncated')
    const damaged = Uint8Array.from(whole)
    damaged[whole.length - 150]! ^= 1
    write('damaged.feed', damaged)
    const broken = await tandem('feed', 'verify', 'damaged.feed')
    expect(broken.code).toBe(1)
    expect(broken.stderr).toMatch(/damaged\.feed: .*damaged \(at byte \d+\)/)
  })
})
