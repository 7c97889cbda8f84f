// Fills and positions in an SQL store: fed from a journal, kept beside it or not at all, and built anew from it at any time.
//
//   fills       one row per fill of ours, with the position that it made
//   positions   one row per symbol: the position after the store's last record
//   source      which journal it is of, and up to which record
//
// A fill is in it once, whatever part of the journal is read again: a symbol's fills are numbered, and the number is its key.

import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import type { Core } from '../../engine/core/core.ts'
import type { Journal } from '../../engine/journal/journal.ts'
import { walkJournal } from '../../engine/walk.ts'
import { averageText, moneyText, priceText, quantityText } from '../../protocol/io/decimal.ts'
import { Side } from '../../protocol/kinds.ts'
import { DeskTidings, type FillTiding } from '../explain/desk-tidings.ts'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS source (cluster TEXT NOT NULL, time_base_unix_ms INTEGER NOT NULL, record_seq INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS fills (
    trade_id INTEGER NOT NULL, symbol TEXT NOT NULL, side TEXT NOT NULL, lots INTEGER NOT NULL, signed_lots INTEGER NOT NULL,
    price_ticks INTEGER NOT NULL, price TEXT NOT NULL, quantity TEXT NOT NULL, client_id INTEGER NOT NULL,
    record_seq INTEGER NOT NULL, time TEXT NOT NULL, net_lots INTEGER NOT NULL, version INTEGER NOT NULL,
    cash_tick_lots INTEGER NOT NULL, PRIMARY KEY (symbol, version));
  CREATE INDEX IF NOT EXISTS fills_by_record ON fills (record_seq);
  CREATE TABLE IF NOT EXISTS positions (
    symbol TEXT PRIMARY KEY, net_lots INTEGER NOT NULL, version INTEGER NOT NULL, last_trade_id INTEGER NOT NULL,
    average_price TEXT, cash_tick_lots INTEGER NOT NULL, realised_tick_lots INTEGER NOT NULL,
    unrealised_tick_lots INTEGER NOT NULL, realised TEXT NOT NULL, unrealised TEXT NOT NULL);
`

/** The store is of another journal. */
export class OtherJournalError extends Error {
  override name = 'OtherJournalError'
}

export type Row = Readonly<Record<string, SQLOutputValue>>

export class FillStore {
  readonly #database: DatabaseSync

  /** `path`: a file, made where there is none; ':memory:': kept nowhere. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path)
    this.#database.exec(SCHEMA)
  }

  /** The record that it is true after; 0: it is empty. */
  get recordSeq(): number {
    return Number(this.#database.prepare('SELECT record_seq FROM source').get()?.['record_seq'] ?? 0)
  }

  /** Brings it to the journal's last record, all or nothing. Throws OtherJournalError. */
  feed(journal: Journal): void {
    const database = this.#database
    database.exec('BEGIN')
    try {
      const insert = database.prepare(`INSERT OR IGNORE INTO fills VALUES (${Array(14).fill('?').join(', ')})`)
      const tidings = new DeskTidings()
      let last: Core | null = null
      walkJournal(journal, Number.POSITIVE_INFINITY, (core) => {
        if (last === null) this.#checkSource(core.config.clusterId, journal.timeBaseUnixMs)
        last = core
        for (const fill of tidings.fills(core)) insert.run(...rowOf(fill, core, journal.timeBaseUnixMs))
        return true
      })
      if (last !== null) this.#putPositions(last, journal.timeBaseUnixMs)
      database.exec('COMMIT')
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  }

  /** Symbols whose position is not the sum of their fills, where all of them are here. */
  unequalSymbols(): string[] {
    const rows = this.query(
      'SELECT p.symbol FROM positions p LEFT JOIN fills f USING (symbol) GROUP BY p.symbol ' +
        'HAVING coalesce(min(f.version), 1) = 1 AND (p.net_lots != coalesce(sum(f.signed_lots), 0) OR p.cash_tick_lots != -coalesce(sum(f.signed_lots * f.price_ticks), 0))',
    )
    return rows.map((row) => String(row['symbol']))
  }

  query(sql: string): Row[] {
    return this.#database.prepare(sql).all()
  }

  /** From now on nothing can be changed, whatever a query says. */
  protect(): void {
    this.#database.exec('PRAGMA query_only = ON')
  }

  close(): void {
    this.#database.close()
  }

  #checkSource(clusterId: string, timeBaseUnixMs: number): void {
    const source = this.#database.prepare('SELECT * FROM source').get()
    if (source === undefined) return
    if (source['cluster'] === clusterId && source['time_base_unix_ms'] === timeBaseUnixMs) return
    throw new OtherJournalError(`it was made from another journal, of cluster ${String(source['cluster'])}`)
  }

  #putPositions(core: Core, timeBaseUnixMs: number): void {
    const database = this.#database
    database.exec('DELETE FROM source; DELETE FROM positions')
    database
      .prepare('INSERT INTO source VALUES (?, ?, ?)')
      .run(core.config.clusterId, Math.round(timeBaseUnixMs), core.seq)
    const insert = database.prepare(`INSERT INTO positions VALUES (${Array(10).fill('?').join(', ')})`)
    const { positions } = core.desk
    for (const [symbolId, instrument] of core.config.instruments.entries()) {
      const netLots = positions.netLots(symbolId)
      const realised = positions.realisedTickLots(symbolId)
      const unrealised = positions.unrealisedTickLots(symbolId, core.exchange.referenceTicks(symbolId))
      insert.run(
        instrument.symbol,
        netLots,
        positions.version(symbolId),
        positions.lastTradeId(symbolId),
        netLots === 0 ? null : averageText(positions.costTickLots(symbolId), Math.abs(netLots), instrument),
        positions.cashTickLots(symbolId),
        realised,
        unrealised,
        moneyText(realised, instrument),
        moneyText(unrealised, instrument),
      )
    }
  }
}

function rowOf(fill: FillTiding, core: Core, timeBaseUnixMs: number): (string | number)[] {
  const instrument = core.config.instruments[fill.symbolId]!
  const isBuy = fill.side === Side.BUY
  return [
    fill.tradeId,
    instrument.symbol,
    isBuy ? 'buy' : 'sell',
    fill.lots,
    isBuy ? fill.lots : -fill.lots,
    fill.priceTicks,
    priceText(fill.priceTicks, instrument),
    quantityText(fill.lots, instrument),
    fill.clientId,
    fill.recordSeq,
    new Date(timeBaseUnixMs + fill.timeNs / 1e6).toISOString(),
    fill.netLots,
    fill.version,
    fill.cashTickLots,
  ]
}
