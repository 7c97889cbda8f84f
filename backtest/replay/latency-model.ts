// How long an order takes to the exchange, and its answer back.
//
//   constant       two numbers
//   interpolated   between the rows of a recorded table (sent, at the exchange, answered); outside of it its first and last
//
// A row without exchange time stands for a request that the exchange's door refused: so are requests sent near it.

import { assert } from '../../base/assert.ts'

export type LatencyModel = {
  /** From sending to the exchange; negative: refused, and its absolute value is when the refusal is known. */
  entryNs(sentNs: number): number
  /** From the exchange to us. */
  responseNs(exchangeNs: number): number
}

export function constantLatency(entryNs: number, responseNs: number): LatencyModel {
  assert(responseNs >= 0, 'no answer comes before it is given')
  return { entryNs: () => entryNs, responseNs: () => responseNs }
}

/** Rows in the order of their sending. */
export type LatencyTable = {
  readonly sentNs: Float64Array
  /** NaN: refused. */
  readonly exchangeNs: Float64Array
  readonly answeredNs: Float64Array
}

export function interpolatedLatency({ sentNs, exchangeNs, answeredNs }: LatencyTable): LatencyModel {
  assert(sentNs.length > 0, 'a latency table has rows')
  const accepted = exchangeNs.filter((timeNs) => !Number.isNaN(timeNs))
  const acceptedAnsweredNs = answeredNs.filter((_, row) => !Number.isNaN(exchangeNs[row]!))
  // Requests go on in time: so does the row to look at, mostly.
  let entryRow = 0
  let responseRow = 0
  return {
    entryNs: (timeNs) => {
      entryRow = rowAt(sentNs, timeNs, entryRow)
      const next = nextRow(sentNs, timeNs, entryRow)
      const isRefused = Number.isNaN(exchangeNs[entryRow]!) || Number.isNaN(exchangeNs[next]!)
      const other = isRefused ? answeredNs : exchangeNs
      const latencyNs = interpolate(sentNs, other, entryRow, next, timeNs)
      return isRefused ? -latencyNs : latencyNs
    },
    responseNs: (timeNs) => {
      if (accepted.length === 0) return 0
      responseRow = rowAt(accepted, timeNs, responseRow)
      const next = nextRow(accepted, timeNs, responseRow)
      return interpolate(accepted, acceptedAnsweredNs, responseRow, next, timeNs)
    },
  }
}

/** The last row at or before the time; the first one when there is none. `near` is where to start. */
function rowAt(timesNs: Float64Array, timeNs: number, near: number): number {
  let row = near
  while (row > 0 && timesNs[row]! > timeNs) row -= 1
  while (row + 1 < timesNs.length && timesNs[row + 1]! <= timeNs) row += 1
  return row
}

/** The row to interpolate to: the same one outside of the table. */
function nextRow(timesNs: Float64Array, timeNs: number, row: number): number {
  return timeNs < timesNs[row]! || row + 1 === timesNs.length ? row : row + 1
}

function interpolate(from: Float64Array, to: Float64Array, row: number, next: number, timeNs: number): number {
  const latencyNs = to[row]! - from[row]!
  if (row === next) return latencyNs
  const nextLatencyNs = to[next]! - from[next]!
  return Math.trunc(((nextLatencyNs - latencyNs) / (from[next]! - from[row]!)) * (timeNs - from[row]!)) + latencyNs
}
