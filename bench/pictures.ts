// Makes the pictures of the page in docs/pictures/, from a real running market: `npm run pictures`.

import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Browser, type WatchedPage } from './browser.ts'
import { RunningMarket } from './running-market.ts'

const folder = join(import.meta.dirname, '../docs/pictures')
/** The heat map begins when the page does: it takes a while to be worth a picture. */
const GATHER_MS = 50_000

async function main(): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const browser = await Browser.start()
  try {
    const market = await RunningMarket.start(['--speed', '2', '--chaos', '4', '--seed', '5'])
    try {
      await takeAll(browser, market.pageUrl)
    } finally {
      await market.stop()
    }
  } finally {
    await browser.stop()
  }
}

async function takeAll(browser: Browser, pageUrl: string): Promise<void> {
  const watched = await browser.open(pageUrl, { width: 1_360, height: 860 })
  const { page } = watched
  await page.emulateMedia({ colorScheme: 'dark' })
  await choose(watched, 'Heat', '1 min', 'Timeline')
  await page.waitForTimeout(GATHER_MS)
  await take(watched, 'market-dark')
  await choose(watched, 'Price', 'Engines', 'Quotes')
  await page.emulateMedia({ colorScheme: 'light' })
  await page.waitForTimeout(2_000)
  await take(watched, 'market-light')
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.getByRole('button', { name: 'Pause and look back' }).click()
  await page.getByRole('spinbutton', { name: 'Record number' }).waitFor()
  await page.getByRole('button', { name: 'One record back' }).click()
  await page.waitForTimeout(1_500)
  await take(watched, 'replay')
}

async function choose({ page }: WatchedPage, ...views: string[]): Promise<void> {
  for (const name of views) await page.getByRole('radio', { name, exact: true }).click()
}

async function take({ page }: WatchedPage, name: string): Promise<void> {
  const path = join(folder, `${name}.png`)
  await page.screenshot({ path })
  process.stderr.write(`${path}: ${Math.round(statSync(path).size / 1024)} KiB\n`)
}

await main()
