// One fault after the other, chosen by the seed, on one cluster that lives through all of them.

import type { Prng } from '../../../base/prng.ts'
import { LINKED_PAIR, type Scenario } from '../scenario.ts'

/** Among those that a pair with links can suffer. */
export function randomOf(scenarios: readonly Scenario[]): Scenario {
  const suitable = scenarios.filter(({ shape }) => shape.isPair && !shape.hasStrategy)
  return {
    name: 'random',
    summary: 'one of the faults of a pair after the other, as the seed chooses',
    shape: LINKED_PAIR,
    async run(round) {
      const chosen = pick(suitable, round.random)
      round.choose(chosen)
      await chosen.run({
        ...round,
        check: (check) => round.check({ ...check, name: `${chosen.name}: ${check.name}` }),
        measure: (metric, valueMs) => round.measure(`${chosen.name}.${metric}`, valueMs),
      })
    },
  }
}

function pick(scenarios: readonly Scenario[], random: Prng): Scenario {
  const chosen = scenarios[random.nextBelow(scenarios.length)]
  if (chosen === undefined) throw new Error('there is a scenario to choose')
  return chosen
}
