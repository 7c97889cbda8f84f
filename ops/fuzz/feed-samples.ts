// Small right inputs of every importer, to damage: a few rows or messages each, written by hand after the formats' own
// descriptions (docs/feeds.md names them).

import { npzSample } from './npz-samples.ts'

export type SampleKind = 'lobster' | 'tardis' | 'itch' | 'dbn' | 'binance' | 'bitstamp' | 'coinbase' | 'npz'

const BASE_S = 1_700_000_000

export function feedSamples(): readonly (readonly [SampleKind, Uint8Array])[] {
  return [
    ['lobster', text(lobsterRows())],
    ['tardis', text(tardisRows())],
    ['itch', itchMessages()],
    ['dbn', dbnFile()],
    ['binance', text(binanceLines())],
    ['bitstamp', text(bitstampLines())],
    ['coinbase', text(coinbaseLines())],
    ['npz', npzSample()],
  ]
}

function text(lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(`${lines.join('\n')}\n`)
}

function lobsterRows(): string[] {
  return [
    '34200.18960767,1,11885113,21,2238100,1',
    '34200.18960768,1,11885114,20,2239600,-1',
    '34200.2,2,11885113,1,2238100,1',
    '34200.3,4,11885114,5,2239600,-1',
    '34200.4,5,0,1,2238200,-1',
    '34200.5,3,11885113,20,2238100,1',
  ]
}

function tardisRows(): string[] {
  return [
    'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount',
    `x,BTC,${BASE_S}000000,${BASE_S}000100,true,bid,100.5,2`,
    `x,BTC,${BASE_S}000000,${BASE_S}000100,true,ask,101.0,0.5`,
    `x,BTC,${BASE_S}000300,${BASE_S}000400,false,bid,100.5,0`,
  ]
}

function binanceLines(): string[] {
  const depth =
    '{"e":"depthUpdate","E":1700000000100,"T":1700000000099,"s":"AAA","U":1,"u":2,"pu":0,"b":[["10.00","5"]],"a":[["10.01","4"]]}'
  const trade = '{"e":"trade","E":1700000000200,"T":1700000000199,"s":"AAA","t":7,"p":"10.01","q":"1","m":false}'
  return [
    `${BASE_S}100000000 {"stream":"aaa@depth","data":${depth}}`,
    `${BASE_S}200000000 {"stream":"aaa@trade","data":${trade}}`,
  ]
}

function bitstampLines(): string[] {
  const order = (id: number, price: number, amount: number, type: number) =>
    `{"id":${id},"order_type":${type},"price":${price},"amount":${amount},"datetime":"${BASE_S}","microtimestamp":"${BASE_S}000000"}`
  return [
    `${BASE_S}000 order_created ${order(1, 10, 5, 0)}`,
    `${BASE_S}001 order_created ${order(2, 10.05, 3, 1)}`,
    `${BASE_S}002 order_changed ${order(1, 10, 4, 0)}`,
    `${BASE_S}003 trade {"id":9,"price":10.05,"amount":1,"buy_order_id":3,"sell_order_id":2,"timestamp":"${BASE_S}"}`,
    `${BASE_S}004 order_deleted ${order(1, 10, 4, 0)}`,
  ]
}

function coinbaseLines(): string[] {
  const common = (sequence: number) =>
    `"product_id":"BTC-USD","sequence":${sequence},"time":"2016-03-12T00:08:3${sequence}.000000Z"`
  return [
    `2016-03-12 00:08:31,352 {"type":"open",${common(1)},"order_id":"a","side":"buy","price":"10.00","remaining_size":"1.5"}`,
    `2016-03-12 00:08:32,352 {"type":"open",${common(2)},"order_id":"b","side":"sell","price":"10.05","remaining_size":"2"}`,
    `2016-03-12 00:08:33,352 {"type":"match",${common(3)},"maker_order_id":"b","taker_order_id":"c","side":"sell","price":"10.05","size":"1"}`,
    `2016-03-12 00:08:34,352 {"type":"done",${common(4)},"order_id":"a","side":"buy","price":"10.00","reason":"canceled","remaining_size":"1.5"}`,
  ]
}

/** A stock directory, orders, and what may happen to them and beside them. All numbers are big-endian. */
function itchMessages(): Uint8Array {
  const messages = [
    itchMessage('R', 39, (body) => body.write('AAA     ', 11, 'latin1')),
    itchMessage('A', 36, (body) => itchOrder(body, 1, 'B', 100_000)),
    itchMessage('A', 36, (body) => itchOrder(body, 2, 'S', 100_500)),
    itchMessage('E', 31, (body) => {
      body.writeUInt32BE(1, 15)
      body.writeUInt32BE(5, 19)
    }),
    itchMessage('C', 36, (body) => {
      body.writeUInt32BE(1, 15)
      body.writeUInt32BE(2, 19)
      body.writeUInt32BE(100_050, 32)
    }),
    itchMessage('X', 23, (body) => {
      body.writeUInt32BE(2, 15)
      body.writeUInt32BE(4, 19)
    }),
    itchMessage('U', 35, (body) => {
      body.writeUInt32BE(2, 15)
      body.writeUInt32BE(3, 23)
      body.writeUInt32BE(8, 27)
      body.writeUInt32BE(100_600, 31)
    }),
    itchMessage('P', 44, (body) => {
      body.writeUInt32BE(9, 20)
      body.writeUInt32BE(100_200, 32)
    }),
    itchMessage('Q', 40, (body) => {
      body.writeUInt32BE(900, 15)
      body.writeUInt32BE(100_300, 27)
    }),
    itchMessage('H', 25, (body) => body.write('T', 19, 'latin1')),
    itchMessage('D', 19, (body) => body.writeUInt32BE(3, 15)),
  ]
  return Uint8Array.from(Buffer.concat(messages))
}

function itchMessage(type: string, size: number, fill: (body: Buffer) => void): Buffer {
  const message = Buffer.alloc(2 + size)
  message.writeUInt16BE(size, 0)
  const body = message.subarray(2)
  body.write(type, 0, 'latin1')
  body.writeUInt16BE(1, 1)
  body.writeUIntBE(34_200_000_000_000, 5, 6)
  fill(body)
  return message
}

function itchOrder(body: Buffer, id: number, side: string, price: number): void {
  body.writeUInt32BE(id, 15)
  body.write(side, 19, 'latin1')
  body.writeUInt32BE(10, 20)
  body.write('AAA     ', 24, 'latin1')
  body.writeUInt32BE(price, 32)
}

/** Metadata without symbols, and records of orders. All numbers are little-endian. */
function dbnFile(): Uint8Array {
  const metadata = Buffer.alloc(120)
  metadata.write('TEST.MBO', 0, 'latin1')
  metadata.writeUInt16LE(71, 45)
  const prefix = Buffer.alloc(8)
  prefix.write('DBN\x02', 0, 'latin1')
  prefix.writeUInt32LE(metadata.length, 4)
  const records = Array.from({ length: 5 }, (_, index) => dbnOrder(index))
  return Uint8Array.from(Buffer.concat([prefix, metadata, ...records]))
}

function dbnOrder(index: number): Buffer {
  const record = Buffer.alloc(56)
  record[0] = record.length / 4
  record[1] = 0xa0
  record.writeUInt32LE(1, 4)
  record.writeBigUInt64LE(BigInt(BASE_S) * 1_000_000_000n + BigInt(index), 8)
  record.writeBigUInt64LE(BigInt(index + 1), 16)
  record.writeBigInt64LE(10_000_000_000n + BigInt(index) * 250_000_000n, 24)
  record.writeUInt32LE(3, 32)
  record[36] = 0x80
  record.write('AB', 38, 'latin1')
  record.writeBigUInt64LE(BigInt(BASE_S) * 1_000_000_000n + 50n, 40)
  return record
}
