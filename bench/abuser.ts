// The abusive client of `tandem bench abuse`, in a process of its own and at the lowest priority: on a machine with few
// cores it must cost the engine what it makes the engine do, not the core that its own loop would take.
//
//   node bench/abuser.ts KIND PLACES      KIND: of ABUSES; PLACES: JSON, what there is to abuse
//
// Told 'begin', it does its worst until told 'end', and then tells what it was answered.

import { existsSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { assert } from '../base/assert.ts'
import { ABUSES, type Places, type Stop } from './abuses.ts'
import { Tally } from './raw-session.ts'

lowerPriority()
const [kind = '', placesText = '{}'] = process.argv.slice(2)
const abuse = ABUSES[kind]
assert(abuse !== undefined, `there is an abuse ${kind}`)
const places = JSON.parse(placesText) as Places
process.stdin.resume().once('end', () => process.exit(0))

let tally = new Tally()
let stop: Promise<Stop> | null = null
process.on('message', (message) => {
  if (message === 'begin') {
    tally = new Tally()
    stop = abuse(places, tally)
    void stop.then(() => process.send?.('begun'))
  } else {
    void end()
  }
})
process.send?.('ready')

/** Linux shares a machine out among sessions first, and looks at priorities inside of each: both are lowered. */
function lowerPriority(): void {
  setPriority(constants.priority.PRIORITY_LOW)
  const sessionPath = '/proc/self/autogroup'
  if (existsSync(sessionPath)) writeFileSync(sessionPath, String(constants.priority.PRIORITY_LOW))
}

async function end(): Promise<void> {
  const stopNow = await stop
  stopNow?.()
  process.send?.(Object.fromEntries(tally.counts))
}
