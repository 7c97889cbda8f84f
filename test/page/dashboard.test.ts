// The dashboard page in a real Chromium, against a gateway that a fake engine feeds: what it shows equals what the API
// says at the same record, it cannot change anything, and it comes back by itself.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Browser, type WatchedPage } from '../../bench/browser.ts'
import { ensurePage } from '../../ops/dashboard/ensure-page.ts'
import { Side, TradingPhase } from '../../protocol/kinds.ts'
import { GatewayHarness } from '../support/gateway-harness.ts'

const MINUS = '−'

let browser: Browser
let harness: GatewayHarness
let watched: WatchedPage
beforeAll(async () => {
  browser = await Browser.start()
})
afterAll(() => browser.stop())
beforeEach(async () => {
  harness = await GatewayHarness.start({ page: true })
  fillMarket()
  watched = await browser.open(harness.server.url)
})
afterEach(async () => {
  await watched.page.close()
  await harness.stop()
})

function fillMarket(): void {
  const { engine } = harness
  for (let level = 0; level < 15; level++) {
    engine.setLevel(0, Side.BUY, [2_478 - level, 10 + level])
    engine.setLevel(0, Side.SELL, [2_482 + level, 7 + level])
  }
  engine.setLevel(1, Side.SELL, [120_001, 3])
  engine.quote(0, { bidTicks: 2_478, bidLots: 10, askTicks: 2_483, askLots: 8 })
  engine.fill(0, Side.BUY, 2_478, 4)
  engine.fill(0, Side.SELL, 2_483, 1)
  engine.trade(1, Side.SELL, 120_000, 5)
  engine.status('engine', 'engine-a', { state: 'primary', pid: 111, details: { epoch: 1 } })
  engine.status('strategy', 'node-1', { state: 'quoting', pid: 222 })
}

function cells(selector: string): Promise<string[][]> {
  return watched.page
    .locator(selector)
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')))
}

/** Waits until the panel shows the state of the engine's newest record that changed it. */
async function panelAt(panel: string, recordSeq: number): Promise<void> {
  await expect
    .poll(() => watched.panel(panel).getAttribute('data-record-seq'), { timeout: 10_000 })
    .toBe(String(recordSeq))
}

test('the book equals the API at the same record, our quote marked', async () => {
  type Book = { recordSeq: number; bids: Level[]; asks: Level[] }
  type Level = { price: string; quantity: string }
  const { body } = await harness.get<Book>('/book/ALDR')
  await panelAt('ladder', body.recordSeq)
  const rows = await cells('[data-panel="ladder"] tbody tr')
  const expected = (side: string, levels: Level[], ours: Record<string, string>) =>
    levels.map(({ price, quantity }) => [side, price, quantity, ours[price] ?? ''])
  expect(rows).toEqual([
    ...expected('ask', body.asks, { '24.83': '7' }),
    ...expected('bid', body.bids, { '24.78': '6' }),
  ])
})

test('prices, positions, quotes and exposure equal the API at the same record', async () => {
  type Positions = {
    recordSeq: number
    positions: { symbol: string; netLots: number; version: number; profit: string }[]
  }
  const { body } = await harness.get<Positions>('/positions')
  await panelAt('desk', body.recordSeq)
  for (const { symbol, netLots, version, profit } of body.positions) {
    const row = watched.panel('desk').locator(`tr[data-symbol="${symbol}"]`)
    const shown = async (field: string) => number(await row.locator(`[data-field="${field}"]`).innerText())
    expect(await shown('net')).toBe(netLots)
    expect(await shown('version')).toBe(version)
    expect(await shown('profit')).toBe(Number(Number(profit).toFixed(2)))
  }
  type Quote = { recordSeq: number; quote: { bid: string; bidQuantity: string; ask: string; askQuantity: string } }
  const { quote } = (await harness.get<Quote>('/quotes/ALDR')).body
  const row = watched.panel('desk').locator('tr[data-symbol="ALDR"]')
  const quoted = () =>
    Promise.all(
      ['bid-lots', 'bid', 'ask', 'ask-lots'].map((field) => row.locator(`[data-field="${field}"]`).innerText()),
    )
  await expect.poll(quoted).toEqual([quote.bidQuantity, quote.bid, quote.ask, quote.askQuantity])

  type Exposure = { recordSeq: number; bidLots: number; askLots: number }
  const exposure = (await harness.get<Exposure>('/exposure')).body
  await panelAt('exposure', exposure.recordSeq)
  const usage = await Promise.all(
    ['bid', 'ask'].map((side) => watched.panel('exposure').locator(`[data-field="${side}-exposure"]`).innerText()),
  )
  expect(usage.map(Number)).toEqual([exposure.bidLots, exposure.askLots])

  type Prices = { prices: { symbol: string; last: string }[] }
  const { prices } = (await harness.get<Prices>('/prices')).body
  for (const { symbol, last } of prices) {
    const shown = watched.page.locator(`.watch[data-symbol="${symbol}"] [data-field="last"]`)
    await expect.poll(() => shown.innerText()).toBe(last)
  }
})

test('fills, trades and processes equal the API', async () => {
  type Fill = { tradeId: number; symbol: string; side: string; price: string; quantity: string; position: string }
  const { fills } = (await harness.get<{ fills: Fill[] }>('/fills')).body
  await expect.poll(() => cells('[data-panel="fills"] tbody tr')).toHaveLength(fills.length)
  const shown = (await cells('[data-panel="fills"] tbody tr')).map((row) => row.slice(1, 5))
  expect(shown).toEqual(
    fills
      .toReversed()
      .map(({ symbol, side, quantity, price, position }) => [
        symbol,
        side === 'buy' ? `+${quantity}` : `${MINUS}${quantity}`,
        price,
        signed(Number(position)),
      ]),
  )
  await expect
    .poll(async () => (await cells('[data-panel="tape"] tbody tr')).map((row) => row.slice(1)))
    .toEqual([
      ['24.83 bought', '1'],
      ['24.78 sold', '4'],
    ])
  const processes = (await harness.get<{ processes: { instance: string; pid: number; state: string }[] }>('/cluster'))
    .body.processes
  await expect
    .poll(async () => (await cells('[data-panel="cluster"] tbody tr')).map((row) => row.slice(0, 3)))
    .toEqual(processes.map(({ instance, state, pid }) => [instance, state, String(pid)]))
})

test('the views of a panel: what became of quotes, engines in numbers, a lane of time for each process', async () => {
  const { page } = watched
  await page.getByRole('radio', { name: 'Quotes' }).click()
  await expect.poll(() => watched.panel('fills').innerText()).toMatch(/ALDR\s+accepted\s+10 @ 24.78\s+8 @ 24.83/)
  await page.getByRole('checkbox', { name: 'only those reduced, refused or ended' }).check()
  await expect.poll(() => watched.panel('fills').innerText()).toContain('None yet')

  harness.engine.status('engine', 'engine-a', {
    state: 'pair',
    pid: 111,
    details: { epoch: 3, appendedSeq: 1_234, peerSeq: 1_200, commitP50Us: 210 },
  })
  harness.engine.status('strategy', 'node-1', { pid: 222, details: { tickToQuoteP50Us: 90, tickToQuoteP99Us: 1_500 } })
  await page.getByRole('radio', { name: 'Engines' }).click()
  await expect
    .poll(() => watched.panel('cluster').innerText())
    .toMatch(/engine-a\s+pair\s+3\s+1,234.*34 records\s+210 µs/)
  expect(await watched.panel('cluster').innerText()).toMatch(/node-1\s+Tick to quote\s+90 µs\s+1.5 ms/)
  await page.getByRole('radio', { name: 'Timeline' }).click()
  await expect.poll(() => watched.panel('cluster').getByRole('img').count()).toBe(2)

  expect(watched.errors).toEqual([])
  await page.getByRole('radio', { name: 'Heat' }).click()
  const isPainted = `(() => {
    const canvas = document.querySelector('[data-panel="chart"] canvas')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return data.some((value) => value !== 0)
  })()`
  await expect.poll(() => page.evaluate<boolean>(isPainted)).toBe(true)
})

test('in a market that changes everywhere at once, each frame has the work of one panel', async () => {
  const { page } = watched
  await panelAt('ladder', (await harness.get<{ recordSeq: number }>('/book/ALDR')).body.recordSeq)
  await page.evaluate(`
    window.changedIn = {}
    const panelOf = (node) => (node instanceof Element ? node : node.parentElement).closest('[data-panel]')?.dataset.panel
    new MutationObserver((changes) => {
      const changed = (window.changedIn[document.timeline.currentTime] ??= {})
      for (const { target } of changes) changed[panelOf(target) ?? 'header'] = true
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true })
  `)
  const { engine } = harness
  for (let round = 1; round <= 20; round++) {
    engine.setLevel(0, Side.BUY, [2_470, round])
    engine.trade(0, Side.BUY, 2_482, round)
    engine.quote(0, { bidTicks: 2_478, bidLots: 10, askTicks: 2_483, askLots: 1 + (round % 8) })
    engine.fill(0, Side.BUY, 2_478, 1)
    engine.status('engine', 'engine-a', { state: 'primary', pid: 111, details: { epoch: round } })
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const changedIn = await page.evaluate<string[][]>('Object.values(window.changedIn).map(Object.keys)')
  // What a component does after its frame counts as that frame's; on a busy machine the next part's may fall into it.
  expect(changedIn.filter((panels) => panels.length > 1).length).toBeLessThan(changedIn.length / 5)
  expect(Math.max(...changedIn.map((panels) => panels.length))).toBeLessThan(4)
  const changed = new Set(changedIn.flat())
  for (const panel of ['header', 'watchlist', 'exposure', 'ladder', 'desk', 'tape', 'fills', 'cluster']) {
    expect(changed).toContain(panel)
  }
})

test('choosing a symbol shows its book and tape, is kept in the address, and the keyboard does it too', async () => {
  const { page } = watched
  await page.getByRole('radio', { name: 'BTC-USD' }).click()
  await expect.poll(() => cells('[data-panel="ladder"] tbody tr')).toEqual([['ask', '60000.5', '3', '']])
  await expect
    .poll(async () => (await cells('[data-panel="tape"] tbody tr')).map((row) => row.slice(1)))
    .toEqual([['60000.0 sold', '5']])
  expect(new URL(page.url()).hash).toBe('#BTC-USD')
  expect(await page.title()).toBe('BTC-USD · Tandem')
  await page.keyboard.press('1')
  await expect.poll(() => page.getByRole('radio', { name: 'ALDR' }).getAttribute('aria-checked')).toBe('true')
  await page.getByRole('radio', { name: 'ALDR' }).focus()
  await page.keyboard.press('ArrowDown')
  await expect.poll(() => page.getByRole('radio', { name: 'BTC-USD' }).getAttribute('aria-checked')).toBe('true')
})

test('a switch of quoting and the silence of a process are shown and explained', async () => {
  await expect.poll(() => watched.page.locator('[data-fact="Quoting"]').innerText()).toBe('on')
  harness.engine.setQuoting(false)
  await expect.poll(() => watched.page.locator('[data-fact="Quoting"]').innerText()).toBe('off')
  await expect
    .poll(() => watched.panel('events').innerText())
    .toContain('Quoting was switched off for all symbols: its quotes are withdrawn and new ones refused.')
  await expect
    .poll(() => watched.panel('events').innerText(), { timeout: 8_000 })
    .toContain('node-1 (pid 222) has fallen silent. Its quotes stand until they end at their expiry.')
  await expect.poll(() => watched.panel('cluster').innerText()).toContain('silent for')
})

test('a halt and an auction are marked where the symbol is named, and explained', async () => {
  const row = watched.page.locator('.watch[data-symbol="ALDR"]')
  await panelAt('ladder', (await harness.get<{ recordSeq: number }>('/book/ALDR')).body.recordSeq)
  const heightBefore = (await row.boundingBox())?.height
  for (const [phase, mark, inBook, told] of [
    [TradingPhase.HALT, 'halt', 'halt', 'ALDR is halted: nothing trades'],
    [TradingPhase.OPENING_AUCTION, 'auction', 'opening auction', 'ALDR is in its opening auction: orders gather'],
  ] as const) {
    harness.engine.setPhase(0, phase)
    await expect.poll(() => row.locator('.badge').innerText()).toBe(mark)
    await expect.poll(() => watched.panel('ladder').locator('.badge').innerText()).toBe(inBook)
    await expect.poll(() => watched.panel('events').innerText()).toContain(told)
    expect((await row.boundingBox())?.height).toBe(heightBefore)
  }
  harness.engine.setPhase(0, TradingPhase.CONTINUOUS)
  await expect.poll(() => row.locator('.badge').count()).toBe(0)
  await expect.poll(() => watched.panel('events').innerText()).toContain('ALDR is in continuous trading.')
})

test('comes back by itself when the gateway was away, without a reload, and says that it was away', async () => {
  const { page } = watched
  await panelAt('ladder', (await harness.get<{ recordSeq: number }>('/book/ALDR')).body.recordSeq)
  await page.evaluate('window.notReloaded = true')
  const port = Number(new URL(harness.server.url).port)
  await harness.stop()
  await expect
    .poll(() => page.getByRole('alert').innerText(), { timeout: 10_000 })
    .toContain('No connection to the gateway')
  harness.engine.setLevel(0, Side.BUY, [2_479, 55])

  await harness.open({ page: true, port })
  await expect
    .poll(() => watched.panel('events').innerText(), { timeout: 15_000 })
    .toContain('This page had no connection')
  const { recordSeq } = (await harness.get<{ recordSeq: number }>('/book/ALDR')).body
  await panelAt('ladder', recordSeq)
  expect((await cells('[data-panel="ladder"] tbody tr')).find(([side]) => side === 'bid')).toEqual([
    'bid',
    '24.79',
    '55',
    '',
  ])
  expect(await page.evaluate('window.notReloaded')).toBe(true)
  // The browser itself reports the connections that failed meanwhile; nothing else may have gone wrong.
  expect(watched.errors.filter((text) => !text.includes('WebSocket connection to'))).toEqual([])
})

test('no control on it sends a command, and nothing comes from elsewhere', async () => {
  const { page } = watched
  await expect.poll(() => cells('[data-panel="ladder"] tbody tr')).not.toHaveLength(0)
  const buttons = page.locator('main, header').getByRole('button').or(page.getByRole('radio'))
  for (const button of await buttons.all()) {
    if (!(await button.innerText()).includes('Pause')) await button.click()
  }
  for (const key of ['t', 't', '1', '2', 'Enter', 'Escape', 'Delete']) await page.keyboard.press(key)
  expect(await page.locator('form, a[href]').count()).toBe(0)
  expect(watched.sentMessages.length).toBeGreaterThan(0)
  for (const message of watched.sentMessages) {
    expect(JSON.parse(message)).toEqual({ type: 'subscribe', symbols: [expect.any(String)] })
  }
  for (const { method, url } of watched.requests) {
    expect(method).toBe('GET')
    expect(url.startsWith(harness.server.url)).toBe(true)
  }
  expect(harness.orders.sent).toEqual([])
  expect(watched.errors).toEqual([])
})

test('everything that one can use or look at has a name', async () => {
  const { page } = watched
  await expect.poll(() => cells('[data-panel="desk"] tbody tr')).toHaveLength(2)
  const unnamed = await page.evaluate(`
    [...document.querySelectorAll('button, canvas, [role], section, table')]
      .filter((element) => element.closest('[aria-hidden="true"]') === null)
      .filter((element) => element.parentElement?.closest('[role="img"][aria-label]') === null)
      .filter((element) => !['presentation', 'none'].includes(element.getAttribute('role')))
      .filter((element) => {
        const labelledBy = element.getAttribute('aria-labelledby')
        const name = element.getAttribute('aria-label')
          ?? (labelledBy && document.getElementById(labelledBy)?.textContent)
          ?? element.textContent
        return (name ?? '').trim() === ''
      })
      .map((element) => element.outerHTML.slice(0, 120))
  `)
  expect(unnamed).toEqual([])
  for (const name of [
    'Symbols',
    'Order book',
    'Chart',
    'Positions and quotes',
    'Trades',
    'Ours',
    'Cluster',
    'What happened',
  ]) {
    expect(await page.getByRole('region', { name, exact: true }).count()).toBe(1)
  }
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Tandem')
  expect(await page.locator('html').getAttribute('lang')).toBe('en')
})

test('dark and light follow the system until the reader chooses, and the choice is kept', async () => {
  const { page } = watched
  const theme = () => page.locator('html').getAttribute('data-theme')
  await page.emulateMedia({ colorScheme: 'light' })
  await page.reload()
  expect(await theme()).toBe('light')
  await page.getByRole('button', { name: 'Switch to dark colours' }).click()
  expect(await theme()).toBe('dark')
  await page.reload()
  expect(await theme()).toBe('dark')
})

test('on a small laptop no column is cut off', async () => {
  await watched.page.setViewportSize({ width: 1_360, height: 860 })
  await watched.page.getByRole('cell', { name: '24.78', exact: true }).first().waitFor()
  const tooWide = await watched.page
    .locator('.panel')
    .evaluateAll((panels) =>
      panels
        .filter((panel) =>
          [...panel.querySelectorAll('.panel-body')].some((body) => body.scrollWidth > body.clientWidth + 1),
        )
        .map((panel) => panel.getAttribute('data-panel')),
    )
  expect(tooWide).toEqual([])
})

test('on a telephone nothing is wider than the screen', async () => {
  const narrow = await browser.open(harness.server.url, { width: 390, height: 844 })
  await expect.poll(() => narrow.panel('ladder').locator('tbody tr').count()).toBeGreaterThan(0)
  expect(await narrow.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  await narrow.page.close()
})

test('it is small, and painted within a second', async () => {
  const assets = join(await ensurePage(), 'assets')
  const sizes = readdirSync(assets).map((name) => gzipSync(readFileSync(join(assets, name))).length)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150 * 1024)
  const paintMs = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity"
  const painted = () => watched.page.evaluate<number>(paintMs)
  // The best of a few: a machine that does other things is no fault of the page.
  await expect
    .poll(async () => {
      await watched.page.reload()
      await watched.page.getByRole('heading', { level: 1 }).waitFor()
      return painted()
    })
    .toBeLessThan(1_000)
})

function number(text: string): number {
  return Number(text.replace(MINUS, '-').replaceAll(',', ''))
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value).replace('-', MINUS)
}
