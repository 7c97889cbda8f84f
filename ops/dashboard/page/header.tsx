// The first line of the page: which cluster, how far it is, whether it quotes, and whether what is shown is current.

import { computed } from '@preact/signals'
import { count, duration, NOTHING, time } from './format.ts'
import { Pace, usePaced } from './paced.ts'
import { pauseLive } from './replay-store.ts'
import { exposure, hello, link, nowMs, rates, wasAwayMs } from './store.ts'
import { theme, toggleTheme } from './theme.ts'

/** A first connection takes no longer than this when everything runs. */
const PATIENCE_MS = 2_500

/** null: not known yet. */
const isQuoting = computed(() => exposure.value?.quotingEnabled ?? null)
const isUpstreamHeard = computed(() => rates.value.upstream)

export function Header() {
  const { recordSeq, epoch, recordsPerSecond, tradesPerSecond } = usePaced(Pace.READ_MS, () => rates.value)
  return (
    <header class="top">
      <h1>
        <img src={new URL('./icon.svg', import.meta.url).href} width="20" height="20" alt="" />
        Tandem
      </h1>
      <dl class="facts">
        <Fact name="Cluster" value={hello.value?.clusterId ?? NOTHING} />
        <Fact name="Record" value={recordSeq === 0 ? NOTHING : count(recordSeq)} />
        <Fact name="Epoch" value={recordSeq === 0 ? NOTHING : count(epoch)} />
        <Fact name="Records/s" value={count(recordsPerSecond)} />
        <Fact name="Trades/s" value={count(tradesPerSecond)} />
        <Quoting />
      </dl>
      {link.value.state !== 'replay' && (
        <button type="button" class="button" onClick={pauseLive} title="Stop here and look back, record by record">
          Pause and look back
        </button>
      )}
      <LinkState />
      <button
        type="button"
        class="theme"
        onClick={toggleTheme}
        aria-label={`Switch to ${theme.value === 'dark' ? 'light' : 'dark'} colours`}
      >
        {theme.value === 'dark' ? '☀' : '☾'}
      </button>
    </header>
  )
}

function Fact(props: { name: string; value: string }) {
  return (
    <div class="fact">
      <dt>{props.name}</dt>
      <dd data-fact={props.name}>{props.value}</dd>
    </div>
  )
}

function Quoting() {
  const enabled = isQuoting.value
  if (enabled === null) return null
  return (
    <div class="fact">
      <dt>Quoting</dt>
      <dd class={enabled ? 'gain' : 'loss'} data-fact="Quoting">
        {enabled ? 'on' : 'off'}
      </dd>
    </div>
  )
}

function LinkState() {
  const { state } = link.value
  const [tone, text] =
    state === 'connecting'
      ? ['warning', 'connecting']
      : state === 'away'
        ? ['bad', 'no connection']
        : state === 'replay'
          ? ['warning', 'replay']
          : isUpstreamHeard.value
            ? ['good', 'live']
            : ['warning', 'no engine']
  return (
    <p class="link" role="status">
      <span class={`dot dot-${tone}`} aria-hidden="true" />
      {text}
    </p>
  )
}

/** Across the page while what it shows is old, and for a moment after it is current again. */
export function Notice() {
  const { state, sinceMs } = link.value
  if (state === 'away') {
    return (
      <p class="notice notice-bad" role="alert">
        No connection to the gateway for {duration(nowMs.value - sinceMs)}. Trying again; what you see is from{' '}
        {time(sinceMs)}.
      </p>
    )
  }
  if (state === 'connecting' && nowMs.value - sinceMs > PATIENCE_MS) {
    return (
      <p class="notice notice-warning" role="status">
        There is no market to show yet: the gateway is starting, or has heard no engine. Trying again.
      </p>
    )
  }
  if (wasAwayMs.value > 0) {
    return (
      <p class="notice notice-good" role="status">
        Connected again after {duration(wasAwayMs.value)}. Everything shown is current.
      </p>
    )
  }
  if (state === 'live' && !isUpstreamHeard.value) {
    return (
      <p class="notice notice-warning" role="status">
        The gateway hears nothing from an engine. Prices stand until one speaks.
      </p>
    )
  }
  return null
}
