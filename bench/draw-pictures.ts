// Draws the pictures of the documents from the texts beside them: docs/pictures/NAME.boxes and NAME.sequence give
// NAME.svg. `npm run draw` writes them; a test holds the files against what the texts give.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { boxPicture } from './drawing/box-picture.ts'
import { sequencePicture } from './drawing/sequence-picture.ts'

const KINDS = { boxes: boxPicture, sequence: sequencePicture }

/** Name of each picture's file, and what it has to be. */
export function drawPictures(folder: string): Map<string, string> {
  const pictures = new Map<string, string>()
  for (const name of readdirSync(folder).sort()) {
    for (const [ending, draw] of Object.entries(KINDS)) {
      if (!name.endsWith(`.${ending}`)) continue
      pictures.set(name.replace(/\.\w+$/, '.svg'), draw(readFileSync(join(folder, name), 'utf8')))
    }
  }
  return pictures
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, '../docs/pictures')
  for (const [name, svg] of drawPictures(folder)) {
    writeFileSync(join(folder, name), svg)
    process.stderr.write(`docs/pictures/${name}\n`)
  }
}
