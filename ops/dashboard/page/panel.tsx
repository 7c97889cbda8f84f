// A titled part of the page. `seq` is the record that its content is true at, for people who compare and for tests.

import type { ComponentChildren } from 'preact'

export function Panel(props: {
  id: string
  title: string
  note?: ComponentChildren
  seq?: number | undefined
  children: ComponentChildren
}) {
  const titleId = `${props.id}-title`
  return (
    <section
      class={`panel panel-${props.id}`}
      aria-labelledby={titleId}
      data-panel={props.id}
      data-record-seq={props.seq}
    >
      <header class="panel-head">
        <h2 id={titleId}>{props.title}</h2>
        {props.note !== undefined && <div class="panel-note">{props.note}</div>}
      </header>
      <div class="panel-body">{props.children}</div>
    </section>
  )
}

export function Empty(props: { children: ComponentChildren }) {
  return <p class="empty">{props.children}</p>
}
