// Where an engine takes direct order sessions: a TCP port of this machine, or a Unix socket.

import { isLoopback } from './loopback.ts'

export type SessionAddress = { readonly host: string; readonly port: number } | { readonly path: string }

/** "host:port" with a host of this machine, or a path with a slash; null: neither. */
export function parseSessionAddress(text: string): SessionAddress | null {
  if (text.includes('/')) return { path: text }
  const colon = text.lastIndexOf(':')
  const host = text.slice(0, colon)
  const port = Number(text.slice(colon + 1))
  if (colon < 1 || !/^\d+$/.test(text.slice(colon + 1)) || port > 65_535) return null
  return isLoopback(host) ? { host, port } : null
}

export function isThisMachine(address: SessionAddress): boolean {
  return 'path' in address || isLoopback(address.host)
}
