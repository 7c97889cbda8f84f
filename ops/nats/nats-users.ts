// The users of a cluster's NATS server: one for each role, and what each may publish and hear. Nothing else is permitted.
//
// The engine takes a client's identity from the subject of its commands, or of its proof that a direct session is its own, and
// only that client's user may publish there: so nobody trades, quotes or controls as somebody else. The engine alone may touch
// the view. docs/security.md has the table.

import { viewStreamName, viewSubject } from '../../engine/io/nats-view-store.ts'
import { ClientId } from '../../protocol/clients.ts'
import { Subjects } from '../../protocol/subjects.ts'

export type NatsUser = {
  /** Its credentials are in a file of this name; answers to its questions come to `_INBOX.<name>`. */
  readonly name: string
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
  /** It may answer whoever asked it. */
  readonly answers: boolean
}

/** What may be asked of an engine without changing anything. */
const READ_QUERIES = [
  ...['instruments', 'status', 'positions', 'quotes', 'exposure', 'nodes', 'assignments', 'authority', 'statistics'],
  ...['fills', 'sessions', 'state-hash', 'snapshot'],
]

export function strategyUser(node: number): string {
  return `strategy-${node}`
}

/** `nodes`: how many strategy nodes there are users for, from node 1 on. */
export function natsUsers(clusterId: string, nodes: number): readonly NatsUser[] {
  const subjects = new Subjects(clusterId)
  return [
    engineUser(subjects, clusterId),
    ...Array.from({ length: nodes }, (_, index) => nodeUser(subjects, index + 1)),
    user('flow', {
      publish: [
        ...client(subjects, ClientId.FLOW),
        ...queries(subjects, ['instruments']),
        subjects.processStatus('flow', '*'),
      ],
      // The public market alone: it knows no position.
      subscribe: [subjects.executions(ClientId.FLOW), `${subjects.root}.md.>`],
    }),
    user('gateway', {
      publish: [
        ...client(subjects, ClientId.GATEWAY),
        ...queries(subjects, READ_QUERIES),
        subjects.processStatus('gateway', '*'),
      ],
      subscribe: [
        subjects.executions(ClientId.GATEWAY),
        ...['md', 'pos', 'desk', 'cluster'].map((topic) => `${subjects.root}.${topic}.>`),
      ],
    }),
    user('recorder', {
      publish: queries(subjects, ['instruments', 'snapshot']),
      subscribe: [`${subjects.root}.md.>`],
    }),
    user('operator', {
      publish: [...client(subjects, ClientId.OPERATOR), ...queries(subjects, READ_QUERIES), subjects.handOver()],
      subscribe: [subjects.executions(ClientId.OPERATOR), `${subjects.root}.cluster.>`],
    }),
    user('supervisor', {
      publish: [...queries(subjects, READ_QUERIES), subjects.processStatus('*', '*')],
      subscribe: [`${subjects.root}.cluster.>`],
    }),
  ]
}

/** For drills and tests, which speak for many clients and answer themselves: all subjects, and nothing of the view. */
export function testerUser(clusterId: string): NatsUser {
  const all = [`${new Subjects(clusterId).root}.>`]
  return user('tester', { publish: [...all, '_INBOX.tester.>'], subscribe: all })
}

function engineUser(subjects: Subjects, clusterId: string): NatsUser {
  const stream = viewStreamName(clusterId)
  const topics = ['exec', 'md', 'pos', 'desk', 'rehearsal'].map((topic) => `${subjects.root}.${topic}.>`)
  return {
    ...user('engine', {
      publish: [
        ...topics,
        subjects.processStatus('engine', '*'),
        '$JS.API.INFO',
        ...['INFO', 'CREATE', 'MSG.GET'].map((verb) => `$JS.API.STREAM.${verb}.${stream}`),
        viewSubject(clusterId, '*'),
      ],
      subscribe: [
        ...[subjects.commands('*'), subjects.proof('*'), subjects.resend('*'), subjects.query('*')],
        subjects.handOver(),
      ],
    }),
    answers: true,
  }
}

function nodeUser(subjects: Subjects, node: number): NatsUser {
  const clientId = ClientId.STRATEGY_BASE + node
  return user(strategyUser(node), {
    publish: [
      ...client(subjects, clientId),
      ...queries(subjects, ['instruments', 'snapshot', 'positions']),
      subjects.processStatus('strategy', strategyUser(node)),
    ],
    subscribe: [
      subjects.executions(clientId),
      `${subjects.root}.md.>`,
      `${subjects.root}.pos.>`,
      subjects.processStatus('engine', '*'),
    ],
  })
}

function user(name: string, { publish, subscribe }: Pick<NatsUser, 'publish' | 'subscribe'>): NatsUser {
  return { name, publish, subscribe: [...subscribe, `_INBOX.${name}.>`], answers: false }
}

/** What a client publishes: its commands, proofs that a direct session is its own, and requests to hear its reports again. */
function client(subjects: Subjects, clientId: number): string[] {
  return [subjects.commands(clientId), subjects.proof(clientId), subjects.resend(clientId)]
}

function queries(subjects: Subjects, names: readonly string[]): string[] {
  return names.map((name) => subjects.query(name))
}
