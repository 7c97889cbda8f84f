// The page. Read-only: it subscribes, shows and explains; nothing on it sends a command.

import { render } from 'preact'
import { Chart, startSampling } from './chart.tsx'
import { Cluster, Events } from './cluster.tsx'
import { Desk, Exposure } from './desk.tsx'
import { Header, Notice } from './header.tsx'
import { Ladder } from './ladder.tsx'
import { chooseSymbol, instruments, link, start, stepSymbol } from './store.ts'
import { Fills, Tape } from './tape.tsx'
import { applyTheme, toggleTheme } from './theme.ts'
import { Watchlist } from './watchlist.tsx'
import './styles.css'

function Page() {
  return (
    <>
      <Header />
      <Notice />
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
        <Cluster />
        <Events />
      </main>
    </>
  )
}

/** Arrows and 1 .. 9 choose a symbol, t changes the colours. */
function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const inList = (event.target as Element).closest('.watchlist') !== null
  if (inList && (event.key === 'ArrowDown' || event.key === 'ArrowRight')) step(event, 1)
  else if (inList && (event.key === 'ArrowUp' || event.key === 'ArrowLeft')) step(event, -1)
  else if (event.key === 't') toggleTheme()
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
document.addEventListener('keydown', onKey)
render(<Page />, document.getElementById('page')!)
start()
startSampling()
