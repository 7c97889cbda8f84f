// Waits for an engine, and asks it how its market is configured.

import { NoResponderError, RequestTimeoutError, type Transport } from '../../protocol/io/transport.ts'
import type { Subjects } from '../../protocol/subjects.ts'
import type { ClusterConfig, Instrument } from '../../protocol/symbol.ts'
import { UserError } from '../cli/output.ts'

const QUERY_TIMEOUT_MS = 1_000
const QUERY_PAUSE_MS = 200
/** An engine may recover a long journal before it answers. */
const QUERY_WAIT_MS_MAX = 120_000

export async function askInstruments(transport: Transport, subjects: Subjects): Promise<readonly Instrument[]> {
  return (await askConfig(transport, subjects)).instruments
}

/** Asks until an engine answers. */
export async function askConfig(transport: Transport, subjects: Subjects): Promise<ClusterConfig> {
  const deadlineMs = performance.now() + QUERY_WAIT_MS_MAX
  for (;;) {
    try {
      const answer = await transport.request(subjects.query('instruments'), new Uint8Array(0), QUERY_TIMEOUT_MS)
      const config = JSON.parse(new TextDecoder().decode(answer)) as Partial<ClusterConfig>
      if (config.instruments !== undefined) return config as ClusterConfig
    } catch (error) {
      if (!(error instanceof NoResponderError) && !(error instanceof RequestTimeoutError)) throw error
    }
    if (performance.now() > deadlineMs) {
      throw new UserError(`no engine answered on ${subjects.root}`, 'Start one: ./tandem engine --help')
    }
    await new Promise((resolve) => setTimeout(resolve, QUERY_PAUSE_MS))
  }
}
