// A canvas that keeps the size of its box on the screen, in device pixels, and is drawn at most once per frame.

export type Draw = (context: CanvasRenderingContext2D, width: number, height: number) => void

export class Painter {
  readonly #canvas: HTMLCanvasElement
  readonly #draw: Draw
  readonly #observer: ResizeObserver
  #frame = 0

  constructor(canvas: HTMLCanvasElement, draw: Draw) {
    this.#canvas = canvas
    this.#draw = draw
    this.#observer = new ResizeObserver(() => this.paint())
    this.#observer.observe(canvas)
  }

  /** Asks for one drawing at the next frame, however often it is called before. */
  paint(): void {
    if (this.#frame !== 0) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      const { clientWidth: width, clientHeight: height } = this.#canvas
      if (width === 0 || height === 0) return
      const ratio = window.devicePixelRatio
      const deviceWidth = Math.round(width * ratio)
      const deviceHeight = Math.round(height * ratio)
      if (this.#canvas.width !== deviceWidth) this.#canvas.width = deviceWidth
      if (this.#canvas.height !== deviceHeight) this.#canvas.height = deviceHeight
      const context = this.#canvas.getContext('2d')
      if (context === null) return
      context.setTransform(ratio, 0, 0, ratio, 0, 0)
      context.clearRect(0, 0, width, height)
      this.#draw(context, width, height)
    })
  }

  stop(): void {
    cancelAnimationFrame(this.#frame)
    this.#observer.disconnect()
  }
}
