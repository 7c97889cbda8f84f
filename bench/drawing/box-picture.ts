// Boxes on a grid and arrows between them, from lines of text to an SVG.
//
//   title Processes of a market
//   box  NAME COLUMN,ROW [WIDTHxHEIGHT] "first line|second line"      in cells; the first line is bold
//   part NAME COLUMN,ROW [WIDTHxHEIGHT] "first line"                   a frame around boxes that are drawn after it
//   arrow FROM TO ["label"] [+SHIFT]                                   SHIFT in pixels, for arrows beside each other
//   both  FROM TO ["label"] [+SHIFT]                                   with a point at each end

import { escapeText, STYLE } from './svg-style.ts'

const CELL_WIDTH = 204
const CELL_HEIGHT = 96
const GAP_X = 92
const GAP_Y = 44
const MARGIN = 24
const TITLE_HEIGHT = 34
const LINE_HEIGHT = 17
const LETTER_WIDTH = 6.7

type Box = {
  readonly name: string
  readonly isPart: boolean
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly lines: readonly string[]
}

type Point = { readonly x: number; readonly y: number }

export class PictureError extends Error {
  override name = 'PictureError'
}

export function boxPicture(text: string): string {
  const boxes = new Map<string, Box>()
  const drawn: string[] = []
  let title = ''
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const [word = ''] = trimmed.split(' ', 1)
    const rest = trimmed.slice(word.length + 1)
    if (word === 'title') title = rest
    else if (word === 'box' || word === 'part') {
      const box = parseBox(rest, word === 'part', index + 1)
      boxes.set(box.name, box)
      drawn.push(drawBox(box))
    } else if (word === 'arrow' || word === 'both') drawn.push(drawArrow(rest, word === 'both', boxes, index + 1))
    else throw new PictureError(`line ${index + 1}: ${word} is no word of a picture`)
  }
  const width = Math.max(...[...boxes.values()].map((box) => box.x + box.width)) + MARGIN + 14
  const height = Math.max(...[...boxes.values()].map((box) => box.y + box.height)) + MARGIN
  return svgOf(title, width, height, drawn)
}

export function svgOf(title: string, width: number, height: number, drawn: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    STYLE,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="title" x="${MARGIN}" y="${MARGIN + 4}">${escapeText(title)}</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n')
}

function parseBox(text: string, isPart: boolean, line: number): Box {
  const match = /^(\S+) ([\d.]+),([\d.]+)(?: ([\d.]+)x([\d.]+))? "([^"]*)"$/.exec(text)
  if (match === null) throw new PictureError(`line ${line}: NAME COLUMN,ROW [WIDTHxHEIGHT] "text" is needed`)
  const [, name = '', column, row, columns = '1', rows = '1', words = ''] = match
  const inset = isPart ? -14 : 0
  const box = {
    ...{ name, isPart, lines: words.split('|') },
    x: MARGIN + 14 + (Number(column) - 1) * (CELL_WIDTH + GAP_X) + inset,
    y: MARGIN + TITLE_HEIGHT + (Number(row) - 1) * (CELL_HEIGHT + GAP_Y) + inset,
    width: Number(columns) * (CELL_WIDTH + GAP_X) - GAP_X - 2 * inset,
    height: Number(rows) * (CELL_HEIGHT + GAP_Y) - GAP_Y - 2 * inset,
  }
  const tooLong = box.lines.find((words) => words.length * LETTER_WIDTH > box.width - 12)
  if (tooLong !== undefined) throw new PictureError(`line ${line}: "${tooLong}" does not fit into its box`)
  if (!isPart && box.lines.length * LINE_HEIGHT > box.height - 8) {
    throw new PictureError(`line ${line}: too many lines for the box`)
  }
  return box
}

function drawBox({ x, y, width, height, lines, isPart }: Box): string {
  const middle = x + width / 2
  const first = isPart ? y + 13 : y + height / 2 - ((lines.length - 1) * LINE_HEIGHT) / 2 + 5
  const texts = lines.map((words, index) => {
    const [kind, at, anchor] = isPart
      ? ['part-name', x + width - 10, 'end']
      : [index === 0 ? 'name' : 'more', middle, 'middle']
    return `<text class="${kind}" x="${at}" y="${first + index * LINE_HEIGHT}" text-anchor="${anchor}">${escapeText(words)}</text>`
  })
  const frame = `<rect class="${isPart ? 'part' : 'box'}" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>`
  return [frame, ...texts].join('\n')
}

function drawArrow(text: string, isBoth: boolean, boxes: ReadonlyMap<string, Box>, line: number): string {
  const match = /^(\S+) (\S+)(?: "([^"]*)")?(?: ([+-]\d+))?$/.exec(text)
  if (match === null) throw new PictureError(`line ${line}: FROM TO ["label"] [+SHIFT] is needed`)
  const [, fromName = '', toName = '', label = '', shift = '0'] = match
  const [from, to] = [boxes.get(fromName), boxes.get(toName)]
  if (from === undefined || to === undefined) throw new PictureError(`line ${line}: an end of the arrow is no box`)
  const [start, end] = endsOf(from, to, Number(shift), line)
  const arrow = `<line class="arrow" x1="${start.x}" y1="${start.y}" x2="${end.x}" y2="${end.y}" marker-end="url(#point)"${isBoth ? ' marker-start="url(#point)"' : ''}/>`
  return label === '' ? arrow : `${arrow}\n${drawLabel(label, (start.x + end.x) / 2, (start.y + end.y) / 2)}`
}

/** Straight down or across where the boxes overlap in the other direction. */
function endsOf(from: Box, to: Box, shift: number, line: number): readonly [Point, Point] {
  const left = Math.max(from.x, to.x)
  const right = Math.min(from.x + from.width, to.x + to.width)
  if (left < right) {
    const x = (left + right) / 2 + shift
    return from.y < to.y
      ? [
          { x, y: from.y + from.height },
          { x, y: to.y },
        ]
      : [
          { x, y: from.y },
          { x, y: to.y + to.height },
        ]
  }
  const top = Math.max(from.y, to.y)
  const bottom = Math.min(from.y + from.height, to.y + to.height)
  if (top >= bottom) throw new PictureError(`line ${line}: the boxes are neither above nor beside each other`)
  const y = (top + bottom) / 2 + shift
  return from.x < to.x
    ? [
        { x: from.x + from.width, y },
        { x: to.x, y },
      ]
    : [
        { x: from.x, y },
        { x: to.x + to.width, y },
      ]
}

export function drawLabel(label: string, x: number, y: number): string {
  const lines = label.split('|')
  const width = Math.max(...lines.map((words) => words.length)) * (LETTER_WIDTH - 0.9) + 8
  const top = y - (lines.length * 14) / 2
  const texts = lines.map(
    (words, index) =>
      `<text class="label" x="${x}" y="${top + 11 + index * 14}" text-anchor="middle">${escapeText(words)}</text>`,
  )
  const paper = `<rect class="paper" x="${x - width / 2}" y="${top - 1}" width="${width}" height="${lines.length * 14 + 2}"/>`
  return [paper, ...texts].join('\n')
}
