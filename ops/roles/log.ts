// The log of a process: structured lines on stderr, one per transition. Never used on a hot path.

import { type Logger, pino } from 'pino'

/** `TANDEM_LOG` sets the level: debug, info, warn, error, silent. */
export function createLog(role: string, instance: string): Logger {
  const level = process.env['TANDEM_LOG'] ?? 'info'
  return pino({ level, base: { role, instance }, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2))
}
