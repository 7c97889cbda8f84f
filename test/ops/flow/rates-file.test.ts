// A file of measured rates: taken as it was written, or refused with what is wrong in it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readRates } from '../../../ops/flow/rates-file.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tandem-rates-file-'))
const path = join(scratch, 'rates.json')
afterAll(() => rmSync(scratch, { recursive: true }))

const rates = { limitRates: [0.5, 0.2], marketRate: 0.1, cancelRates: [0.3], limitLotsMean: 80, marketLotsMean: 90 }

function read(content: unknown) {
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return readRates(path)
}

describe('a file of rates', () => {
  test('is what the generator gets', () => {
    expect(read(rates)).toMatchObject({ ...rates, orderCountMax: 4_096 })
  })

  test.each([
    ['{', /rates\.json: .*JSON/],
    [{ ...rates, marketRate: -1 }, /marketRate: /],
    [{ ...rates, limitRates: [] }, /limitRates: /],
    [{ ...rates, limitRates: [0, 0] }, /no limit orders arrive/],
    [{ ...rates, more: 1 }, /more/],
  ])('that is wrong is refused: %j', (content, message) => {
    expect(() => read(content)).toThrow(message)
  })

  test('that is missing is named', () => {
    expect(() => readRates(join(scratch, 'nowhere.json'))).toThrow(/nowhere\.json: ENOENT/)
  })
})
