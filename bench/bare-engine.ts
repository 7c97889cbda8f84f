// The other process of `tandem bench ack --over session`: the barest program that does what an engine promises. It takes
// commands over TCP, writes them into a preallocated file, and answers when they are as safe as the mode says.
//
//   node bench/bare-engine.ts FOLDER echo     answers at once, writes nothing
//   node bench/bare-engine.ts FOLDER pair     when a second process (replication-backup.ts bare) has written them too
//   node bench/bare-engine.ts FOLDER disk     when both have synced them
//   node bench/bare-engine.ts FOLDER alone    when it has synced them itself

import { fdatasync, openSync, writeSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { PEER_HEADER_LENGTH } from '../engine/replication/peer-codec.ts'

export type BarePorts = { readonly clientPort: number; readonly peerPort: number }

const [folder = '', mode = 'pair'] = process.argv.slice(2)
const COMMAND_SIZE = Number(process.env['BENCH_COMMAND_SIZE'])
const ANSWER_SIZE = Number(process.env['BENCH_ANSWER_SIZE'])
const FRAME_SIZE = Number(process.env['BENCH_FRAME_SIZE'])
const FILE_SIZE = 32 << 20

process.stdin.resume().once('end', () => process.exit(0))

const file = openSync(join(folder, 'bare-first.bytes'), 'w')
for (let at = 0; at < FILE_SIZE; at += 1 << 20) writeSync(file, new Uint8Array(1 << 20))
const toSecond = new Uint8Array(FRAME_SIZE).fill(7)
const answer = new Uint8Array(ANSWER_SIZE)
let client: Socket | null = null
let second: Socket | null = null
let position = 0
let received = 0
let acked = 0
// Commands so far: taken, synced here, acknowledged by the second, answered.
let takenCount = 0
let syncedCount = 0
let secondCount = 0
let answeredCount = 0
let isSyncing = false

const answerSafe = () => {
  const here = mode === 'pair' ? takenCount : syncedCount
  const safe = mode === 'alone' ? here : Math.min(here, secondCount)
  for (; answeredCount < safe; answeredCount++) client?.write(answer)
}

/** One sync at a time covers all that was written before it. */
const sync = () => {
  if (isSyncing || syncedCount === takenCount) return
  isSyncing = true
  const covered = takenCount
  fdatasync(file, () => {
    isSyncing = false
    syncedCount = covered
    answerSafe()
    sync()
  })
}

const take = () => {
  if (mode === 'echo') {
    client?.write(answer)
    return
  }
  takenCount += 1
  if (mode !== 'alone') second?.write(toSecond)
  writeSync(file, toSecond, 0, FRAME_SIZE, position)
  position = (position + FRAME_SIZE) % (FILE_SIZE - FRAME_SIZE)
  if (mode !== 'pair') sync()
}

const clients = createServer({ noDelay: true }, (socket) => {
  client = socket
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
    for (; received >= COMMAND_SIZE; received -= COMMAND_SIZE) take()
  })
})

const peers = createServer({ noDelay: true }, (socket) => {
  second = socket
  socket.on('data', (chunk: Buffer) => {
    acked += chunk.length
    for (; acked >= PEER_HEADER_LENGTH; acked -= PEER_HEADER_LENGTH) secondCount += 1
    answerSafe()
  })
})

clients.listen(0, '127.0.0.1', () => {
  peers.listen(0, '127.0.0.1', () => {
    const portOf = (server: typeof clients) => (server.address() as { port: number }).port
    process.send?.({ clientPort: portOf(clients), peerPort: portOf(peers) } satisfies BarePorts)
  })
})
