// The gateway's OpenAPI document, asked of a gateway that serves and follows no market: its endpoints are described, not
// called.

import { pino } from 'pino'
import { Gateway } from '../../ops/gateway/gateway.ts'
import { startHttpServer } from '../../ops/gateway/http-server.ts'
import { newTokens } from '../../ops/gateway/tokens.ts'

export type Schema = {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly string[]
  readonly const?: string
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>

export type Operation = {
  readonly summary: string
  readonly tags: readonly string[]
  /** Each of these opens it: the scopes of a token, or nothing. */
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: 'path' | 'query'
    readonly required?: boolean
    readonly description?: string
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

export type Description = {
  /** Of operations that name none of their own. */
  readonly security: NonNullable<Operation['security']>
  readonly info: { readonly description: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

export async function describeGateway(): Promise<Description> {
  const gateway = new Gateway(
    {
      clusterId: 'none',
      log: pino({ level: 'silent' }),
      transport: {
        ...{ publish: uncalled, subscribe: uncalled, request: uncalled, flush: uncalled, onState: uncalled },
        close: uncalled,
      },
      orders: {
        ...{ state: 'none', newOrder: uncalled, cancelOrder: uncalled, quote: uncalled, setQuoting: uncalled },
        ...{ setPhase: uncalled, nextClientOrderId: uncalled, stop: uncalled },
      },
    },
    uncalled,
  )
  const server = await startHttpServer(gateway, {
    ...{ host: '127.0.0.1', port: 0, tokens: newTokens(), pageFolder: undefined },
  })
  try {
    const answer = await fetch(`${server.url}/docs/json`)
    return (await answer.json()) as Description
  } finally {
    await server.close()
  }
}

function uncalled(): never {
  throw new Error('a gateway that follows no market was asked about one')
}
