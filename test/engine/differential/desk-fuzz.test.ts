// The desk against its plain model. This is the short form; the long one: ./tandem fuzz desk --steps 10000000

import { expect, test } from 'vitest'
import { DESK_EPISODE_STEPS, fuzzDeskEpisode } from '../../../engine/differential/desk-fuzz.ts'

const SEED = 20_261_124
const EPISODES = 100

test('membership, assignment, authority, positions and exposure are those of the model', () => {
  for (let index = 0; index < EPISODES; index++) {
    expect(fuzzDeskEpisode(SEED + index, DESK_EPISODE_STEPS)).toBeUndefined()
  }
}, 60_000)
