// Records a running simulation to a feed file, from the same market data that anybody may subscribe to.

import { resolve } from 'node:path'
import { ClusterRecorder } from '../../feeds/io/cluster-recorder.ts'
import { connectNats } from '../../protocol/io/nats-transport.ts'
import type { Transport } from '../../protocol/io/transport.ts'
import type { Result } from '../cli/output.ts'

export type RecordingSource = { readonly natsUrl: string; readonly credentials: string | undefined }

export class Recording {
  readonly #path: string
  readonly #transport: Transport
  readonly #recorder: ClusterRecorder

  private constructor(path: string, transport: Transport, recorder: ClusterRecorder) {
    this.#path = path
    this.#transport = transport
    this.#recorder = recorder
  }

  static async start({ natsUrl, credentials }: RecordingSource, clusterId: string, path: string): Promise<Recording> {
    const transport = await connectNats({ url: natsUrl, name: 'recorder', credentials })
    return new Recording(path, transport, await ClusterRecorder.start(transport, clusterId, resolve(path), []))
  }

  /** Puts the file in order and says what is in it. */
  async finish(): Promise<Result[]> {
    try {
      const { eventCount, size, counts } = this.#recorder.finish()
      return [
        { name: this.#path, metric: 'events', value: eventCount, unit: 'events' },
        { name: this.#path, metric: 'size', value: size, unit: 'bytes' },
        { name: this.#path, metric: 'gaps', value: counts.gaps, unit: 'gaps' },
      ]
    } finally {
      await this.#transport.close()
    }
  }
}
