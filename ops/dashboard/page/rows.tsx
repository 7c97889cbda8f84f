// The body of a table that grows at its top. Only the rows in sight are made, those below when the reader scrolls to them:
// in a fast market each picture has other rows, and a row costs as much out of sight as in it.

import { useSignal } from '@preact/signals'
import type { ComponentChild } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** Before the room is known. */
const COUNT_AT_FIRST = 16

export function Rows<Item>(props: {
  /** The uppermost first. */
  items: readonly Item[]
  columnCount: number
  /** A row's elements are used again for what moves into its place: it needs no key. */
  row: (item: Item) => ComponentChild
}) {
  const { items, columnCount, row } = props
  const body = useRef<HTMLTableSectionElement>(null)
  const inSight = useSignal({ count: COUNT_AT_FIRST, rowHeight: 0 })
  useEffect(() => {
    const room = body.current!.closest('.panel-body')!
    const measure = () => {
      const rowHeight = body.current?.rows[0]?.offsetHeight ?? 0
      if (rowHeight > 0)
        inSight.value = { count: Math.ceil((room.scrollTop + room.clientHeight) / rowHeight), rowHeight }
    }
    const observer = new ResizeObserver(measure)
    observer.observe(room)
    room.addEventListener('scroll', measure, { passive: true })
    return () => {
      observer.disconnect()
      room.removeEventListener('scroll', measure)
    }
  }, [])
  const { count, rowHeight } = inSight.value
  const restCount = Math.max(0, items.length - count)
  return (
    <tbody ref={body}>
      {items.slice(0, count).map(row)}
      {restCount > 0 && (
        <tr aria-hidden="true">
          <td colSpan={columnCount} height={restCount * rowHeight} />
        </tr>
      )}
    </tbody>
  )
}
