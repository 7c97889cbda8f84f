// One engine's part in the pair: its role, the view, and how far its journal is committed.
//
// A deterministic state machine: time comes with each call, answers come through on...(), and what it wants goes to the
// link, the view store, the durable state, the journal and the machine. The rules are those of docs/replication.md; each
// place that a rule rests on says which.
//
//   onFrame, onLink, onViewRead, onViewWritten, onSynced, poll     in
//   role, epoch, commitPosition, isIntakeOpen                      what the engine acts on

import { assert } from '../../base/assert.ts'
import type { Journal } from '../journal/journal.ts'
import type { DurableState } from './durable-state.ts'
import { whyNotLead } from './eligibility.ts'
import { Following, Synced } from './following.ts'
import { HandOver, NOT_YET } from './hand-over.ts'
import { Leading } from './leading.ts'
import type * as frames from './peer-frame.ts'
import { PeerFrameKind, type PeerLink } from './peer-frame.ts'
import { PeerVoice } from './peer-voice.ts'
import { PeerWatch } from './peer-watch.ts'
import { ALONE, type ReplicaOptions, Waiting } from './replica-options.ts'
import { assertTransition, Cause, causeToLead, isPrimary, Role } from './roles.ts'
import type { ReplicaSettings } from './settings.ts'
import { type EngineId, Members, onlyMember, type StoredView, type ViewAnswer, WriteOutcome } from './view.ts'
import { ViewRecovery } from './view-recovery.ts'
import { ViewRequests } from './view-requests.ts'

/** The peer may lack this many records when the intake pauses for it to catch up. */
const JOIN_LAG_MAX = 2_048

export class Replica {
  role: Role = Role.WAITING
  /** What the store said last. */
  view: ViewAnswer | null = null
  waiting: Waiting = Waiting.NOTHING
  readonly following: Following
  readonly leading: Leading
  readonly #options: ReplicaOptions
  readonly #journal: Journal
  readonly #state: DurableState
  readonly #settings: ReplicaSettings
  readonly #link: PeerLink
  readonly #requests: ViewRequests
  readonly #engineId: EngineId
  #isForced: boolean
  #commitHighest = 0
  readonly #watch: PeerWatch
  readonly #voice: PeerVoice
  readonly #recovery: ViewRecovery
  #isOutsideReachable = true
  #retryNs = 0
  readonly #handOver: HandOver
  /** When its primary told this backup last to prepare for leading, and whether it told it to lead. */
  #prepareNs = Number.NEGATIVE_INFINITY
  #isHandedOver = false
  #joinNs = 0
  /** A record from which this engine wants to become sole member, once its journal is on the disk. */
  #soloFrom: StoredView | null = null
  #soloCause: Cause = Cause.NO_PRIMARY

  constructor(options: ReplicaOptions) {
    const { journal, state, machine, settings, pairing } = options
    this.#options = options
    this.#journal = journal
    this.#state = state
    this.#settings = settings
    const { engineId, link, store } = pairing ?? ALONE
    this.#link = link
    this.#engineId = engineId
    this.#requests = new ViewRequests(store)
    this.#isForced = options.isForced ?? false
    this.#watch = new PeerWatch(settings)
    this.#voice = new PeerVoice(link, state, settings.heartbeatNs)
    this.#handOver = new HandOver(settings.handOverNs)
    this.#recovery = new ViewRecovery(this.#engineId, state, journal, settings.viewCheckNs)
    this.leading = new Leading(journal, this.#link, machine, settings)
    this.following = new Following(journal, state, this.#link, machine, settings.isDiskDurable)
  }

  /** The epoch that it leads or follows; 0: none yet. */
  get epoch(): number {
    return this.#state.fields.epochMax
  }

  get isPrimary(): boolean {
    return isPrimary(this.role)
  }

  /** May new commands become records now? */
  get isIntakeOpen(): boolean {
    const isOpen = this.isPrimary && this.#joinNs === 0 && !this.#handOver.isIntakeClosed
    return isOpen && this.#soloFrom === null && this.#recovery.createAfter === null && !this.#isGoingSolo
  }

  /** The last record that every view which may be current has committed. Never goes back while this engine leads. */
  get commitPosition(): number {
    if (!this.isPrimary) return Math.min(this.following.commitHeard, this.#journal.appendPosition)
    this.#commitHighest = Math.max(this.#commitHighest, this.#committedNow())
    return this.#commitHighest
  }

  /** A backup whose primary may have gone: it prepares to lead, and does not yet. */
  isDoubting(nowNs: number): boolean {
    const isDoubtful = !this.#link.isConnected || nowNs - this.#prepareNs < this.#settings.handOverNs
    return this.role === Role.BACKUP && isDoubtful && !this.#wantsLead(nowNs)
  }

  get isPeerConnected(): boolean {
    return this.#link.isConnected
  }

  /** This process takes its place: a new incarnation, and what a machine that was switched off may have lost. */
  start(nowNs: number): void {
    const { bootId, startUnixMs, pairing, machine, onTransition } = this.#options
    const { fields } = this.#state
    const isRebooted = this.#state.isRebooted(bootId) && !this.#settings.isDiskDurable
    this.#state.save({
      incarnation: Math.max(fields.incarnation + 1, Math.floor(startUnixMs / 1_000) % 2 ** 32),
      bootId,
      isEligible: isRebooted ? 0 : fields.isEligible,
    })
    this.#watch.begin(nowNs)
    if (pairing !== null) {
      onTransition({ from: this.role, to: this.role, cause: Cause.STARTED, epoch: this.epoch, nowNs })
      return
    }
    const epoch = Math.max(fields.epochMax, this.#journal.lastEpoch) + 1
    this.#state.save({ epochMax: epoch, syncedEpoch: epoch })
    this.#become(Role.SOLO, Cause.ALONE, nowNs)
    machine.lead(epoch, false)
  }

  /** The connection to the peer came up, or broke. */
  onLink(isConnected: boolean, nowNs: number): void {
    if (!isConnected) return this.#watch.onClosed(nowNs)
    this.#watch.onHeard(nowNs)
    this.#voice.hello(nowNs)
  }

  /** NATS is there, or is not: a primary that no client can reach should not lead. */
  onOutside(isReachable: boolean): void {
    if (isReachable && !this.#isOutsideReachable) this.#recovery.doubt()
    this.#isOutsideReachable = isReachable
  }

  /** The disk has answered. */
  onSynced(nowNs: number): void {
    if (this.role === Role.BACKUP) this.following.acknowledge()
    const { createAfter } = this.#recovery
    if (this.#soloFrom !== null) this.#trySolo(nowNs)
    else if (createAfter !== null && this.#requests.current === null) this.#createView(createAfter, nowNs)
  }

  /** Records of this primary are about to be appended to its journal. */
  onAppending(records: Uint8Array, firstSeq: number, lastSeq: number, nowNs: number): void {
    this.leading.appending(records, firstSeq, lastSeq, this.commitPosition, nowNs)
  }

  onFrame(frame: frames.PeerFrame, nowNs: number): void {
    this.#watch.onHeard(nowNs)
    switch (frame.kind) {
      case PeerFrameKind.HELLO:
        return this.#onHello(frame, nowNs)
      case PeerFrameKind.SYNC:
        return this.#onSync(frame, nowNs)
      case PeerFrameKind.APPEND:
        return this.#onAppend(frame, nowNs)
      case PeerFrameKind.SNAPSHOT:
        return this.#onSnapshot(frame, nowNs)
      case PeerFrameKind.ACK:
        return this.#onAck(frame.epoch, frame.incarnation, frame.position, nowNs)
      case PeerFrameKind.HEARTBEAT:
        return this.#onHeartbeat(frame, nowNs)
      case PeerFrameKind.REFUSE:
        if (frame.epoch > this.epoch && this.isPrimary) this.#stepDown(Cause.HIGHER_EPOCH, nowNs)
        return
      case PeerFrameKind.HAND_OVER:
        return this.#onHandOver(frame, nowNs)
      case PeerFrameKind.VIEW_LOST:
        return this.#onPeerLostView(frame, nowNs)
      case PeerFrameKind.VIEW_PROMISE:
        this.#onViewPromise(frame, nowNs)
    }
  }

  /** What the store answered to read `request`; null: nothing, it cannot be reached. */
  onViewRead(request: number, answer: ViewAnswer | null, nowNs: number): void {
    if (this.#requests.end(request) === null) return
    if (answer === null) {
      this.#wait(Waiting.FOR_STORE, nowNs)
      return
    }
    const isOld = answer.epoch !== 0 && answer.epoch < this.epoch && !this.#isForced
    const lost = isOld ? this.#recovery.onOldView(answer as StoredView) : answer
    if (lost === null) {
      this.#retryNs = nowNs + this.#settings.retryNs
      return
    }
    this.#recovery.seenNs = nowNs
    this.view = lost
    if (lost.epoch === 0) {
      this.#onViewLost(nowNs)
      return
    }
    this.#recovery.createAfter = null
    if (this.isPrimary && lost.epoch > this.epoch && (lost as StoredView).primary !== this.#engineId) {
      this.#stepDown(Cause.LOST_RACE, nowNs)
      return
    }
    this.#soloFrom = lost as StoredView
    this.#trySolo(nowNs)
  }

  /** How compare-and-set `request` ended; `written` is the record when it was. */
  onViewWritten(request: number, outcome: WriteOutcome, written: StoredView | null, nowNs: number): void {
    const ended = this.#requests.end(request)
    if (ended === null || ended.expected === null) return
    if (outcome === WriteOutcome.WRITTEN && written !== null) {
      if (written.epoch > this.epoch) this.#lead(written, nowNs)
      return
    }
    if (outcome === WriteOutcome.UNKNOWN) this.#recovery.doubt()
    this.#retryNs = nowNs + this.#settings.retryNs / (outcome === WriteOutcome.LOST ? 10 : 1)
    const isOver = outcome === WriteOutcome.LOST && ended.expected.epoch >= this.epoch
    if (isOver && this.isPrimary) this.#stepDown(Cause.LOST_RACE, nowNs)
  }

  /** One pass: what time alone brings about. */
  poll(nowNs: number): void {
    if (this.#options.pairing === null) return
    this.#watch.poll(nowNs)
    if (this.#voice.isBeatDue(nowNs)) this.#voice.beat(this.isPrimary, this.commitPosition, nowNs)
    if (this.isPrimary) this.leading.poll(this.commitPosition, nowNs)
    const { current } = this.#requests
    if (current !== null) {
      if (nowNs - current.sentNs < this.#settings.requestNs) return
      // Its outcome is unknown, and stays so.
      if (current.next !== null) this.#recovery.doubt()
      this.#requests.void()
      // A primary that only looks waits for nothing.
      const isWaiting = current.next === null ? !this.isPrimary : this.role !== Role.JOINING
      if (isWaiting) this.waiting = Waiting.FOR_STORE
    }
    if (this.#soloFrom !== null) this.#trySolo(nowNs)
    else if (nowNs >= this.#retryNs) this.#decide(nowNs)
  }

  /** Lets the backup take over, if that is not under way: a planned switch. False: there is no backup that could. */
  handOver(nowNs: number): boolean {
    if (this.role !== Role.PAIR) return false
    if (!this.#handOver.isUnderWay) this.#handOver.begin(nowNs)
    return true
  }

  get #isGoingSolo(): boolean {
    return this.#requests.current?.next?.members === onlyMember(this.#engineId)
  }

  /** Rules 3 and 6: what satisfies every view that may be current. */
  #committedNow(): number {
    const { appendPosition, syncPosition } = this.#journal
    if (this.role === Role.SOLO) return syncPosition
    const acknowledged = Math.min(appendPosition, this.leading.ackPosition)
    const { epochMax, soloTriedEpoch } = this.#state.fields
    const needsDisk = this.role === Role.JOINING || this.#settings.isDiskDurable || epochMax <= soloTriedEpoch
    return needsDisk ? Math.min(acknowledged, syncPosition) : acknowledged
  }

  #onHello({ epoch, incarnation }: frames.HelloFrame, nowNs: number): void {
    const { incarnation: known } = this.#watch
    if (incarnation > known) this.#recovery.peerClaim = null
    const isNew = incarnation >= known
    // An engine whose disk is gone hears from what it is sent which number to go above; so does one that started within
    // the second in which it lost its disk, acknowledged in our epoch, and has not heard of it.
    const isReborn = incarnation === known && epoch < this.epoch && this.leading.ackPosition > 0
    if (isNew) this.#watch.incarnation = isReborn ? known + 1 : incarnation
    if (!this.isPrimary) return
    if (isNew && epoch > this.epoch) this.#stepDown(Cause.HIGHER_EPOCH, nowNs)
    else this.leading.begin(this.epoch, this.#watch.incarnation, nowNs)
  }

  #onSync(frame: frames.SyncFrame, nowNs: number): void {
    if (!this.#isForUs(frame, nowNs) || !this.#accepts(frame.epoch, nowNs)) return
    this.#watch.onPrimary(nowNs)
    this.waiting = Waiting.NOTHING
    const outcome = this.following.onSync(frame)
    if (outcome === Synced.FOLLOWS && this.role !== Role.BACKUP) this.#become(Role.BACKUP, Cause.SYNCED, nowNs)
  }

  #onAppend(frame: frames.AppendFrame, nowNs: number): void {
    if (!this.#isForUs(frame, nowNs) || !this.#accepts(frame.epoch, nowNs)) return
    this.#watch.onPrimary(nowNs)
    // It goes on leading.
    this.#isHandedOver = false
    // The comparison of the journals was missed: it is asked for again.
    if (this.#state.fields.syncedEpoch !== frame.epoch || this.role !== Role.BACKUP) this.#voice.hello(nowNs)
    else this.following.onAppend(frame)
  }

  #onSnapshot(frame: frames.SnapshotFrame, nowNs: number): void {
    if (!this.#isForUs(frame, nowNs) || !this.#accepts(frame.epoch, nowNs)) return
    this.#watch.onPrimary(nowNs)
    // In an epoch that the journal follows already, only a later state replaces it: nothing acknowledged is undone.
    if (this.#state.fields.syncedEpoch === frame.epoch && frame.seq <= this.#journal.appendPosition) return
    if (this.following.onSnapshot(frame) && this.role !== Role.BACKUP) this.#become(Role.BACKUP, Cause.SYNCED, nowNs)
  }

  #onAck(epoch: number, incarnation: number, position: number, nowNs: number): void {
    if (!this.isPrimary) return
    if (epoch > this.epoch) {
      this.#stepDown(Cause.HIGHER_EPOCH, nowNs)
      return
    }
    // Rule 5: of this epoch, and of the incarnation that said hello last.
    if (epoch !== this.epoch || incarnation !== this.#watch.incarnation) return
    this.leading.onAck(position, nowNs)
    if (this.role === Role.SOLO && this.#requests.current === null) this.#joinIfReady(nowNs)
  }

  #onHeartbeat({ epoch, incarnation, isPrimary: leads, commitPosition }: frames.HeartbeatFrame, nowNs: number): void {
    if (incarnation < this.#watch.incarnation) return
    if (incarnation > this.#watch.incarnation) this.#onHello({ kind: PeerFrameKind.HELLO, epoch, incarnation }, nowNs)
    if (this.isPrimary && epoch > this.epoch) this.#stepDown(Cause.HIGHER_EPOCH, nowNs)
    if (!leads) return
    if (epoch < this.epoch) {
      this.#link.send({ kind: PeerFrameKind.REFUSE, epoch: this.epoch })
      return
    }
    this.#watch.onPrimary(nowNs)
    if (epoch === this.epoch && this.role === Role.BACKUP) {
      this.following.commitHeard = Math.max(this.following.commitHeard, commitPosition)
    } else if (nowNs - this.#voice.helloNs > this.#settings.resyncNs) {
      // It leads, and sends nothing: it has not heard that we are there.
      this.#voice.hello(nowNs)
    }
  }

  #onHandOver(frame: frames.HandOverFrame, nowNs: number): void {
    if (!this.#isForUs(frame, nowNs) || this.role !== Role.BACKUP || frame.epoch !== this.epoch) return
    if (frame.position === NOT_YET) this.#prepareNs = nowNs
    else if (frame.position === this.#journal.appendPosition) this.#isHandedOver = true
    else return
    this.#retryNs = nowNs
    this.poll(nowNs)
  }

  /** Rule 5: an append names the incarnation that it is for. */
  #isForUs({ toIncarnation }: { readonly toIncarnation: number }, nowNs: number): boolean {
    const { incarnation } = this.#state.fields
    if (toIncarnation === incarnation) {
      this.#voice.helloNs = nowNs
      return true
    }
    if (toIncarnation > incarnation) this.#state.save({ incarnation: toIncarnation + 1 })
    this.#voice.hello(nowNs)
    return false
  }

  /** Rule 4: of an epoch not below our own; a higher one is durable first. */
  #accepts(epoch: number, nowNs: number): boolean {
    if (epoch < this.epoch) {
      this.#link.send({ kind: PeerFrameKind.REFUSE, epoch: this.epoch })
      return false
    }
    if (this.isPrimary) {
      assert(epoch > this.epoch, 'one primary per epoch')
      this.#stepDown(Cause.HIGHER_EPOCH, nowNs)
    }
    if (epoch > this.epoch) {
      // Whatever was asked of the store came from a lower epoch, and from now on we may be a member of this one.
      this.#soloFrom = this.#recovery.createAfter = null
      this.#state.save({ epochMax: epoch, viewEpoch: epoch, viewMembers: Members.BOTH })
      if (this.role === Role.BACKUP) this.#become(Role.WAITING, Cause.HIGHER_EPOCH, nowNs)
    }
    return true
  }

  /** Nothing is under way, and the last attempt is long enough ago. */
  #decide(nowNs: number): void {
    this.#recovery.createAfter = null
    switch (this.role) {
      case Role.SOLO:
        if (this.#recovery.isSure(this.view, nowNs)) this.#joinIfReady(nowNs)
        else this.#requests.read(nowNs)
        return
      case Role.JOINING:
        this.#soloCause = Cause.OUTCOME_UNKNOWN
        this.#requests.read(nowNs)
        return
      case Role.PAIR:
        if (this.#handOver.isUnderWay) this.#stepHandOver(nowNs)
        else if (!this.#isOutsideReachable && this.#isPeerThere(nowNs)) this.handOver(nowNs)
        // A view that was lost, or has ended, is mended while both are there: were one of them gone, the other could not.
        else if (!this.#recovery.isSure(this.view, nowNs)) return this.#requests.read(nowNs)
        if (this.#isPeerThere(nowNs)) return
        this.#handOver.end()
        this.#soloCause = Cause.PEER_SUSPECTED
        this.#soloFrom = this.view as StoredView
        this.#trySolo(nowNs)
        return
      default:
        if (this.#wantsLead(nowNs) || this.isDoubting(nowNs)) this.#requests.read(nowNs)
    }
  }

  #isPeerThere(nowNs: number): boolean {
    return this.#watch.isThere(this.#link.isConnected, nowNs)
  }

  #wantsLead(nowNs: number): boolean {
    if (this.#isForced) return true
    const { isConnected } = this.#link
    if (this.role === Role.BACKUP) return this.#isHandedOver || this.#watch.isPrimarySuspected(isConnected, nowNs)
    if (this.#watch.hasHeardPrimary(nowNs)) return false
    // The primary of the last view does not wait for another.
    const isFirst = this.view !== null && 'bucket' in this.view && this.view.primary === this.#engineId
    return this.view === null || isFirst || this.#watch.hasWaited(nowNs)
  }

  /** Rules 1, 2 and 6: from a record that names us, with the journal on the disk. */
  #trySolo(nowNs: number): void {
    const from = this.#soloFrom
    if (from === null || this.#requests.current !== null) return
    const isDoubting = this.isDoubting(nowNs)
    const isWanted = (isDoubting || this.#wantsSolo(from, nowNs)) && from.epoch >= this.epoch
    if (!isWanted || !(this.#isForced || this.#maySolo(from, nowNs))) this.#soloFrom = null
    if (this.#soloFrom === null) return
    // A planned switch keeps both: the journals are equal, and each holds all that it ever acknowledged.
    const isSwitch = this.#isHandedOver && from.epoch === this.epoch && from.members === Members.BOTH
    if (!isSwitch && this.#journal.syncPosition < this.#journal.appendPosition) {
      this.waiting = Waiting.FOR_DISK
      this.#journal.requestSync()
      if (this.#journal.syncPosition < this.#journal.appendPosition) return
    }
    if (isDoubting) return
    this.#soloFrom = null
    const { soloTriedEpoch } = this.#state.fields
    if (!isSwitch) this.#state.save({ soloTriedEpoch: Math.max(soloTriedEpoch, from.epoch) })
    if (!this.isPrimary) this.#soloCause = causeToLead(this.role, this.#isForced, this.#isHandedOver)
    const epoch = Math.max(from.epoch, this.#isForced ? this.epoch : 0) + 1
    const members = isSwitch ? Members.BOTH : onlyMember(this.#engineId)
    const next = { epoch, members, primary: this.#engineId }
    this.#requests.compareAndSet(from, next, nowNs)
  }

  /** A view above that of a pair is our own attempt to go on alone, of which no answer came: it ended the pair. */
  #wantsSolo(from: StoredView, nowNs: number): boolean {
    if (this.role === Role.PAIR) return !this.#isPeerThere(nowNs) || from.epoch > this.epoch
    return this.role === Role.JOINING || (this.role !== Role.SOLO && this.#wantsLead(nowNs))
  }

  #maySolo(from: StoredView, nowNs: number): boolean {
    const why = whyNotLead(this.#engineId, this.#state.fields, from)
    if (why === Waiting.NOTHING) return true
    this.#wait(why, nowNs)
    return false
  }

  /** Rule 6: the peer has everything, the intake stands still, and from here on commits need both. */
  #joinIfReady(nowNs: number): void {
    const { leading } = this
    if (this.#options.pairing === null || nowNs < this.#retryNs || !this.#recovery.isSure(this.view, nowNs)) return
    if (!this.#link.isConnected || !leading.isSynced || !this.#isOutsideReachable) {
      this.#joinNs = 0
      return
    }
    const lag = this.#journal.appendPosition - leading.ackPosition
    if (lag === 0) {
      this.#joinNs = 0
      const expected = this.view as StoredView
      this.#state.save({ viewMembers: Members.BOTH })
      this.#become(Role.JOINING, Cause.JOIN_PROPOSED, nowNs)
      const next = { epoch: expected.epoch + 1, members: Members.BOTH, primary: this.#engineId }
      this.#requests.compareAndSet(expected, next, nowNs)
    } else if (this.#joinNs === 0) {
      if (lag <= JOIN_LAG_MAX) this.#joinNs = nowNs
    } else if (nowNs - this.#joinNs > this.#settings.joinPauseNs) {
      this.#joinNs = 0
      this.#retryNs = nowNs + this.#settings.retryNs
    }
  }

  #stepHandOver(nowNs: number): void {
    const position = this.#handOver.step(this.#journal.appendPosition, this.commitPosition, nowNs)
    if (position < 0) return
    const toIncarnation = this.#watch.incarnation
    this.#link.send({ kind: PeerFrameKind.HAND_OVER, epoch: this.epoch, toIncarnation, position })
  }

  /** The store has no record. Alone we may create one only if nobody else can have led since. */
  #onViewLost(nowNs: number): void {
    if (this.#isForced || this.#recovery.mayCreateAlone()) {
      this.#createView(this.epoch, nowNs)
      return
    }
    this.#wait(Waiting.FOR_PEER_TO_AGREE, nowNs)
    const { incarnation } = this.#state.fields
    const claim = this.#recovery.claim(this.isPrimary)
    this.#link.send({ kind: PeerFrameKind.VIEW_LOST, epoch: this.epoch, incarnation, claim })
  }

  #onPeerLostView({ incarnation, claim }: frames.ViewLostFrame, nowNs: number): void {
    if (incarnation !== this.#watch.incarnation) return
    this.#recovery.peerClaim = claim
    // Only who has seen the same may agree.
    if (this.view === null || this.view.epoch !== 0 || this.#requests.current !== null) {
      if (this.#requests.current === null) this.#requests.read(nowNs)
      return
    }
    if (this.#recovery.mayCreateAlone() || this.#recovery.leads(this.isPrimary)) return
    // What we asked of the store before is void, and alone we will never create the view.
    this.#requests.void()
    this.#soloFrom = this.#recovery.createAfter = null
    this.view = null
    this.#state.save({ viewMembers: Members.BOTH })
    if (this.isPrimary) this.#stepDown(Cause.VIEW_LOST, nowNs)
    this.#retryNs = nowNs + this.#settings.leadWaitNs
    this.#link.send({ kind: PeerFrameKind.VIEW_PROMISE, epoch: this.epoch, toIncarnation: incarnation })
  }

  #onViewPromise({ epoch, toIncarnation }: frames.ViewPromiseFrame, nowNs: number): void {
    const isOurs = toIncarnation === this.#state.fields.incarnation && this.view?.epoch === 0
    if (!isOurs || !this.#recovery.leads(this.isPrimary)) return
    if (this.#requests.current !== null && this.#requests.current.next !== null) return
    this.#createView(Math.max(epoch, this.epoch), nowNs)
  }

  #createView(epochBefore: number, nowNs: number): void {
    const expected = this.view
    assert(expected !== null && expected.epoch === 0, 'the store was seen to hold no view')
    this.#recovery.createAfter = null
    if (this.#journal.syncPosition < this.#journal.appendPosition) {
      this.#journal.requestSync()
      this.#wait(Waiting.FOR_DISK, nowNs)
      // A primary takes nothing in until then, or the disk would never have all.
      this.#recovery.createAfter = epochBefore
      this.#retryNs = nowNs + this.#settings.requestNs
      return
    }
    this.#soloCause = this.#isForced ? Cause.FORCED : epochBefore === 0 ? Cause.FIRST_VIEW : Cause.VIEW_LOST
    const members = onlyMember(this.#engineId)
    // Should the answer be lost, a record with this epoch is known to be ours, and what is committed is on our disk.
    const soloTriedEpoch = Math.max(this.#state.fields.soloTriedEpoch, epochBefore)
    this.#state.save({ isEligible: 1, viewEpoch: epochBefore + 1, viewMembers: members, soloTriedEpoch })
    const next = { epoch: epochBefore + 1, members, primary: this.#engineId }
    this.#requests.compareAndSet('stray' in expected ? expected.stray : expected, next, nowNs)
  }

  /** Rule 1: our own compare-and-set was made. */
  #lead(written: StoredView, nowNs: number): void {
    const { epoch, members } = written
    const wasPrimary = this.isPrimary
    const isPair = members === Members.BOTH
    const isJoin = isPair && this.role === Role.JOINING
    assert(!isPair || isJoin || this.role === Role.BACKUP, 'only a join and a planned switch name both')
    this.#state.save({ epochMax: epoch, syncedEpoch: epoch, viewEpoch: epoch, viewMembers: members, isEligible: 1 })
    this.view = written
    this.#recovery.seenNs = nowNs
    this.#isForced = false
    this.#soloFrom = this.#recovery.createAfter = null
    this.waiting = Waiting.NOTHING
    this.#handOver.end()
    this.#joinNs = 0
    this.#retryNs = nowNs
    if (!wasPrimary) this.#commitHighest = Math.min(this.following.commitHeard, this.#journal.appendPosition)
    this.#become(isPair ? Role.PAIR : Role.SOLO, isJoin ? Cause.JOINED : this.#soloCause, nowNs)
    this.leading.begin(epoch, this.#link.isConnected ? this.#watch.incarnation : 0, nowNs)
    this.#options.machine.lead(epoch, wasPrimary)
  }

  /** Rule 7: at once, and nothing that was not committed is ever told. */
  #stepDown(cause: Cause, nowNs: number): void {
    this.following.commitHeard = this.#commitHighest
    this.#requests.void()
    this.#soloFrom = this.#recovery.createAfter = null
    this.#handOver.end()
    this.#joinNs = 0
    this.#watch.onDeposed(nowNs)
    this.leading.end()
    this.#become(Role.WAITING, cause, nowNs)
    this.#options.machine.follow()
    this.#voice.hello(nowNs)
  }

  #become(role: Role, cause: Cause, nowNs: number): void {
    assertTransition(this.role, role)
    const from = this.role
    this.role = role
    this.#isHandedOver = false
    this.#options.onTransition({ from, to: role, cause, epoch: this.epoch, nowNs })
  }

  #wait(waiting: Waiting, nowNs: number): void {
    // It says why an engine does not lead.
    if (!this.isPrimary) this.waiting = waiting
    this.#retryNs = nowNs + this.#settings.retryNs
  }
}
