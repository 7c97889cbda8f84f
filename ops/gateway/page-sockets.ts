// The WebSocket endpoint of the pages: upgrade checks, one timer that serves every page, and the dropping of pages that
// are slow, silent or ill-behaved. Reading from NATS goes on whatever happens here.

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Dashboard } from './dashboard.ts'
import { CLIENT_MESSAGE_SIZE_MAX, CloseCode, SEND_INTERVAL_MS } from './dashboard-protocol.ts'
import { PageChannel } from './page-channel.ts'

export const PAGE_COUNT_MAX = 64
export const PING_INTERVAL_MS = 10_000
/** A page says something when its reader chooses a symbol: more than this in a second is no reader. */
const MESSAGES_PER_SECOND_MAX = 20

type Page = { socket: WebSocket; channel: PageChannel; alive: boolean; messageCount: number }

export type PageCounts = { open: number; evicted: number; refused: number; sentBytes: number }

export class PageSockets {
  readonly counts: PageCounts = { open: 0, evicted: 0, refused: 0, sentBytes: 0 }
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: CLIENT_MESSAGE_SIZE_MAX,
    perMessageDeflate: false,
    clientTracking: false,
  })
  readonly #dashboard: () => Dashboard | undefined
  readonly #pages = new Set<Page>()
  readonly #timers: NodeJS.Timeout[]

  /** `dashboard` gives what new pages are shown; undefined while the gateway does not know the market yet. */
  constructor(dashboard: () => Dashboard | undefined) {
    this.#dashboard = dashboard
    this.#timers = [
      setInterval(() => this.#flushAll(), SEND_INTERVAL_MS),
      setInterval(() => this.#checkAlive(), PING_INTERVAL_MS),
      setInterval(() => {
        for (const page of this.#pages) page.messageCount = 0
      }, 1_000),
    ]
  }

  /** Takes over an upgrade request that has passed the checks of the HTTP side. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const dashboard = this.#dashboard()
    if (dashboard === undefined || this.#pages.size >= PAGE_COUNT_MAX) {
      this.counts.refused++
      refuseUpgrade(socket, 503, dashboard === undefined ? 'no market yet' : 'too many pages')
      return
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket, dashboard))
  }

  /** Ends all connections, so that the pages come back and begin anew. */
  restart(reason: string): void {
    for (const page of this.#pages) page.socket.close(1012, reason)
    this.#pages.clear()
    this.counts.open = 0
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
    for (const page of this.#pages) page.socket.terminate()
    this.#pages.clear()
    this.#server.close()
  }

  #open(socket: WebSocket, dashboard: Dashboard): void {
    const channel = new PageChannel(dashboard, {
      send: (text) => {
        this.counts.sentBytes += text.length
        socket.send(text)
      },
      bufferedBytes: () => socket.bufferedAmount,
      close: (code, reason) => {
        this.counts.evicted++
        socket.close(code, reason)
        // Who does not read does not answer a close either.
        socket.terminate()
      },
    })
    const page: Page = { socket, channel, alive: true, messageCount: 0 }
    this.#pages.add(page)
    this.counts.open = this.#pages.size
    socket.on('pong', () => {
      page.alive = true
    })
    socket.on('message', (data, isBinary) => this.#onMessage(page, data, isBinary))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      this.#pages.delete(page)
      this.counts.open = this.#pages.size
    })
  }

  #onMessage(page: Page, data: RawData, isBinary: boolean): void {
    page.messageCount++
    if (isBinary || page.messageCount > MESSAGES_PER_SECOND_MAX) {
      page.socket.close(CloseCode.BAD_MESSAGE, isBinary ? 'text only' : 'too many messages')
      return
    }
    page.channel.onMessage(textOf(data))
  }

  #flushAll(): void {
    const nowMs = Date.now()
    for (const page of this.#pages) {
      if (page.socket.readyState === page.socket.OPEN && !page.channel.flush(nowMs)) this.#pages.delete(page)
    }
  }

  #checkAlive(): void {
    for (const page of this.#pages) {
      if (!page.alive) {
        this.counts.evicted++
        page.socket.terminate()
        continue
      }
      page.alive = false
      page.socket.ping()
    }
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return Buffer.from(data as Uint8Array).toString('utf8')
}

export function refuseUpgrade(socket: Duplex, status: number, reason: string): void {
  const headers = ['Connection: close', 'Content-Type: text/plain; charset=utf-8', `Content-Length: ${reason.length}`]
  if (status === 401) headers.push('WWW-Authenticate: Basic realm="tandem"')
  socket.end(`HTTP/1.1 ${status} ${reason}\r\n${headers.join('\r\n')}\r\n\r\n${reason}`)
}
