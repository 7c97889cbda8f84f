// Client ids with a fixed meaning. Others are free: strategy nodes use 101 and up.

export const ClientId = {
  /** The engine itself: GENESIS and TICK records. */
  ENGINE: 0,
  /** External order flow. */
  FLOW: 1,
  /** The gateway: orders and controls that came over HTTP. */
  GATEWAY: 2,
  /** The operator's command line. */
  OPERATOR: 3,
  /** Strategy node n is this plus n. */
  STRATEGY_BASE: 100,
} as const

/** Who may register as a strategy node. */
export function isStrategyNode(clientId: number): boolean {
  return clientId > ClientId.STRATEGY_BASE
}

/** Who may turn quoting on and off, and change trading phases. */
export function isOperator(clientId: number): boolean {
  return clientId === ClientId.GATEWAY || clientId === ClientId.OPERATOR
}
