// How the exposure limit was used is read from what stood, for as long as it stood.

import { expect, test } from 'vitest'
import { walkJournal } from '../../../engine/walk.ts'
import { ExposureUse } from '../../../ops/drill/exposure-use.ts'
import { quotedJournal } from '../../support/quoted-journal.ts'

function checksOf(fromSeq: number, toSeq: number): ReturnType<ExposureUse['checks']> {
  const use = new ExposureUse()
  use.watch(fromSeq, toSeq)
  walkJournal(quotedJournal(), Number.POSITIVE_INFINITY, (core) => {
    use.look(core)
    return true
  })
  return use.checks()
}

test('a limit that is hardly used is told, and a symbol that is never quoted', () => {
  const [most, used, quoted] = checksOf(1, 100)
  expect(most).toMatchObject({ ok: true, value: 100, limit: 100 })
  expect(used).toMatchObject({ ok: false, limit: 95 })
  expect(Number(used?.value)).toBeLessThan(25)
  expect(quoted).toMatchObject({ ok: false, value: 0, limit: 30 })
})

test('without records to look at nothing is told', () => {
  expect(checksOf(1_000, 2_000)).toEqual([])
})
