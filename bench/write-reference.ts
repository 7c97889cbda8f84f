// Writes the reference of the interfaces, docs/api/, from what the code says of itself: `npm run reference`. A test holds the
// files against what it gives.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { refusal, WORDED_REASONS } from '../ops/gateway/refusals.ts'
import { STRATEGY_KINDS } from '../strategies/catalogue.ts'
import type { StrategyKind } from '../strategies/strategy.ts'
import { describeGateway } from './reference/gateway-description.ts'
import { httpReference } from './reference/http-reference.ts'
import { headOf, sourceReference } from './reference/source-reference.ts'

const root = join(import.meta.dirname, '..')
const NOTICE = 'Written by `npm run reference`; do not edit.'

/** Name of each file in docs/api, and what it has to be. */
export async function referenceTexts(): Promise<Map<string, string>> {
  const http = [
    '# HTTP reference',
    `Every endpoint of the gateway, from the description that it serves at \`/docs/json\`. ${NOTICE}
What answers have in common, examples, tokens and orders: [../api.md](../api.md). Beside the refusals that are named, any
request may be answered 414, 421, 429 or 500, and 403 when a page of another site sends it.`,
    ...httpReference(await describeGateway()),
    ...reasonParts(),
  ]
  const contract = join(root, 'strategies/strategy.ts')
  const strategies = [
    '# Strategy reference',
    `What a strategy is told and what it answers, from \`strategies/strategy.ts\`, and the parameters of those that are there.
${NOTICE} A first strategy in 30 lines: [../write-a-strategy.md](../write-a-strategy.md).
What the models do and where they come from: [../strategies.md](../strategies.md).`,
    '## The contract',
    ...headOf(contract),
    ...sourceReference(contract),
    '## The strategies and their parameters',
    ...STRATEGY_KINDS.map(parameterPart),
  ]
  const text = (parts: readonly string[]) => `${parts.join('\n\n')}\n`
  return new Map([
    ['http.md', text(http)],
    ['strategies.md', text(strategies)],
  ])
}

/** The engine's refusals that the gateway has words for. */
function reasonParts(): string[] {
  const rows = WORDED_REASONS.map((reason) => {
    const { status, body } = refusal(reason, 0)
    return `| \`${body.reason}\` | ${status} | ${body.error} | ${body.remedy} |`
  })
  return [
    '## Reasons',
    'What `reason` says when the engine refused. Any other is answered 422, with its name in words as the error.',
    ['| reason | status | error | remedy |', '|---|---|---|---|', ...rows].join('\n'),
  ]
}

function parameterPart({ name, summary, parameters }: StrategyKind): string {
  const rows = parameters.map(
    ({ name, unit, meaning, default: fallback, min, max, isWhole }) =>
      `| \`${name}\` | ${meaning} | ${unit}${isWhole === true ? ', whole' : ''} | ${fallback} | ${min} .. ${max} |`,
  )
  const head = ['| parameter | what it is | unit | default | range |', '|---|---|---|---|---|']
  return [
    `### \`${name}\``,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    [...head, ...rows].join('\n'),
  ].join('\n\n')
}

if (import.meta.main) {
  const folder = join(root, 'docs/api')
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of await referenceTexts()) {
    writeFileSync(join(folder, name), text)
    process.stderr.write(`docs/api/${name}\n`)
  }
}
