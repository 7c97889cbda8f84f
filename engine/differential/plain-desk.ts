// The desk's rules of membership, assignment and authority, written down as plainly as possible: lists and loops, no
// running sums, no cached deadlines. An oracle for engine/desk/nodes.ts.

export type PlainTimes = { readonly presenceNs: number; readonly leaseNs: number }

type PlainNode = { clientId: number; incarnation: number; presenceNs: number; isSilent: boolean }
type PlainLease = { clientId: number; token: number; endsNs: number; isRecalled: boolean }

export class PlainDesk {
  nodes: PlainNode[] = []
  leases: (PlainLease | null)[]
  assigned: number[]
  token = 0
  readonly #times: PlainTimes

  constructor(symbolCount: number, times: PlainTimes) {
    this.leases = Array.from({ length: symbolCount }, () => null)
    this.assigned = Array.from({ length: symbolCount }, () => 0)
    this.#times = times
  }

  register(clientId: number, incarnation: number, nowNs: number): void {
    const known = this.nodes.find((node) => node.clientId === clientId)
    if (known === undefined) {
      this.nodes.push({ clientId, incarnation, presenceNs: nowNs + this.#times.presenceNs, isSilent: false })
      this.#assign()
    } else {
      known.incarnation = incarnation
      this.#renew(known, nowNs)
    }
    this.#grant(nowNs)
  }

  renew(clientId: number, incarnation: number, nowNs: number): boolean {
    const node = this.#find(clientId, incarnation)
    if (node === undefined) return false
    this.#renew(node, nowNs)
    this.#grant(nowNs)
    return true
  }

  release(clientId: number, incarnation: number, symbolId: number, token: number, nowNs: number): boolean {
    if (this.#find(clientId, incarnation) === undefined || !this.mayQuote(symbolId, clientId, token)) return false
    this.leases[symbolId] = null
    this.#grant(nowNs)
    return true
  }

  leave(clientId: number, incarnation: number, nowNs: number): boolean {
    const node = this.#find(clientId, incarnation)
    if (node === undefined) return false
    this.#remove(node)
    this.#assign()
    this.#grant(nowNs)
    return true
  }

  openSession(clientId: number, nowNs: number): void {
    const node = this.nodes.find((candidate) => candidate.clientId === clientId)
    if (node === undefined) return
    node.isSilent = true
    this.leases = this.leases.map((lease) => (lease?.clientId === clientId ? null : lease))
    this.#grant(nowNs)
  }

  mayQuote(symbolId: number, clientId: number, token: number): boolean {
    const lease = this.leases[symbolId]
    return lease?.clientId === clientId && lease.token === token
  }

  passTime(nowNs: number): void {
    const due = this.nodes.filter((node) => node.presenceNs <= nowNs)
    if (due.length === 0 && !this.leases.some((lease) => lease !== null && lease.endsNs <= nowNs)) return
    this.leases = this.leases.map((lease) => {
      if (lease === null || lease.endsNs > nowNs) return lease
      const holder = this.nodes.find((node) => node.clientId === lease.clientId)
      if (holder !== undefined && !lease.isRecalled) holder.isSilent = true
      return null
    })
    for (const node of due) this.#remove(node)
    if (due.length > 0) this.#assign()
    this.#grant(nowNs)
  }

  #find(clientId: number, incarnation: number): PlainNode | undefined {
    return this.nodes.find((node) => node.clientId === clientId && node.incarnation === incarnation)
  }

  #remove(node: PlainNode): void {
    this.nodes = this.nodes.filter((other) => other !== node)
    this.leases = this.leases.map((lease) => (lease?.clientId === node.clientId ? null : lease))
  }

  #renew(node: PlainNode, nowNs: number): void {
    node.isSilent = false
    node.presenceNs = nowNs + this.#times.presenceNs
    const endsNs = Math.min(node.presenceNs, nowNs + this.#times.leaseNs)
    for (const lease of this.leases) {
      if (lease?.clientId === node.clientId && !lease.isRecalled) lease.endsNs = Math.max(lease.endsNs, endsNs)
    }
  }

  /** Sizes as equal as can be; nobody gives away what may stay; the rest goes to the lowest ids with room. */
  #assign(): void {
    const ids = this.nodes.map(({ clientId }) => clientId).toSorted((one, other) => one - other)
    const count = (id: number, list: readonly number[]) => list.filter((owner) => owner === id).length
    const before = this.assigned
    const richest = ids.toSorted((one, other) => count(other, before) - count(one, before) || one - other)
    const size = (id: number) =>
      Math.floor(before.length / ids.length) + (richest.indexOf(id) < before.length % ids.length ? 1 : 0)
    const after = before.map(() => 0)
    before.forEach((id, symbolId) => {
      if (ids.includes(id) && count(id, after) < size(id)) after[symbolId] = id
    })
    after.forEach((owner, symbolId) => {
      if (owner === 0) after[symbolId] = ids.find((id) => count(id, after) < size(id)) ?? 0
    })
    this.assigned = after
    this.leases.forEach((lease, symbolId) => {
      if (lease !== null && before[symbolId] !== after[symbolId]) lease.isRecalled = lease.clientId !== after[symbolId]
    })
  }

  #grant(nowNs: number): void {
    this.assigned.forEach((id, symbolId) => {
      const node = this.nodes.find((candidate) => candidate.clientId === id)
      if (node === undefined || node.isSilent || this.leases[symbolId] !== null) return
      this.token += 1
      const endsNs = Math.min(node.presenceNs, nowNs + this.#times.leaseNs)
      this.leases[symbolId] = { clientId: id, token: this.token, endsNs, isRecalled: false }
    })
  }
}
