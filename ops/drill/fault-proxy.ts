// A TCP link that can fail: a proxy on loopback, in each direction of which bytes can be held up or late. What it does to
// processes is what a cut cable does: connections stay, and nothing comes. No right of the system is needed for it.

import { connect, createServer, type Server, type Socket } from 'node:net'

/** Seen from the side that dials. */
export type Direction = 'out' | 'back'

/** What befalls the bytes of one direction. */
type Fault = { isHeld: boolean; delayMs: number }

const HOST = '127.0.0.1'

export class FaultProxy {
  readonly #targetPort: () => number
  readonly #server: Server
  readonly #pairs = new Set<readonly [dialler: Socket, target: Socket]>()
  /** Came while the link was cut: a handshake needs both directions. */
  readonly #waiting = new Set<Socket>()
  readonly #faults: Readonly<Record<Direction, Fault>> = {
    out: { isHeld: false, delayMs: 0 },
    back: { isHeld: false, delayMs: 0 },
  }

  private constructor(targetPort: () => number) {
    this.#targetPort = targetPort
    this.#server = createServer({ noDelay: true, pauseOnConnect: true }, (dialler) => this.#onDialler(dialler))
  }

  /** Resolves when it listens, at any free port. `targetPort` is asked at each connection. */
  static async open(targetPort: () => number): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetPort)
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject)
      proxy.#server.listen(0, HOST, resolve)
    })
    return proxy
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** From now on nothing arrives in these directions; both, when none is named. */
  hold(...directions: readonly Direction[]): void {
    for (const direction of directions.length === 0 ? (['out', 'back'] as const) : directions) {
      this.#faults[direction].isHeld = true
      for (const pair of this.#pairs) pair[direction === 'out' ? 0 : 1].pause()
    }
  }

  /** What was sent meanwhile arrives now, as after the repeats of TCP. */
  release(): void {
    for (const fault of Object.values(this.#faults)) fault.isHeld = false
    for (const pair of this.#pairs) for (const socket of pair) socket.resume()
    for (const dialler of this.#waiting) this.#join(dialler)
    this.#waiting.clear()
  }

  /** What comes from now on arrives so much later. 0: at once. */
  delay(ms: number): void {
    for (const fault of Object.values(this.#faults)) fault.delayMs = ms
  }

  close(): void {
    this.#server.close()
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
    for (const dialler of this.#waiting) dialler.destroy()
  }

  #onDialler(dialler: Socket): void {
    dialler.on('error', () => dialler.destroy())
    const { out, back } = this.#faults
    if (!out.isHeld && !back.isHeld) {
      this.#join(dialler)
      return
    }
    this.#waiting.add(dialler)
    dialler.once('close', () => this.#waiting.delete(dialler))
  }

  #join(dialler: Socket): void {
    const target = connect({ host: HOST, port: this.#targetPort(), noDelay: true })
    const pair = [dialler, target] as const
    this.#pairs.add(pair)
    for (const socket of pair) {
      socket.on('error', () => socket.destroy())
      socket.once('close', () => {
        this.#pairs.delete(pair)
        for (const other of pair) other.destroy()
      })
    }
    this.#carry(dialler, target, this.#faults.out)
    this.#carry(target, dialler, this.#faults.back)
  }

  #carry(from: Socket, to: Socket, fault: Fault): void {
    from.on('data', (chunk: Buffer) => {
      if (fault.delayMs === 0) to.write(chunk)
      else setTimeout(() => to.write(chunk), fault.delayMs)
    })
    if (!fault.isHeld) from.resume()
    else from.pause()
  }
}
