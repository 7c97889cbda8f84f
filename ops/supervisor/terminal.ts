// What a person sees of a running cluster: a line per transition, and on a terminal a few lines below that keep changing.

export class Terminal {
  readonly #stream: NodeJS.WriteStream
  readonly #live: boolean
  #shown: readonly string[] = []

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    this.#live = stream.isTTY && process.env['TERM'] !== 'dumb'
  }

  /** Whether the lines given to `show` replace each other. */
  get live(): boolean {
    return this.#live
  }

  /** A line that stays. */
  print(text: string): void {
    const shown = this.#shown
    this.#erase()
    this.#stream.write(`${text}\n`)
    this.show(shown)
  }

  /** Lines that stand below what was printed until the next call. Nothing happens when the output is not a terminal. */
  show(lines: readonly string[]): void {
    if (!this.#live) return
    this.#erase()
    const width = this.#stream.columns ?? 80
    this.#shown = lines
    for (const line of lines) this.#stream.write(`${line.slice(0, width - 1)}\n`)
  }

  #erase(): void {
    // Up by one line and clear it, for each line shown.
    this.#stream.write('\u001b[1A\u001b[2K'.repeat(this.#shown.length))
    this.#shown = []
  }
}
