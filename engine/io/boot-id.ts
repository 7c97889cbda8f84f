// Names the boot of this machine: another one means that what was not synced may be gone.

import { readFileSync } from 'node:fs'
import { checksum } from '../../base/checksum.ts'

/** 0 where the system does not tell; every start then counts as the same boot. */
export function readBootId(): number {
  try {
    const text = readFileSync('/proc/sys/kernel/random/boot_id')
    return checksum(text, 0, text.length)
  } catch {
    return 0
  }
}
