// Dark or light: what the reader chose, else what the system prefers. Canvases read their colours from the style sheet.

import { signal } from '@preact/signals'
import { paintAll } from './paced.ts'

export type Theme = 'dark' | 'light'
const KEY = 'tandem-theme'

const preference = matchMedia('(prefers-color-scheme: light)')

function initial(): Theme {
  const chosen = localStorage.getItem(KEY)
  if (chosen === 'dark' || chosen === 'light') return chosen
  return preference.matches ? 'light' : 'dark'
}

export const theme = signal<Theme>(initial())

export type Palette = {
  text: string
  muted: string
  faint: string
  line: string
  bid: string
  ask: string
  ours: string
  bidBar: string
  askBar: string
  oursRow: string
  panel: string
  font: string
  /** Red, green and blue, as numbers. */
  heat: string
}

let palette: Palette | undefined

export function colours(): Palette {
  palette ??= readPalette()
  return palette
}

/** What draws with the palette draws anew when the signal changes, so the style sheet is switched first. */
export function applyTheme(wanted = theme.peek()): void {
  document.documentElement.dataset.theme = wanted
  palette = undefined
  theme.value = wanted
  paintAll()
}

/** The system's preference may change while the page is open. */
export function followSystem(): void {
  preference.addEventListener('change', () => applyTheme(initial()))
}

export function toggleTheme(): void {
  applyTheme(theme.peek() === 'dark' ? 'light' : 'dark')
  localStorage.setItem(KEY, theme.peek())
}

function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const value = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    text: value('text'),
    muted: value('muted'),
    faint: value('faint'),
    line: value('line'),
    bid: value('bid'),
    ask: value('ask'),
    ours: value('ours'),
    bidBar: value('bid-bar'),
    askBar: value('ask-bar'),
    oursRow: value('ours-row'),
    panel: value('panel'),
    font: value('font'),
    heat: value('heat'),
  }
}
