// Opens the journal of a folder that the user names, to read it.

import { FileStorage } from '../../engine/io/file-storage.ts'
import { Journal } from '../../engine/journal/journal.ts'
import { firstSeqOf } from '../../engine/journal/segment.ts'
import { UserError } from './output.ts'

export function openJournal(folder: string): Journal {
  const storage = FileStorage.openReadOnly(folder)
  if (!storage.list().some((name) => firstSeqOf(name) !== null)) {
    throw new UserError(
      `${folder} holds no journal`,
      'Name the data directory of an engine (with segment-*.journal in it).',
    )
  }
  return Journal.open(storage, { clusterId: null, timeBaseUnixMs: 0, isReadOnly: true })
}
