// The independent checker: follows the journal of a cluster from round to round, with a state machine of its own, and
// holds what the clients were told against what the journal says.
//
// It knows the clients' records and the journal files. What a client must have been told follows from replaying the
// records; whether the engine said so is what is checked.

import { checksum } from '../../base/checksum.ts'
import { Core } from '../../engine/core/core.ts'
import { OutputKind, type OutputSink } from '../../engine/core/output.ts'
import { FileStorage } from '../../engine/io/file-storage.ts'
import { Journal } from '../../engine/journal/journal.ts'
import { JournalCorruptError } from '../../engine/journal/journal-errors.ts'
import { recordSeq } from '../../engine/journal/record.ts'
import { CommandHeader } from '../../protocol/command.ts'
import { ExecutionField } from '../../protocol/frame.ts'
import { FrameFault, FrameReader } from '../../protocol/frame-reader.ts'
import { CommandKind, EventKind } from '../../protocol/kinds.ts'
import { RecordHeader } from '../../protocol/record.ts'
import { DeskChecker } from '../../simulator/desk-checker.ts'
import { BrokenPromiseError } from '../../simulator/world.ts'
import { type ClientRecord, type Report, reportOf } from './client-record.ts'
import { ExposureUse } from './exposure-use.ts'

/** What did not hold, counted; `examples` says the first few in words. */
export class Findings {
  lost = 0
  twice = 0
  altered = 0
  wrongReplies = 0
  diverged = 0
  /** Records after which the desk was not as it must be; the first one ends the looking. */
  deskFaults = 0
  readonly examples: string[] = []

  say(text: string): void {
    if (this.examples.length < 20) this.examples.push(text)
  }
}

const OPEN_RETRY_COUNT = 5

export class JournalChecker {
  readonly findings = new Findings()
  readonly desk = new DeskChecker()
  readonly use = new ExposureUse()
  checkedCount = 0
  #core: Core | null = null
  readonly #reader = new FrameReader()
  /** What each client must have been told, by client id. */
  readonly #told = new Map<number, Report[]>()

  /** The last record that was checked. */
  get seq(): number {
    return this.#core?.seq ?? 0
  }

  get core(): Core | null {
    return this.#core
  }

  /**
   * Reads on to the record `toSeq` in the first of these journals that has all records until there, and checks what the
   * clients know of them. One that was made anew from a snapshot has not.
   */
  check(folders: readonly [string, ...string[]], toSeq: number, clients: readonly ClientRecord[]): void {
    const fromSeq = this.seq + 1
    const ends: number[] = []
    const texts: string[] = []
    const isChecked = folders.some((folder) =>
      withJournal(folder, (journal) => {
        const { firstSeq, appendPosition } = journal
        const isWhole = firstSeq <= fromSeq && appendPosition >= toSeq
        if (isWhole) this.#check(journal, fromSeq, toSeq, clients)
        ends.push(appendPosition)
        texts.push(`${folder} has records ${firstSeq} .. ${appendPosition}`)
        return isWhole
      }),
    )
    if (isChecked) return
    this.findings.lost += Math.max(1, toSeq - Math.max(...ends))
    this.findings.say(`${texts.join(', ')}, not ${fromSeq} .. ${toSeq}`)
  }

  #check(journal: Journal, fromSeq: number, toSeq: number, clients: readonly ClientRecord[]): void {
    this.#told.clear()
    const byId = new Map(clients.map((client) => [client.clientId, client]))
    if (fromSeq <= toSeq) this.#follow(journal, fromSeq, toSeq, byId)
    for (const client of clients) this.#compare(client)
  }

  #follow(journal: Journal, fromSeq: number, toSeq: number, clients: ReadonlyMap<number, ClientRecord>): void {
    const sink: OutputSink = { output: (kind, clientId, frame) => this.#collect(kind, clientId, frame, clients) }
    journal.replay(fromSeq, (records, offset, size) => {
      const seq = recordSeq(records, offset)
      if (seq > toSeq) return false
      const command = offset + RecordHeader.LENGTH
      const client = clients.get(records.uint32[(command + CommandHeader.CLIENT_ID) >> 2]!)
      if (client !== undefined && records.bytes[command + CommandHeader.KIND] !== CommandKind.OPEN_SESSION) {
        const clientSeq = records.float64[(command + CommandHeader.CLIENT_SEQ) >> 3]!
        this.#countCommand(client, clientSeq, checksum(records.bytes, command, offset + size), seq)
      }
      if (this.#core === null) this.#core = Core.fromGenesis(records, offset)
      else this.#core.apply(records, offset)
      this.#core.executions.flush(this.#core.epoch, sink)
      this.#checkDesk(this.#core)
      this.use.look(this.#core)
      this.#core.discard()
      return seq < toSeq
    })
  }

  #checkDesk(core: Core): void {
    if (this.findings.deskFaults > 0) return
    try {
      this.desk.check(core)
    } catch (error) {
      if (!(error instanceof BrokenPromiseError)) throw error
      this.findings.deskFaults += 1
      this.findings.say(error.message)
    }
  }

  #countCommand(client: ClientRecord, clientSeq: number, bytesChecksum: number, seq: number): void {
    const { findings } = this
    const who = `client ${client.clientId} command ${clientSeq}, record ${seq}`
    const command = client.commands.get(clientSeq)
    this.checkedCount += 1
    if (command === undefined) {
      findings.twice += 1
      findings.say(`${who}: applied again, or never sent`)
      return
    }
    command.journalCount += 1
    if (command.journalCount > 1) {
      findings.twice += 1
      findings.say(`${who}: applied ${command.journalCount} times`)
    }
    if (command.checksum !== bytesChecksum) {
      findings.altered += 1
      findings.say(`${who}: not the bytes that were sent`)
    }
  }

  #collect(kind: OutputKind, clientId: number, frame: Uint8Array, clients: ReadonlyMap<number, ClientRecord>): void {
    if (kind !== OutputKind.EXECUTIONS || !clients.has(clientId)) return
    const reader = this.#reader
    if (reader.read(frame) !== FrameFault.NONE) return
    const told = this.#told.get(clientId) ?? []
    this.#told.set(clientId, told)
    for (let index = 0; index < reader.count; index++) {
      // The session keeps this one to itself.
      if (reader.uint8(index, ExecutionField.KIND) !== EventKind.SESSION_OPENED) told.push(reportOf(reader, index))
    }
  }

  /** Each acknowledged command is in the journal, and the client was told all that the journal says, in order. */
  #compare(client: ClientRecord): void {
    const { findings } = this
    for (const [clientSeq, command] of client.commands) {
      if (command.ackedMs === Number.POSITIVE_INFINITY || command.journalCount > 0) continue
      findings.lost += 1
      findings.say(`client ${client.clientId} command ${clientSeq}: acknowledged, and in no record`)
    }
    const expected = this.#told.get(client.clientId) ?? []
    // Reports that were lost are told by no one; what is left must still be what the journal says, in its order.
    const isWhole = client.lostCount === 0
    let at = 0
    for (const report of client.reports) {
      while (!isWhole && at < expected.length && expected[at]!.text !== report.text) at += 1
      if (expected[at]?.text !== report.text) {
        findings.wrongReplies += 1
        findings.say(
          `client ${client.clientId} was told ${report.text}; the journal says ${expected[at]?.text ?? 'nothing more'}`,
        )
        return
      }
      at += 1
    }
    if (isWhole && at < expected.length) {
      findings.wrongReplies += 1
      findings.say(`client ${client.clientId} was not told ${expected[at]!.text} and ${expected.length - at - 1} more`)
    }
  }
}

/** Records from .. to are the same in both journals, byte for byte; counts those that are not. */
export function compareJournals(oneFolder: string, otherFolder: string, toSeq: number, findings: Findings): void {
  withJournal(oneFolder, (one) =>
    withJournal(otherFolder, (other) => compareRecords(one, other, `${oneFolder} and ${otherFolder}`, toSeq, findings)),
  )
}

function compareRecords(one: Journal, other: Journal, names: string, toSeq: number, findings: Findings): void {
  const fromSeq = Math.max(one.firstSeq, other.firstSeq)
  if (Math.min(one.appendPosition, other.appendPosition) < toSeq) {
    findings.diverged += 1
    findings.say(`the journals end at ${one.appendPosition} and ${other.appendPosition}, before record ${toSeq}`)
    return
  }
  const ours = recordChecksums(one, fromSeq, toSeq)
  const theirs = recordChecksums(other, fromSeq, toSeq)
  for (let index = 0; index < ours.length; index++) {
    if (ours[index] === theirs[index]) continue
    findings.diverged += 1
    findings.say(`record ${fromSeq + index} is not the same in ${names}`)
    return
  }
}

/** The checksum covers number, time, epoch and command. */
function recordChecksums(journal: Journal, fromSeq: number, toSeq: number): Uint32Array {
  const checksums = new Uint32Array(Math.max(0, toSeq - fromSeq + 1))
  if (checksums.length === 0) return checksums
  journal.replay(fromSeq, (records, offset) => {
    const seq = recordSeq(records, offset)
    if (seq <= toSeq) checksums[seq - fromSeq] = records.uint32[(offset + RecordHeader.CHECKSUM) >> 2]!
    return seq < toSeq
  })
  return checksums
}

/** The engine may be writing: what looks like damage may be a record on its way, and is looked at again. */
function withJournal<Result>(folder: string, use: (journal: Journal) => Result): Result {
  const storage = FileStorage.openReadOnly(folder)
  try {
    for (let tries = 1; ; tries++) {
      try {
        return use(Journal.open(storage, { clusterId: null, timeBaseUnixMs: 0, isReadOnly: true }))
      } catch (error) {
        if (!(error instanceof JournalCorruptError) || tries === OPEN_RETRY_COUNT) throw error
      }
    }
  } finally {
    storage.close()
  }
}
