// Loaded before an engine of a drill: each sync of its journal takes TANDEM_DRILL_SYNC_MS longer, as on a disk that is
// busy with something else.

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const delayMs = Number(process.env['TANDEM_DRILL_SYNC_MS'] ?? 0)
const { fdatasync } = fs

fs.fdatasync = Object.assign(
  (descriptor: number, done: (error: NodeJS.ErrnoException | null) => void) =>
    fdatasync(descriptor, (error) => setTimeout(() => done(error), delayMs)),
  { __promisify__: fdatasync.__promisify__ },
)
syncBuiltinESMExports()
