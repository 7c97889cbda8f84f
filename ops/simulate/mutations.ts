// The guards that the simulator must miss when they are gone. docs/replication.md says what each is for.

import type { Mutation } from './mutation.ts'

const REPLICA = 'engine/replication/replica.ts'
const FOLLOWING = 'engine/replication/following.ts'
const JOURNAL = 'engine/journal/journal.ts'
const ENGINE = 'engine/engine.ts'

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'leads-unasked',
    guard: 'an engine leads only by its own compare-and-set',
    file: REPLICA,
    find: '    this.#requests.compareAndSet(from, next, nowNs)\n',
    replace: '    this.#lead({ ...next, revision: from.revision, bucket: from.bucket }, nowNs)\n',
  },
  {
    name: 'resumes-epoch',
    guard: 'an engine that starts again leads in a new epoch, also when the view names it',
    file: REPLICA,
    find: '    this.#soloFrom = lost as StoredView\n',
    replace:
      '    if ((lost as StoredView).primary === this.#engineId && this.role === Role.WAITING && lost.epoch >= this.epoch) return this.#lead({ ...(lost as StoredView), members: onlyMember(this.#engineId) }, nowNs)\n    this.#soloFrom = lost as StoredView\n',
  },
  {
    name: 'outsider-leads',
    guard: 'only a member of the view may replace it',
    file: 'engine/replication/eligibility.ts',
    find: 'if (!isMember(from.members, engineId))',
    replace: 'if (!isMember(from.members, engineId) && from.epoch < 0)',
  },
  {
    name: 'silence-commits',
    guard: 'a primary goes on alone by a compare-and-set, never by a time-out',
    file: REPLICA,
    find: '    const acknowledged = Math.min(appendPosition, this.leading.ackPosition)\n',
    replace:
      '    const acknowledged = this.#link.isConnected ? Math.min(appendPosition, this.leading.ackPosition) : syncPosition\n',
  },
  {
    name: 'forgets-epoch',
    guard: 'the highest epoch is on the disk before it is acted on',
    file: 'engine/replication/durable-state.ts',
    find: '      words[2 + index] = next[name]\n',
    replace: "      words[2 + index] = name === 'epochMax' ? 0 : next[name]\n",
  },
  {
    name: 'keeps-suffix',
    guard: 'a journal is cut back to what it shares with the new primary',
    file: FOLLOWING,
    find: 'if (prefix < journal.appendPosition) {',
    replace: 'if (prefix < journal.appendPosition && frame.epoch < 0) {',
  },
  {
    name: 'cuts-twice',
    guard: 'it is cut on the first contact of an epoch, never again within it',
    file: FOLLOWING,
    find: '    if (fields.syncedEpoch < frame.epoch) {\n',
    replace: '    if (fields.syncedEpoch <= frame.epoch) {\n',
  },
  {
    name: 'joins-early',
    guard: 'a peer joins when it has everything, to the last record',
    file: REPLICA,
    find: '    if (lag === 0) {\n',
    replace: '    if (lag < 30) {\n',
  },
  {
    name: 'no-freeze',
    guard: 'while a join is undecided, commits need the own disk and the peer',
    file: REPLICA,
    find: '    if (this.role === Role.SOLO) return syncPosition\n',
    replace: '    if (this.role === Role.SOLO || this.role === Role.JOINING) return syncPosition\n',
  },
  {
    name: 'solo-unsynced',
    guard: 'a primary alone commits what is on its disk, not what is only written',
    file: REPLICA,
    find: '    if (this.role === Role.SOLO) return syncPosition\n',
    replace: '    if (this.role === Role.SOLO) return appendPosition\n',
  },
  {
    name: 'trusts-lost-memory',
    guard: 'an engine whose machine lost its power does not lead until it has caught up',
    file: REPLICA,
    find: 'isEligible: isRebooted ? 0 : fields.isEligible,',
    replace: 'isEligible: fields.isEligible,',
  },
  {
    name: 'tells-early',
    guard: 'nothing leaves before its record is committed',
    file: ENGINE,
    find: 'this.#gate.release(this.commitPosition, this.#options.publish)',
    replace: 'this.#gate.release(this.appendPosition, this.#options.publish)',
  },
  {
    name: 'zombie-talks',
    guard: 'a deposed primary forgets what it had not committed',
    file: ENGINE,
    find: '  follow(): void {\n    this.#gate.clear()\n',
    replace: '  follow(): void {\n    this.#gate.release(this.appendPosition, this.#options.publish)\n',
  },
  {
    name: 'keeps-state',
    guard: 'a state that is ahead of a cut journal is built anew',
    file: ENGINE,
    find: 'if (this.#core === null || this.#core.seq <= seq) return',
    replace: 'if (this.#core !== null) return',
  },
  {
    name: 'applies-twice',
    guard: 'a command that was applied is answered from memory',
    file: 'engine/core/sessions.ts',
    find: '      return Screening.DUPLICATE\n',
    replace: '      return Screening.FRESH\n',
  },
  {
    name: 'skips-commands',
    guard: 'commands of a session are applied in order, without a hole',
    file: 'engine/core/sessions.ts',
    find: '    if (this.clientSeq !== last + 1) return this.#refuse(Reason.SEQUENCE_GAP, last + 1)\n',
    replace: '',
  },
  {
    name: 'forgets-replies',
    guard: 'replies are part of the replicated state',
    file: 'engine/core/executions.ts',
    find: '    writeReport(replies, replyEntry, events, index)\n    this.#writeNumbers(replies, replyEntry, events, slot)\n',
    replace: '',
  },
  {
    name: 'guesses-view',
    guard: 'an engine alone does not make up a view that the store has lost',
    file: 'engine/replication/view-recovery.ts',
    find: '    return !this.#state.isFresh && viewMembers === onlyMember(this.#engineId) && viewEpoch === epochMax\n',
    replace:
      '    return !this.#state.isFresh && (viewMembers === onlyMember(this.#engineId) || viewEpoch <= epochMax)\n',
  },
  {
    name: 'acknowledges-unheard',
    guard: 'a backup acknowledges what is in its journal',
    file: FOLLOWING,
    find: '    this.#append(this.#skipKnown(length), length)\n    this.acknowledge()\n',
    replace:
      '    this.#acknowledge(frame.epoch, frame.lastSeq)\n    if (frame.lastSeq % 7 !== 0) this.#append(this.#skipKnown(length), length)\n',
  },
  {
    name: 'believes-future-snapshots',
    guard: 'snapshots ahead of a cut journal are removed',
    file: JOURNAL,
    find: '    this.#dropSnapshotsAfter(seq)\n    while',
    replace: '    while',
  },
  {
    name: 'exceeds-exposure',
    guard: 'the quotes of all symbols together stay within the limit',
    file: 'engine/desk/fair-share.ts',
    find: '    return this.#limitLots - (this.#heldTotal - this.#heldLots[symbolId]!)\n',
    replace: '    return this.#limitLots\n',
  },
  {
    name: 'ignores-tokens',
    guard: 'a quote stands only under the authority in force',
    file: 'engine/desk/desk.ts',
    find: '    if (!this.mayQuote(symbolId, clientId, token)) return Reason.STALE_AUTHORITY\n',
    replace: '',
  },
  {
    name: 'leaves-orphans',
    guard: 'when authority ends, its quote is withdrawn',
    file: 'engine/core/node-commands.ts',
    find: '    this.#exchange.cancelQuote(symbolId, Reason.AUTHORITY_ENDED, 0, this.#events)\n',
    replace: '',
  },
  {
    name: 'trusts-old-incarnations',
    guard: 'what an old incarnation held is free when its client begins anew',
    file: 'engine/desk/nodes.ts',
    find: '    this.#endAll(EventKind.AUTHORITY_RELEASED, clientId, Reason.NEW_INCARNATION, nowNs)\n',
    replace: '',
  },
  {
    name: 'never-recalls',
    guard: 'symbols go over to a node that joins',
    file: 'engine/desk/nodes.ts',
    find: '      this.authority.setRecalled(symbolId, holder !== to)\n      if (holder === to || wasRecalled) continue\n',
    replace: '      if (holder !== to || wasRecalled) continue\n',
  },
  {
    name: 'time-runs-back',
    guard: 'the time on records never goes back',
    file: ENGINE,
    find: 'const stampNs = Math.max(Math.round(this.#recordNs(this.#nowNs)), core.timeNs)',
    replace: 'const stampNs = Math.round(this.#recordNs(this.#nowNs))',
  },
  {
    name: 'stays-full',
    guard: 'a journal goes on when a full disk has room again',
    file: JOURNAL,
    find: 'if (this.#spare !== SpareState.PREPARING) this.#prepareSpare()',
    replace: 'if (this.#spare === SpareState.NONE) this.#prepareSpare()',
  },
  {
    name: 'waits-to-be-seen',
    guard: 'an engine that hears a primary and gets nothing from it says hello again',
    file: REPLICA,
    find: 'nowNs - this.#helloNs > this.#settings.resyncNs',
    replace: 'nowNs < 0',
  },
  {
    name: 'minds-strays',
    guard: 'a record of an epoch long past, which the store was left with, is replaced',
    file: 'engine/replication/view-recovery.ts',
    find: 'this.#strayCount < STRAY_READS ?',
    replace: 'this.#strayCount > 0 ?',
  },
  {
    name: 'calls-holes-damage',
    guard: 'what a power loss left in any order is a cut tail, not damage',
    file: JOURNAL,
    find: 'later !== null && isLast && this.#isRebooted &&',
    replace: 'later !== null && isLast && this.appendPosition < 0 &&',
  },
  {
    name: 'leaves-spare',
    guard: 'a spare file that was too small for a segment is used for the next one',
    file: JOURNAL,
    find: 'if (this.#spare === SpareState.FAILED) this.#spare = SpareState.NONE',
    replace: 'if (this.#spare !== SpareState.PREPARING) this.#spare = SpareState.NONE',
  },
  {
    name: 'minds-torn-headers',
    guard: 'a segment whose header was cut short and that holds nothing is no damage',
    file: 'engine/journal/segment.ts',
    find: 'if (buffer.uint32[0] === MAGIC && isHeaderIntact(buffer)) return false',
    replace: 'if (buffer.bytes.some((byte) => byte !== 0)) return false',
  },
]
