// The pictures of the documents are what the texts beside them say.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { drawPictures } from '../../bench/draw-pictures.ts'
import { boxPicture } from '../../bench/drawing/box-picture.ts'
import { sequencePicture } from '../../bench/drawing/sequence-picture.ts'

const folder = join(import.meta.dirname, '../../docs/pictures')

test('each picture is what its text gives: npm run draw makes them anew', () => {
  const pictures = drawPictures(folder)
  expect([...pictures.keys()]).toEqual(['authority.svg', 'command.svg', 'failover.svg', 'processes.svg'])
  for (const [name, svg] of pictures) expect(readFileSync(join(folder, name), 'utf8'), name).toBe(svg)
})

test('what cannot be drawn is refused with its line', () => {
  expect(() => boxPicture('box a 1,1 "a"\narrow a b')).toThrow('line 2: an end of the arrow is no box')
  expect(() => boxPicture('box a 1,1 "a word that is far too long for such a narrow box"')).toThrow('line 1: ')
  expect(() => boxPicture('box a 1,1 "a"\nbox b 2,2 "b"\narrow a b')).toThrow('neither above nor beside')
  expect(() => sequencePicture('lane a "A"\nsay a b "hello"')).toThrow('line 2: names no lane')
  expect(() => sequencePicture('lanes')).toThrow('line 1: ')
})
