// Captures of one JSON message per line with a local time before it: "2016-03-12 00:08:37,352 {...}", or a number of
// seconds, milli-, micro- or nanoseconds since 1970 and a space.

import { localTimeNs } from '../binance.ts'
import { isoNs } from '../coinbase.ts'
import type { LineReader } from './line-reader.ts'

export type StampedJson = { readonly localNs: number; readonly json: unknown; readonly word: string }

/** The line's parts, or what is wrong with it. `word`: what stands between the time and the JSON. */
export function readStampedJson(lines: LineReader, baseUnixS: number): StampedJson | string {
  const text = lines.text()
  const brace = text.indexOf('{')
  if (brace === -1) return 'has no JSON'
  const match = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d+|\d+) (?:(\w+) )?$/.exec(text.slice(0, brace))
  if (match === null) return 'does not start with a local time and a space'
  const [, time = '', word = ''] = match
  const localNs = time.includes('-') ? isoNs(time, baseUnixS) : localTimeNs(time, baseUnixS)
  if (Number.isNaN(localNs)) return `has a local time that is none: ${time}`
  try {
    return { localNs, json: JSON.parse(text.slice(brace)) as unknown, word }
  } catch {
    return 'has no whole JSON after the local time'
  }
}
