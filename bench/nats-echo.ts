// The other process of `tandem bench ack`: answers every request over NATS with what it was sent.
//
//   node bench/nats-echo.ts URL CREDENTIALS SUBJECT

import { connectNats } from '../protocol/io/nats-transport.ts'

const [url = '', credentials = '', subject = ''] = process.argv.slice(2)
process.stdin.resume().once('end', () => process.exit(0))

const transport = await connectNats({ url, name: 'bench echo', credentials })
transport.subscribe(subject, (message) => message.respond(message.data))
await transport.flush()
process.send?.('ready')
