// The contract of a clock. Nothing below reads one: time is an argument of the core, and io/ hands in a real clock.

/** Nanoseconds since a base that its owner states (a journal header, a feed header). A safe integer: 2^53 ns is 104 days. */
export type TimeNs = number

export const NS_PER_US = 1_000
export const NS_PER_MS = 1_000_000
export const NS_PER_S = 1_000_000_000
