// One part of the dashboard's state, as JSON text that is made once per change however many pages read it.
//
// A page remembers the version that it was last sent. The latest state wins: versions in between are never made.

export class Slice {
  #version = 1
  #textVersion = 0
  #text = ''
  readonly #view: () => unknown

  constructor(view: () => unknown) {
    this.#view = view
  }

  get version(): number {
    return this.#version
  }

  /** The state behind this slice has changed. */
  touch(): void {
    this.#version++
  }

  text(): string {
    if (this.#textVersion !== this.#version) {
      this.#text = JSON.stringify(this.#view())
      this.#textVersion = this.#version
    }
    return this.#text
  }
}
