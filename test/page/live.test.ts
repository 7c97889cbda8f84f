// The page over a real running market: it follows a failover and says what happened, and it goes back to any record of
// the journal, where it shows what `./tandem journal replay` gives.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Browser, type WatchedPage } from '../../bench/browser.ts'
import { SimProcess } from '../support/sim-process.ts'

const launcher = join(import.meta.dirname, '../../tandem')

let browser: Browser
let sim: SimProcess
let watched: WatchedPage
let url = ''
beforeAll(async () => {
  browser = await Browser.start()
  sim = new SimProcess(['--symbols', '3', '--speed', '3'])
  url = (await sim.said(/the market is open: (\S+)/))[1]!
  watched = await browser.open(url)
}, 120_000)
afterAll(async () => {
  await browser.stop()
  await sim.dispose()
})

function fact(name: string): Promise<number> {
  return watched.page
    .locator(`[data-fact="${name}"]`)
    .innerText()
    .then((text) => Number(text.replaceAll(',', '')))
}

test('follows a failover without a reload, and explains it', async () => {
  const { page } = watched
  await expect.poll(() => fact('Record'), { timeout: 20_000 }).toBeGreaterThan(100)
  await page.evaluate('window.notReloaded = true')
  const epoch = await fact('Epoch')
  const primary = watched
    .panel('cluster')
    .locator('tr', { hasText: 'primary' })
    .or(watched.panel('cluster').locator('tr', { hasText: 'pair' }))
  await expect.poll(() => primary.count(), { timeout: 20_000 }).toBeGreaterThan(0)
  const name = (await primary.first().getAttribute('data-process'))!.split(' ')[1]!
  process.kill(await sim.pidOf(name), 'SIGKILL')
  await expect.poll(() => fact('Epoch'), { timeout: 30_000 }).toBeGreaterThan(epoch)
  await expect
    .poll(() => watched.panel('events').innerText(), { timeout: 20_000 })
    .toMatch(/Epoch \d+ began at record \d+/)
  await sim.said(new RegExp(`^${name} is back`, 'm'))
  const seq = await fact('Record')
  await expect.poll(() => fact('Record'), { timeout: 20_000 }).toBeGreaterThan(seq)
  expect(await page.evaluate('window.notReloaded')).toBe(true)
})

test('follows the death of a strategy node, and explains it', async () => {
  process.kill(await sim.pidOf('strategy-1'), 'SIGKILL')
  await expect
    .poll(() => watched.panel('events').innerText(), { timeout: 30_000 })
    .toMatch(/strategy-1 (?:went from \S+ to failed|was started again)/)
  await watched.page.getByRole('radio', { name: 'Authority' }).click()
  const holders = () => watched.panel('cluster').locator('[data-lease] td:nth-child(3)').allInnerTexts()
  await expect.poll(holders, { timeout: 30_000 }).toSatisfy((names: string[]) => {
    return names.length === 3 && names.every((name) => /^strategy-\d$/.test(name))
  })
  // One that comes back soon keeps its symbols; one that stands still for longer than its presence lasts loses them.
  await sim.said(/^strategy-1 is back/m)
  const pid = await sim.pidOf('strategy-1')
  process.kill(pid, 'SIGSTOP')
  await expect
    .poll(() => watched.panel('events').innerText(), { timeout: 30_000 })
    .toMatch(/authority to quote \S+ \(token \d+\)/)
  process.kill(pid, 'SIGCONT')
  await watched.page.getByRole('radio', { name: 'Processes' }).click()
})

test('paused and scrubbed back, it shows what replaying the journal to that record gives', async () => {
  const { page } = watched
  const told = () => watched.panel('events').innerText()
  expect(await told()).toContain("the engines' roles changed")
  await page.getByRole('button', { name: 'Pause and look back' }).click()
  const number = page.getByRole('spinbutton', { name: 'Record number' })
  await number.waitFor({ timeout: 30_000 })
  for (const seq of [400, 1_000, 57]) {
    await number.fill(String(seq))
    await number.press('Enter')
    await expect.poll(() => watched.panel('ladder').getAttribute('data-record-seq')).toBe(String(seq))
    const replay = replayTo(seq)
    expect(await page.locator('[data-field="state-hash"]').innerText()).toBe(replay.value('state', 'stateHash'))
    const symbol = await page.locator('.watch[aria-checked="true"]').getAttribute('data-symbol')
    for (const [side, metric] of [
      ['bid', 'bidTicks'],
      ['ask', 'askTicks'],
    ] as const) {
      const prices = await page
        .locator(`[data-panel="ladder"] tbody tr[data-side="${side}"] td:nth-child(2)`)
        .allInnerTexts()
      const best = Number(prices[0] ?? 0) * 100
      expect(Math.round(best)).toBe(replay.value(symbol!, metric))
    }
    const net = await page.locator(`[data-panel="desk"] tr[data-symbol="${symbol}"] [data-field="net"]`).innerText()
    expect(Number(net.replace('−', '-'))).toBe(replay.value(symbol!, 'netLots'))
  }
  expect(await told()).not.toContain("the engines' roles changed")
  await page.getByRole('button', { name: 'One record on' }).click()
  await expect.poll(() => page.url()).toMatch(/@engine-a:58$/)
})

test('the address of a record opens it, and "Back to live" leaves it', async () => {
  const linked = await browser.open(`${watched.page.url().split('#')[0]}#ALDR@engine-b:321`)
  const { page } = linked
  await expect.poll(() => linked.panel('ladder').getAttribute('data-record-seq'), { timeout: 30_000 }).toBe('321')
  expect(await linked.panel('records').locator('tr[data-record="321"]').count()).toBe(1)
  await page.getByRole('button', { name: 'Back to live' }).click()
  await expect
    .poll(async () => Number(await linked.panel('ladder').getAttribute('data-record-seq')), { timeout: 20_000 })
    .toBeGreaterThan(1_000)
  expect(linked.errors).toEqual([])
  for (const { method, url: asked } of linked.requests) {
    expect(method).toBe('GET')
    expect(asked.startsWith(url)).toBe(true)
  }
  await page.close()
})

function replayTo(seq: number): { value: (name: string, metric: string) => unknown } {
  const args = ['journal', 'replay', join(sim.dataDir, 'engine-a'), '--to', String(seq), '--json']
  const { stdout, stderr } = spawnSync(launcher, args, { encoding: 'utf8' })
  type Result = { name: string; metric: string; value: unknown }
  const { results } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { results: Result[] }
  expect(results, stderr).not.toEqual([])
  return {
    value: (name, metric) => results.find((result) => result.name === name && result.metric === metric)?.value,
  }
}
