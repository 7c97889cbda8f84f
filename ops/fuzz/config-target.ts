// Configuration files as nobody should write them: read, or refused in words that name the file.

import { stringify } from 'yaml'
import type { Prng } from '../../base/prng.ts'
import { UserError } from '../cli/output.ts'
import { clusterConfigOf } from '../config/cluster-config.ts'
import { defaultConfig, parseConfig } from '../config/load.ts'
import { type FuzzSubject, type FuzzTarget, Outcomes } from './fuzz-target.ts'
import { mutateText, pick } from './mutate.ts'

const NAME = 'fuzz.yaml'
const TEXTS = [
  'seed: 1\nexposureLots: 50\nflow: {speed: 2}\n',
  'instruments:\n  - symbol: AAA\n    tickSize: "0.01"\n    openingPrice: "10.00"\n    schedule: [{atMs: 0, phase: CONTINUOUS}]\n',
  'instruments:\n  - {symbol: B.B, openingPrice: 7, lowestPrice: 1, highestPrice: 9, tickTable: [{from: 5, step: "0.05"}]}\n',
  'membership: {presenceMs: 500, leaseMs: 500, renewalMs: 100}\nstrategyCount: 2\nengineCount: 1\n',
  'nats: {url: "nats://127.0.0.1:4222", credentials: var/x}\ngateway: {host: 127.0.0.1, port: 8080}\nthrottle: {commandCount: 9}\n',
]
const WORDS = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    '- ',
    '\n',
    '\n  ',
    '"',
    "'",
    '&a ',
    '*a',
    '<<: *a',
    '!!binary ',
    '!!js/function ',
    '? ',
    '| ',
    '# ',
  ],
  ...[
    'null',
    'true',
    '.nan',
    '.inf',
    '-.inf',
    '1e400',
    '-1',
    '0',
    '0x10',
    '99999999999999999999',
    '0.000000000000000001',
  ],
  ...[
    '__proto__: {a: 1}',
    'constructor: 1',
    'instruments',
    'seed',
    'openingPrice: ',
    '../../etc/passwd',
    '\u0000',
    '\uffff',
    '%YAML 9.9\n---\n',
  ],
]

export const configTarget: FuzzTarget = {
  name: 'config',
  summary: 'configuration files: read, or refused with the name of the file',
  covers: ['ops/config/load.ts', 'ops/config/schema.ts', 'ops/config/cluster-config.ts'],
  open: () => new ConfigSubject(),
}

class ConfigSubject implements FuzzSubject {
  readonly outcomes = new Outcomes()
  readonly #texts = [...TEXTS, stringify(defaultConfig())]

  execute(random: Prng): string | undefined {
    // The long one takes long: it comes seldom.
    const text = random.nextChance(0.02) ? this.#texts.at(-1)! : pick(random, TEXTS)
    try {
      clusterConfigOf(parseConfig(mutateText(random, text, WORDS), NAME))
      this.outcomes.add('read')
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      if (!error.message.includes(NAME)) return `a refusal that does not name the file: ${error.message}`
      this.outcomes.add('refused')
    }
    return Object.hasOwn(Object.prototype, 'a') ? 'a file reached the prototype of objects' : undefined
  }

  close(): void {}
}
