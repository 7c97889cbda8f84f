// Who says what to whom, from top to bottom, from lines of text to an SVG.
//
//   title A primary dies
//   lane NAME "first line|second line"        from left to right
//   say  FROM TO "text"
//   note NAME "text|more text"                 something happens to it, or it does something

import { drawLabel, PictureError, svgOf } from './box-picture.ts'
import { escapeText } from './svg-style.ts'

const LANE_WIDTH = 230
const TOP = 64
const HEAD_HEIGHT = 44
const STEP = 40
const MARGIN = 24

export function sequencePicture(text: string): string {
  const lanes = new Map<string, number>()
  const heads: string[] = []
  const drawn: string[] = []
  let title = ''
  let y = TOP + HEAD_HEIGHT + STEP
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const match = /^(title|lane|say|note) (.*)$/.exec(trimmed)
    if (match === null) throw new PictureError(`line ${index + 1}: ${trimmed} is no line of a picture`)
    const [, word, rest = ''] = match
    if (word === 'title') {
      title = rest
      continue
    }
    const [, names = '', words = ''] = /^([^"]+) "([^"]*)"$/.exec(rest) ?? []
    const [from = '', to = ''] = names.split(' ')
    if (word === 'lane') {
      lanes.set(from, MARGIN + LANE_WIDTH / 2 + lanes.size * LANE_WIDTH)
      heads.push(drawHead(words, lanes.get(from)!))
      continue
    }
    const [start, end] = [lanes.get(from), lanes.get(word === 'say' ? to : from)]
    if (start === undefined || end === undefined) throw new PictureError(`line ${index + 1}: names no lane`)
    drawn.push(word === 'say' ? drawSaying(words, start, end, y) : drawNote(words, start, y))
    y += word === 'say' ? STEP : STEP + 14 * (words.split('|').length - 1)
  }
  const bars = [...lanes.values()].map(
    (x) => `<line class="lane" x1="${x}" y1="${TOP + HEAD_HEIGHT}" x2="${x}" y2="${y - 8}"/>`,
  )
  return svgOf(title, 2 * MARGIN + lanes.size * LANE_WIDTH, y + 8, [...bars, ...heads, ...drawn])
}

function drawHead(words: string, x: number): string {
  const [name = '', more = ''] = words.split('|')
  const left = x - LANE_WIDTH / 2 + 14
  return [
    `<rect class="box" x="${left}" y="${TOP}" width="${LANE_WIDTH - 28}" height="${HEAD_HEIGHT}" rx="8"/>`,
    `<text class="name" x="${x}" y="${TOP + (more === '' ? 27 : 19)}" text-anchor="middle">${escapeText(name)}</text>`,
    `<text class="more" x="${x}" y="${TOP + 35}" text-anchor="middle">${escapeText(more)}</text>`,
  ].join('\n')
}

function drawSaying(words: string, start: number, end: number, y: number): string {
  const arrow = `<line class="arrow" x1="${start}" y1="${y}" x2="${end}" y2="${y}" marker-end="url(#point)"/>`
  return `${arrow}\n${drawLabel(words, (start + end) / 2, y - 11)}`
}

function drawNote(words: string, x: number, y: number): string {
  const lines = words.split('|')
  const width = Math.max(...lines.map((line) => line.length)) * 5.9 + 18
  const texts = lines.map(
    (line, index) =>
      `<text class="label" x="${x}" y="${y - 7 + index * 14}" text-anchor="middle">${escapeText(line)}</text>`,
  )
  const frame = `<rect class="note" x="${x - width / 2}" y="${y - 21}" width="${width}" height="${lines.length * 14 + 8}" rx="4"/>`
  return [frame, ...texts].join('\n')
}
