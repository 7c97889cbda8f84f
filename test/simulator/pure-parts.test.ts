// The engine is a composition of pure parts: with everything gone that touches the outside, the simulator compiles and runs.

import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runSimulation } from '../../simulator/simulation.ts'

const root = join(import.meta.dirname, '../..')
const STORY = { seed: 7, steps: 2_000 }
const PURE = ['base', 'protocol', 'exchange-sim', 'strategies', 'engine', 'simulator']

test('without the folders named io, the simulator compiles and tells the same story', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-pure-'))
  try {
    const isPure = (path: string) => !/\/io(?:\/|$)/.test(path.slice(root.length))
    for (const name of PURE) cpSync(join(root, name), join(folder, name), { recursive: true, filter: isPure })
    for (const name of ['package.json', 'tsconfig.json']) cpSync(join(root, name), join(folder, name))
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', folder])
    writeFileSync(
      join(folder, 'run.ts'),
      "import { runSimulation } from './simulator/simulation.ts'\n" +
        `console.log(JSON.stringify(runSimulation(${JSON.stringify(STORY)})))\n`,
    )
    const told: unknown = JSON.parse(execFileSync(process.execPath, [join(folder, 'run.ts')]).toString())
    expect(told).toEqual(runSimulation(STORY))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)
