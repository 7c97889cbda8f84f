// The replay: fetches a journal, has the worker open it, and shows the records that the reader goes to.
//
// One question is under way at a time; of those that come meanwhile the latest is asked next. So dragging the slider
// shows what the worker can keep up with and nothing piles up.

import { effect, signal } from '@preact/signals'
import type { FromReplay, JournalFile, Loaded, Shown, ToReplay } from '../replay/replay-protocol.ts'
import { enterReplay, hello, leaveReplay, link, place, rates, showReplayed, symbol, writeAddress } from './store.ts'

/** Segments beyond this are left out, oldest first, where a snapshot lets the rest begin later. */
const LOAD_BYTES_MAX = 192 * 1024 * 1024
const PLAY_INTERVAL_MS = 50
/** What a journal that was opened from the disk is called. */
const FROM_DISK = 'file'

export type ReplayStatus = { readonly text: string; readonly isFailure: boolean }
type Listing = { name: string; files: { name: string; size: number }[] }

export const journals = signal<readonly string[]>([])
export const loaded = signal<Loaded | null>(null)
export const shown = signal<Shown | null>(null)
export const replayStatus = signal<ReplayStatus | null>(null)
/** Record time per time while playing; 0: it stands. */
export const playSpeed = signal(0)

let worker: Worker | undefined
let asking = false
let wanted: ToReplay | undefined
let playTimer = 0
/** Where to go once the journal is open. Infinity: to its end. */
let firstSeqWanted = Number.POSITIVE_INFINITY

/** A link that names a record opens the replay with the page. */
export function startReplay(): void {
  effect(() => {
    const to = place.value
    if (to === null) {
      if (link.peek().state === 'replay') endReplay()
    } else if (loaded.peek() !== null) {
      if (to.seq !== shown.peek()?.seq) goTo(to.seq)
    } else if (to.journal !== FROM_DISK && replayStatus.peek() === null) {
      void openJournal(to.journal, to.seq)
    }
  })
  effect(() => {
    const chosen = symbol.value
    const at = shown.peek()
    if (at !== null && chosen !== '') ask({ type: 'show', seq: at.seq, symbol: chosen })
  })
}

/** Stops the live picture and looks at the same moment in the cluster's own journal. */
export function pauseLive(): void {
  void openJournal(undefined, rates.peek().recordSeq)
}

/** `name` undefined: of the first engine that has one here. */
export async function openJournal(name: string | undefined, seq: number): Promise<void> {
  begin(`fetching the journal${name === undefined ? '' : ` of ${name}`}`)
  firstSeqWanted = seq
  try {
    const listing = ((await (await fetchOk('journals')).json()) as { journals: Listing[] }).journals
    journals.value = listing.map((journal) => journal.name)
    const journal = name === undefined ? listing[0] : listing.find((candidate) => candidate.name === name)
    if (journal === undefined) throw new Error('the gateway has no journal of an engine in its data directory')
    place.value = { journal: journal.name, seq }
    const files = await Promise.all(
      chooseFiles(journal.files).map(async (file) => {
        const response = await fetchOk(`journals/${journal.name}/${file}`)
        return { name: file, bytes: new Uint8Array(await response.arrayBuffer()) }
      }),
    )
    load(journal.name, files)
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error))
  }
}

/** Segments and snapshots from the reader's disk. */
export async function openFiles(list: Iterable<File>): Promise<void> {
  begin('reading the files')
  firstSeqWanted = Number.POSITIVE_INFINITY
  const files = await Promise.all(
    [...list].map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
  )
  place.value = { journal: FROM_DISK, seq: 0 }
  load(FROM_DISK, files)
}

export function goTo(seq: number): void {
  if (Number.isFinite(seq)) ask({ type: 'show', seq, symbol: symbol.peek() })
}

export function play(speed: number): void {
  clearInterval(playTimer)
  playSpeed.value = speed
  if (speed === 0) return
  playTimer = window.setInterval(() => {
    if (shown.peek()?.seq === loaded.peek()?.lastSeq) play(0)
    else if (!asking) ask({ type: 'advance', byMs: PLAY_INTERVAL_MS * speed, symbol: symbol.peek() })
  }, PLAY_INTERVAL_MS)
}

/** Back to the running market. */
export function endReplay(): void {
  stopWorker()
  loaded.value = null
  shown.value = null
  replayStatus.value = null
  leaveReplay()
}

function begin(text: string): void {
  stopWorker()
  if (link.peek().state !== 'replay') enterReplay()
  loaded.value = null
  shown.value = null
  replayStatus.value = { text, isFailure: false }
}

function load(location: string, files: readonly JournalFile[]): void {
  worker = new Worker(new URL('./replay-worker.ts', import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }: MessageEvent<FromReplay>) => onMessage(data)
  worker.onerror = () => fail('the replay could not be started')
  asking = true
  const transfer = files.map(({ bytes }) => bytes.buffer as ArrayBuffer)
  worker.postMessage({ type: 'load', location, files } satisfies ToReplay, transfer)
}

function onMessage(message: FromReplay): void {
  switch (message.type) {
    case 'progress':
      replayStatus.value = { text: `applying records, ${Math.round(message.share * 100)}%`, isFailure: false }
      return
    case 'failed':
      fail(message.error)
      return
    case 'loaded':
      asking = false
      replayStatus.value = null
      loaded.value = message
      hello.value = null
      showReplayed(message.hello)
      ask({ type: 'show', seq: Math.min(firstSeqWanted, message.lastSeq), symbol: symbol.peek() })
      return
    case 'shown':
      onShown(message)
  }
}

function onShown(message: Shown): void {
  asking = false
  shown.value = message
  showReplayed(message.state)
  place.value = { journal: place.peek()?.journal ?? FROM_DISK, seq: message.seq }
  writeAddress()
  const next = wanted
  wanted = undefined
  if (next !== undefined) ask(next)
}

function ask(question: ToReplay): void {
  if (worker === undefined) return
  if (asking) {
    wanted = question
    return
  }
  asking = true
  worker.postMessage(question)
}

function fail(error: string): void {
  stopWorker()
  replayStatus.value = { text: error, isFailure: true }
}

function stopWorker(): void {
  play(0)
  worker?.terminate()
  worker = undefined
  asking = false
  wanted = undefined
}

async function fetchOk(path: string): Promise<Response> {
  const response = await fetch(path)
  if (!response.ok) throw new Error(`the gateway answered ${response.status} for ${path}`)
  return response
}

/** All files, or the newest segments with a snapshot that they can begin from. */
function chooseFiles(files: Listing['files']): string[] {
  const snapshots = files.filter(({ name }) => name.startsWith('snapshot'))
  const segments = files.filter(({ name }) => name.startsWith('segment'))
  const numberOf = (name: string) => Number(/\d+/.exec(name)?.[0])
  let bytes = segments.reduce((sum, { size }) => sum + size, 0)
  while (bytes > LOAD_BYTES_MAX && segments.length > 1) {
    const next = numberOf(segments[1]!.name)
    if (!snapshots.some(({ name }) => numberOf(name) >= next - 1)) break
    bytes -= segments.shift()!.size
  }
  const needed = numberOf(segments[0]?.name ?? '') === 1 ? [] : snapshots
  return [...segments, ...needed].map(({ name }) => name)
}
