// What can be wrong with a journal. Each names the file, the place and the remedy.

/** A record or header that was once written whole is damaged. */
export class JournalCorruptError extends Error {
  override name = 'JournalCorruptError'
  readonly file: string
  /** Byte in the file at which the damage was found. */
  readonly offset: number

  constructor(file: string, offset: number, what: string) {
    super(
      `${file}, byte ${offset}: ${what}. The engine does not start from a damaged journal: restore the file from ` +
        'a backup or the peer engine, or move the whole directory away to start anew.',
    )
    this.file = file
    this.offset = offset
  }
}

/** Written by another version of Tandem. */
export class JournalVersionError extends Error {
  override name = 'JournalVersionError'
}

/** A segment between two others is not there. */
export class SegmentMissingError extends Error {
  override name = 'SegmentMissingError'
}

/** Another process has the directory open. */
export class JournalLockedError extends Error {
  override name = 'JournalLockedError'
}

/** The disk has no room for the next segment or snapshot. */
export class DiskFullError extends Error {
  override name = 'DiskFullError'
}

/** The disk refused to write for another reason. */
export class DiskWriteError extends Error {
  override name = 'DiskWriteError'
}
