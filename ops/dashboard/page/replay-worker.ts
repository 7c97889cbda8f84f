// The worker of the replay: the pure core runs here, beside the page's own thread.

/// <reference lib="webworker" />

import { Replay } from '../replay/replay.ts'
import type { FromReplay, ToReplay } from '../replay/replay-protocol.ts'

let replay: Replay | undefined

self.onmessage = ({ data }: MessageEvent<ToReplay>) => {
  try {
    const answer = answerTo(data)
    if (answer !== undefined) say(answer)
  } catch (error) {
    say({ type: 'failed', error: error instanceof Error ? error.message : String(error) })
  }
}

function answerTo(message: ToReplay): FromReplay | undefined {
  switch (message.type) {
    case 'load':
      replay = new Replay(message.location, message.files, (share) => say({ type: 'progress', share }))
      return replay.loaded
    case 'show':
      return replay?.show(message.seq, message.symbol)
    case 'advance':
      return replay?.advance(message.byMs, message.symbol)
  }
}

function say(message: FromReplay): void {
  self.postMessage(message)
}
