// What V8 has allocated in this process.

import { getHeapStatistics } from 'node:v8'

/** Since the process started, garbage included. */
export function allocatedBytes(): number {
  return (getHeapStatistics() as { total_allocated_bytes?: number }).total_allocated_bytes ?? 0
}
