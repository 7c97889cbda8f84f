// Exports feeds for other programs: as CSV, event by event, and as hftbacktest's arrays (.npz).

import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { BacktestRows } from '../backtest-rows.ts'
import { FeedBlock } from '../feed-block.ts'
import { FeedKind, SUB_TICKS_PER_TICK } from '../feed-event.ts'
import { scaleOf, toNumber } from '../price-scale.ts'
import { describeFeedError, openFeed } from './feed-file.ts'
import { NpzWriter } from './npy-file.ts'

const KIND_NAMES = new Map(Object.entries(FeedKind).map(([name, kind]) => [kind as number, name]))
const FLUSH_SIZE = 1 << 20

/** Gives the number of rows. */
export function exportCsv(path: string, out: string): number {
  const feed = openFeed(path)
  const file = openSync(`${out}.part`, 'w')
  let count = 0
  try {
    const { instruments } = feed.reader.header
    const scales = instruments.map(({ tickSize, lotSize }) => ({ tick: scaleOf(tickSize), lot: scaleOf(lotSize) }))
    let text = 'kind,flags,symbol,exchange_ns,local_ns,price,quantity,order_id,sequence\n'
    const block = new FeedBlock()
    while (feed.reader.next(block)) {
      for (let i = 0; i < block.count; i++) {
        const index = block.instrumentIndex[i]!
        const { tick, lot } = scales[index]!
        const price = toNumber(block.priceTicks[i]!, tick) + toNumber(block.subTicks[i]!, tick) / SUB_TICKS_PER_TICK
        const facts = [KIND_NAMES.get(block.kind[i]!), block.flags[i], instruments[index]!.symbol]
        const numbers = [block.exchangeNs[i], block.localNs[i], price, toNumber(block.quantityLots[i]!, lot)]
        text += `${[...facts, ...numbers, block.orderId[i], block.sequence[i]].join(',')}\n`
        count += 1
      }
      if (text.length < FLUSH_SIZE) continue
      writeSync(file, text)
      text = ''
    }
    writeSync(file, text)
  } catch (error) {
    closeSync(file)
    rmSync(`${out}.part`, { force: true })
    throw describeFeedError(path, error)
  } finally {
    feed.close()
  }
  closeSync(file)
  renameSync(`${out}.part`, out)
  return count
}

/** Of one instrument. Gives the number of rows. */
export function exportNpz(path: string, out: string, instrumentIndex: number): number {
  const feed = openFeed(path)
  const writer = new NpzWriter(out)
  try {
    const { header } = feed.reader
    const baseNs = BigInt(header.timeBaseUnixS ?? 0) * 1_000_000_000n
    const push = (word: number, exchangeNs: number, localNs: number, price: number, quantity: number, id: number) =>
      writer.push(word, baseNs + BigInt(exchangeNs), baseNs + BigInt(localNs), price, quantity, id)
    const rows = new BacktestRows(header, push, instrumentIndex)
    const block = new FeedBlock()
    while (feed.reader.next(block)) rows.add(block)
  } catch (error) {
    writer.abandon()
    throw describeFeedError(path, error)
  } finally {
    feed.close()
  }
  writer.finish()
  return writer.count
}
