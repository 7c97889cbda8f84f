// A plot over the last minutes that keeps up with time: drawn anew with each sample, and when its theme or size changes.

import { effect, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useTurn } from './paced.ts'
import { SAMPLE_INTERVAL_MS } from './price-series.ts'
import { gatewayNowMs } from './store.ts'
import { theme } from './theme.ts'

export type TimePlotProps = {
  name: string
  windowS: number
  options: (width: number, height: number) => uPlot.Options
  data: () => uPlot.AlignedData
  /** Read inside: what it depends on makes the plot be drawn anew. */
  watch: () => void
}

export function TimePlot(props: TimePlotProps) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const current = useRef(props)
  current.current = props
  const turn = useTurn(SAMPLE_INTERVAL_MS, () => {
    if (plot.current !== undefined) show(plot.current, current.current)
  })
  useEffect(() => {
    const element = box.current!
    // A change of theme makes a new plot: colours are part of its options.
    const endTheme = effect(() => {
      theme.value
      plot.current?.destroy()
      const { options, data } = current.current
      plot.current = new uPlot(options(element.clientWidth, element.clientHeight), data(), element)
      turn.ask()
    })
    const observer = new ResizeObserver(() => {
      plot.current?.setSize({ width: element.clientWidth, height: element.clientHeight })
    })
    observer.observe(element)
    const drawing = setInterval(turn.ask, SAMPLE_INTERVAL_MS)
    return () => {
      clearInterval(drawing)
      observer.disconnect()
      endTheme()
      plot.current?.destroy()
    }
  }, [])
  useEffect(turn.ask, [props.windowS])
  useSignalEffect(() => {
    props.watch()
    turn.ask()
  })
  return <div ref={box} class="fill" role="img" aria-label={props.name} />
}

/** Shortest time shown: a market that has just begun fills the plot from its left edge. */
const SPAN_S_MIN = 30

function show(plot: uPlot, { data, windowS }: TimePlotProps): void {
  const nowS = gatewayNowMs() / 1000
  const columns = data()
  const firstS = columns[0][0] ?? nowS
  const spanS = Math.min(windowS, Math.max(SPAN_S_MIN, nowS - firstS))
  plot.batch(() => {
    plot.setData(columns, false)
    plot.setScale('x', { min: nowS - spanS, max: nowS })
  })
}
