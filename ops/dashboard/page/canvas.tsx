// A canvas that keeps the size of its box on the screen, in device pixels, and is drawn when its turn has come.

import { useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { useTurn } from './paced.ts'

export type CanvasProps = {
  /** What the picture is of, for those who do not see it. */
  name: string
  intervalMs: number
  /** Read inside: what it depends on makes the canvas be drawn anew. */
  watch: () => void
  draw: (context: CanvasRenderingContext2D, width: number, height: number) => void
}

export function Canvas({ name, intervalMs, watch, draw }: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const size = useRef({ width: 0, height: 0 })
  const turn = useTurn(intervalMs, () => {
    const { width, height } = size.current
    const context = canvas.current?.getContext('2d')
    if (context === null || context === undefined || width === 0 || height === 0) return
    const ratio = window.devicePixelRatio
    fit(context.canvas, Math.round(width * ratio), Math.round(height * ratio))
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, width, height)
    draw(context, width, height)
  })
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      size.current = entry!.contentRect
      turn.ask()
    })
    observer.observe(canvas.current!)
    return () => observer.disconnect()
  }, [])
  useSignalEffect(() => {
    watch()
    turn.ask()
  })
  return <canvas ref={canvas} class="fill" role="img" aria-label={name} />
}

function fit(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
}
