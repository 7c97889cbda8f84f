// NATS subjects, all below `tandem.<cluster>`. docs/protocol.md lists who publishes and who listens.

export type MarketDataChannel = 'l1' | 'l2' | 'l3' | 'trade' | 'state'

export class Subjects {
  readonly root: string

  constructor(clusterId: string) {
    this.root = `tandem.${clusterId}`
  }

  /** Commands of one client: a message is one or more commands back to back. */
  commands(clientId: number | '*'): string {
    return `${this.root}.cmd.${clientId}`
  }

  /** A client's proof that a direct session is its own: the number that it was asked for there. */
  proof(clientId: number | '*'): string {
    return `${this.root}.proof.${clientId}`
  }

  /** Execution reports to one client. */
  executions(clientId: number | '*'): string {
    return `${this.root}.exec.${clientId}`
  }

  marketData(symbol: string, channel: MarketDataChannel | '*'): string {
    return `${this.root}.md.${symbol}.${channel}`
  }

  positions(symbol: string): string {
    return `${this.root}.pos.${symbol}`
  }

  /** Quote lifecycle and control changes, for anybody who watches the desk: frames of kind DESK. 'all': of no one symbol. */
  desk(symbol: string): string {
    return `${this.root}.desk.${symbol}`
  }

  /** Each process says how it is, once a second and at each change: JSON, see ProcessStatus. */
  processStatus(role: string, instance: string): string {
    return `${this.root}.cluster.${role}.${instance}`
  }

  /** Where an engine that rehearses publishes to; nobody listens. */
  rehearsal(instance: string): string {
    return `${this.root}.rehearsal.${instance}`
  }

  /** Request/reply: a client asks for its own reports again. */
  resend(clientId: number | '*'): string {
    return `${this.root}.resend.${clientId}`
  }

  /** Request/reply: the engine that leads is to give its place to its backup. */
  handOver(): string {
    return `${this.root}.hand-over`
  }

  /** Request/reply: the request's body depends on the query, see docs/protocol.md. */
  query(name: string): string {
    return `${this.root}.query.${name}`
  }
}
