// The other process of `tandem bench fanout`: so many subscribers, each with a connection of its own, that read all they get.
//
//   node bench/fanout-subscribers.ts URL SUBJECT COUNT

import { FrameFault, FrameReader } from '../protocol/frame-reader.ts'
import { connectNats } from '../protocol/io/nats-transport.ts'
import type { FanoutRound, FanoutTally } from './fanout.ts'
import { latencyHistogram } from './open-loop.ts'

const [url = '', subject = '', countText = '1'] = process.argv.slice(2)
const count = Number(countText)
process.stdin.resume().once('end', () => process.exit(0))

const reader = new FrameReader()
let histogram = latencyHistogram()
let frameCount = 0
let eventCount = 0
let framesLeft = 0

const onFrame = (frame: Uint8Array) => {
  if (reader.read(frame) !== FrameFault.NONE) throw new Error('the frames are right')
  eventCount += reader.count
  framesLeft -= 1
  const nowUs = (performance.timeOrigin + performance.now()) * 1_000
  histogram.recordValue(Math.max(1, Math.round(nowUs - reader.timeNs)))
  if (framesLeft > 0) return
  const [p50Us, p99Us] = [histogram.getValueAtPercentile(50), histogram.getValueAtPercentile(99)]
  process.send?.({ eventCount, p50Us, p99Us, maxUs: histogram.maxValue } satisfies FanoutTally)
}

process.on('message', (round: FanoutRound) => {
  frameCount = round.frameCount
  framesLeft = frameCount * count
  eventCount = 0
  histogram = latencyHistogram()
  process.send?.('ready')
})

for (let index = 0; index < count; index++) {
  const transport = await connectNats({ url, name: `bench subscriber ${index}` })
  transport.subscribe(subject, ({ data }) => onFrame(data))
  await transport.flush()
}
process.send?.('ready')
