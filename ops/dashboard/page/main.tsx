// The page. Read-only: it subscribes, shows and explains; nothing on it sends a command.

import { render } from 'preact'
import { Authority } from './authority.tsx'
import { Chart, startSampling } from './chart.tsx'
import { Cluster, Events } from './cluster.tsx'
import { Desk, Exposure } from './desk.tsx'
import { Header, Notice } from './header.tsx'
import { Ladder } from './ladder.tsx'
import { Panel } from './panel.tsx'
import { Records, RecordsChoice, ReplayBar, recordsView } from './replay-bar.tsx'
import { goTo, openFiles, shown, startReplay } from './replay-store.ts'
import { chooseSymbol, instruments, link, start, stepSymbol } from './store.ts'
import { Fills, Tape } from './tape.tsx'
import { applyTheme, followSystem, toggleTheme } from './theme.ts'
import { Watchlist } from './watchlist.tsx'
import './styles.css'

function Page() {
  return (
    <>
      <Header />
      <Notice />
      <ReplayBar />
      <main class={`board ${link.value.state === 'away' ? 'old' : ''}`}>
        <div class="side">
          <Watchlist />
          <Exposure />
        </div>
        <Ladder />
        <Chart />
        <Desk />
        <Tape />
        <Fills />
        {link.value.state === 'replay' ? <ReplayRecords /> : <Cluster />}
        <Events />
      </main>
    </>
  )
}

function ReplayRecords() {
  return (
    <Panel id="records" title="Records" seq={shown.value?.seq} note={<RecordsChoice />}>
      {recordsView.value === 'Records' ? <Records /> : <Authority />}
    </Panel>
  )
}

/** Arrows and 1 .. 9 choose a symbol, t changes the colours; in a replay, comma and full stop go a record back and on. */
function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const inList = (event.target as Element).closest('.watchlist') !== null
  if (inList && (event.key === 'ArrowDown' || event.key === 'ArrowRight')) step(event, 1)
  else if (inList && (event.key === 'ArrowUp' || event.key === 'ArrowLeft')) step(event, -1)
  else if (event.target instanceof HTMLInputElement) return
  else if (event.key === 't') toggleTheme()
  else if (event.key === ',' && shown.peek() !== null) goTo(shown.peek()!.seq - 1)
  else if (event.key === '.' && shown.peek() !== null) goTo(shown.peek()!.seq + 1)
  else if (event.key >= '1' && event.key <= '9') {
    const wanted = instruments.peek()[Number(event.key) - 1]
    if (wanted !== undefined) chooseSymbol(wanted.symbol)
  }
}

function step(event: KeyboardEvent, by: number): void {
  event.preventDefault()
  stepSymbol(by)
  requestAnimationFrame(() => document.querySelector<HTMLElement>('.watch[aria-checked="true"]')?.focus())
}

applyTheme()
followSystem()
document.addEventListener('keydown', onKey)
document.addEventListener('dragover', (event) => event.preventDefault())
document.addEventListener('drop', (event) => {
  event.preventDefault()
  if ((event.dataTransfer?.files.length ?? 0) > 0) void openFiles(event.dataTransfer!.files)
})
render(<Page />, document.getElementById('page')!)
start()
startSampling()
startReplay()
