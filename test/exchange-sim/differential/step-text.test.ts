// Steps survive being written down: what the fuzzer prints is what a scenario table runs.

import { describe, expect, it } from 'vitest'
import { parseStep, StepTextError, stepText } from '../../../exchange-sim/differential/step-text.ts'
import { Workload } from '../../../exchange-sim/differential/workload.ts'

describe('step text', () => {
  it('is read back as the step it was written from, for everything that a workload does', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const workload = new Workload(seed)
      for (let index = 0; index < 500; index++) {
        const step = workload.next()
        expect(parseStep(stepText(step))).toEqual(step)
      }
    }
  })

  it('reads as a person writes', () => {
    expect(parseStep('c1 buy 10 @ 100 ioc id 7 s1')).toMatchObject({
      kind: 'newOrder',
      clientId: 1,
      side: 0,
      quantityLots: 10,
      priceTicks: 100,
      timeInForce: 3,
      clientOrderId: 7,
      symbolId: 1,
    })
    expect(parseStep('c2 sell 3 @ market')).toMatchObject({ side: 1, orderType: 2, priceTicks: 0 })
    expect(parseStep('wait 30s')).toEqual({ kind: 'wait', durationNs: 30_000_000_000 })
    expect(parseStep('c1 mass-cancel all')).toMatchObject({ symbolId: -1, sides: 0 })
  })

  it('says what it does not understand', () => {
    expect(() => parseStep('c1 bye 10 @ 100')).toThrow(new StepTextError('"bye" is no verb in "c1 bye 10 @ 100"'))
    expect(() => parseStep('c1 buy ten @ 100')).toThrow('"ten" is no number')
    expect(() => parseStep('c1 buy 10 @ 100 slowly')).toThrow('"slowly" is no option of an order')
    expect(() => parseStep('c1 cancel #5 now')).toThrow('"now" is not s<number>')
    expect(() => parseStep('wait 5 minutes')).toThrow('"5" is no duration')
    expect(() => parseStep('c1 quote q1 5 @ 99')).toThrow('"/" is missing')
  })
})
