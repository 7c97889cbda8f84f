// A real Chromium for tests and measurements of pages: an empty profile each time, nothing that phones home.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { UserError } from '../ops/cli/output.ts'
import { findChromium } from './chromium.ts'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export class Browser {
  readonly context: BrowserContext
  readonly #profile: string

  private constructor(context: BrowserContext, profile: string) {
    this.context = context
    this.#profile = profile
  }

  static async start(): Promise<Browser> {
    const executablePath = findChromium()
    if (executablePath === undefined) {
      throw new UserError(
        'there is no Chromium on this machine',
        'Install it (Debian, Ubuntu: sudo apt-get install chromium), or name one in CHROMIUM_BIN.',
      )
    }
    const profile = mkdtempSync(join(tmpdir(), 'tandem-chromium-'))
    const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args: FLAGS })
    return new Browser(context, profile)
  }

  async stop(): Promise<void> {
    await this.context.close()
    rmSync(this.#profile, { recursive: true, force: true })
  }

  /** A new page of the given size, and what went wrong on it. */
  async open(url: string, { width = 1440, height = 900 } = {}): Promise<WatchedPage> {
    const page = await this.context.newPage()
    await page.setViewportSize({ width, height })
    const watched = new WatchedPage(page)
    await page.goto(url)
    return watched
  }
}

/** A page and everything that a reviewer of it would want to know: errors, requests, messages sent. */
export class WatchedPage {
  readonly page: Page
  readonly errors: string[] = []
  readonly requests: { method: string; url: string }[] = []
  readonly sentMessages: string[] = []

  constructor(page: Page) {
    this.page = page
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.errors.push(message.text())
    })
    page.on('pageerror', (error) => this.errors.push(String(error)))
    page.on('request', (request) => this.requests.push({ method: request.method(), url: request.url() }))
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => this.sentMessages.push(String(payload)))
    })
  }

  panel(name: string): ReturnType<Page['locator']> {
    return this.page.locator(`[data-panel="${name}"]`)
  }
}
