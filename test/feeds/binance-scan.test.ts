// The byte reader of Binance messages reads what the JSON reader reads, or leaves the message to it: usual messages, odd
// ones, and usual ones that were damaged at random.

import { describe, expect, test } from 'vitest'
import { Prng } from '../../base/prng.ts'
import { BinanceConverter, localTimeNs, localTimeOfBytes } from '../../feeds/binance.ts'
import { BinanceSurvey } from '../../feeds/binance-survey.ts'
import { FeedKind } from '../../feeds/feed-event.ts'
import type { LevelSink } from '../../feeds/feed-sink.ts'
import { scaleOf } from '../../feeds/price-scale.ts'

const futuresDepth =
  '{"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT",' +
  '"U":5123107832006,"u":5123107837557,"pu":5123107831937,"b":[["58710.20","0.014"],["61496.50","0.010"],' +
  '["61510.90","0.000"]],"a":[["61641.50","1.211"]]}}'
const coinDepth =
  '{"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161257440,"T":1723161257432,"s":"BTCUSDT",' +
  '"ps":"BTCUSD","U":5123107837560,"u":5123107837565,"pu":5123107837559,"b":[],"a":[["61773.6","1001"]]}}'
const spotDepth =
  '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":5123107837566,"u":5123107837570,' +
  '"b":[["61737.60000000","0.00000000"]],"a":[["61837.60000000","1.54600000"]]}}'
const futuresTrade =
  '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256322,"s":"BTCUSDT","t":5266583935,' +
  '"p":"61800.30","q":"0.006","X":"MARKET","m":false}}'
const spotTrade =
  '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,' +
  '"p":"61837.60000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}}'
const touch =
  '{"stream":"btcusdt@bookTicker","data":{"u":3,"s":"BTCUSDT","b":"61837.6","B":"3.788","a":"61837.7","A":"1.546"}}'
const usual = [futuresDepth, coinDepth, spotDepth, futuresTrade, spotTrade]

const options = {
  ...{ tick: scaleOf('0.1'), lot: scaleOf('0.001'), timeBaseUnixS: 1_723_075_200, symbol: 'BTCUSDT' },
  withTouch: false,
}

/** What a converter makes of the lines. */
function convert(lines: readonly string[], add: (converter: BinanceConverter, line: string, at: number) => void) {
  const events: string[] = []
  const sink: LevelSink = {
    push: (...event) => events.push(event.join(' ')),
    pushLevels(flags, exchangeNs, localNs, { ticks, lots }, from, to) {
      for (let at = from; at < to; at++) {
        events.push([FeedKind.LEVEL, flags, 0, exchangeNs, localNs, ticks[at], lots[at], 0].join(' '))
      }
    },
    markLast: () => events.push('last'),
  }
  const converter = new BinanceConverter(sink, options)
  for (const [at, line] of lines.entries()) add(converter, line, at)
  return { events, counts: converter.counts }
}

const byJson = (converter: BinanceConverter, line: string, at: number) => {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return
  }
  converter.add(at, json)
}

const encoder = new TextEncoder()
/** As in a capture: with other bytes before and after the message. */
const byBytes = (converter: BinanceConverter, line: string, at: number) => {
  const bytes = encoder.encode(`17 ${line}\n${futuresDepth}`)
  const isRead = converter.addBytes(at, bytes, 3, 3 + encoder.encode(line).length)
  if (!isRead) byJson(converter, line, at)
  return isRead
}

describe('messages', () => {
  test('usual ones are read from their bytes alone', () => {
    const wasRead: boolean[] = []
    const fast = convert([...usual, touch], (converter, line, at) => wasRead.push(byBytes(converter, line, at)))
    expect(wasRead).toEqual([true, true, true, true, true, true])
    expect(fast).toEqual(convert([...usual, touch], byJson))
    expect(fast.counts).toMatchObject({ depthUpdates: 3, trades: 2, levels: 7, skippedLines: 1, gaps: 1 })
  })

  test.each([
    ['fields in another order', futuresTrade.replace('"e":"trade",', '').replace('"m":false', '"m":false,"e":"trade"')],
    ['asks before bids', spotDepth.replace(/"b":(.*),"a":(.*)}}/, '"a":$2,"b":$1}}')],
    ['white space', futuresDepth.replaceAll(':', ': ')],
    ['another symbol', futuresTrade.replace('BTCUSDT', 'ETHUSDT')],
    ['a symbol that starts alike', futuresTrade.replace('"BTCUSDT"', '"BTCUSDTX"')],
    ['a trade of another type', futuresTrade.replace('MARKET', 'INSURANCE_FUND')],
    ['an unknown field', futuresTrade.replace('"m"', '"zz":[1,{"a":2}],"m"')],
    ['a field twice', spotDepth.replace('"a":', '"b":[],"a":')],
    ['an escape', futuresTrade.replace('"MARKET"', '"M\\u0041RKET"')],
    ['no time', futuresTrade.replace(/"[ET]":\d+,/g, '')],
    ['a price off the grid', futuresTrade.replace('61800.30', '61800.33')],
    ['a price of zero', futuresTrade.replace('61800.30', '0.00')],
    ['a negative price', futuresTrade.replace('61800.30', '-61800.30')],
    ['a price that is only a point', futuresTrade.replace('61800.30', '.')],
    ['a price without digits before its point', futuresTrade.replace('61800.30', '.5')],
    ['a price too large for ticks', futuresTrade.replace('61800.30', '999999999.9')],
    ['a quantity of many digits', futuresTrade.replace('0.006', '123456789012.345')],
    ['a quantity of too many digits', futuresTrade.replace('0.006', '123456789012345678.345')],
    ['a quantity with many zeros behind', futuresTrade.replace('0.006', '1.00600000000000000000')],
    ['a quantity that is only a point', futuresTrade.replace('0.006', '.')],
    ['a number with a fraction', futuresTrade.replace('5266583935', '5266583935.5')],
    ['a number with a zero before', futuresTrade.replace('5266583935', '05266583935')],
    ['a trade id beyond safe numbers', futuresTrade.replace('5266583935', '52665839355266583935')],
    ['no side', futuresTrade.replace(',"m":false', '')],
    ['levels with three members', futuresDepth.replace('"0.014"]', '"0.014","1"]')],
    ['a message without its stream', futuresTrade.replace('"stream":"btcusdt@trade",', '')],
    ['no end', futuresDepth.slice(0, -1)],
    ['something behind its end', `${futuresDepth}}`],
  ])('%s: both readers agree', (_, line) => {
    expect(convert([line, ...usual], byBytes)).toEqual(convert([line, ...usual], byJson))
  })

  test('whatever is damaged, both readers agree', () => {
    const prng = new Prng(7)
    const letters = '0123456789.,:"[]{}\\ abeEmpqsTtUuX-'
    let readCount = 0
    for (let round = 0; round < 10_000; round++) {
      const line = usual[prng.nextBelow(usual.length)]!
      const at = prng.nextBelow(line.length)
      const letter = letters[prng.nextBelow(letters.length)]!
      const damaged = prng.nextChance(0.5)
        ? line.slice(0, at) + letter + line.slice(at + 1)
        : line.slice(0, at) + (prng.nextChance(0.5) ? letter : '') + line.slice(at + prng.nextBelow(4))
      const fast = convert([damaged], (converter, text, index) => {
        if (byBytes(converter, text, index)) readCount += 1
      })
      expect(fast, damaged).toEqual(convert([damaged], byJson))
    }
    expect(readCount).toBeGreaterThan(1_000)
  })

  test('a snapshot that is older than the updates before it has them said again', () => {
    const snapshot =
      '{"lastUpdateId":5123107837556,"T":1723161257432,"bids":[["61773.6","1"]],"asks":[["61774.0","2"]]}'
    const lines = [futuresDepth, coinDepth, spotDepth, snapshot, futuresTrade]
    const fast = convert(lines, byBytes)
    expect(fast).toEqual(convert(lines, byJson))
    expect(fast.counts).toMatchObject({ snapshots: 1, repeatedUpdates: 3 })
  })
})

describe('what a capture starts with', () => {
  test('decimals are found alike in bytes and in JSON', () => {
    const [fast, slow] = [new BinanceSurvey('BTCUSDT'), new BinanceSurvey('BTCUSDT')]
    for (const line of [...usual, touch]) {
      const bytes = encoder.encode(line)
      expect(fast.lookAtBytes(bytes, 0, bytes.length)).toBe(true)
      slow.lookAtJson(JSON.parse(line))
      expect(fast).toMatchObject({ priceDecimals: slow.priceDecimals, quantityDecimals: slow.quantityDecimals })
    }
    expect(fast).toMatchObject({ priceDecimals: 1, quantityDecimals: 3 })
  })

  test.each(['1723161255', '1723161255030', '1723161255030314', '1723161255030314667', '172316125', '17231612x5', ''])(
    'the local time %j',
    (digits) => {
      const bytes = encoder.encode(`${digits} {}`)
      expect(localTimeOfBytes(bytes, 0, digits.length, 1_723_075_200)).toBe(localTimeNs(digits, 1_723_075_200))
    },
  )
})
