// How a process says it is: JSON on Subjects.processStatus, once a second and at each change of state.

export type ProcessStatus = {
  readonly role: string
  readonly instance: string
  readonly pid: number
  /** The role's own word: 'starting', 'ready', 'primary', 'stopped' ... */
  readonly state: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly uptimeS: number
  readonly rssBytes: number
  /** 99th percentile of the event loop's delay over the last period. */
  readonly eventLoopDelayP99Us: number
  /** The role's own figures. Names end with their unit. */
  readonly details: Readonly<Record<string, unknown>>
}
