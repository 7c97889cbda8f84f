// Which addresses only this machine reaches.

import { isIPv4 } from 'node:net'

const NAMES = new Set(['localhost', '127.0.0.1', '[::1]', '::1'])

export function isLoopback(host: string): boolean {
  return NAMES.has(host) || (isIPv4(host) && host.startsWith('127.'))
}
