// The other process of `tandem bench replication`: a backup engine, or the bare program that it is compared with, which
// writes what it gets into a preallocated file and says so.
//
//   node bench/replication-backup.ts engine PORT FOLDER disk|pair
//   node bench/replication-backup.ts bare PORT FOLDER

import { fdatasync, openSync, writeSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { TcpPeerLink } from '../engine/io/peer-link.ts'
import { EngineId } from '../engine/replication/view.ts'
import { benchPeer, startBenchEngine } from './engine-bench.ts'

const [kind = '', portText = '', folder = '', durability = 'pair'] = process.argv.slice(2)
const port = Number(portText)

// Ends with its parent, whatever happens to that.
process.stdin.resume().once('end', () => process.exit(0))

if (kind === 'engine') {
  startBenchEngine(folder, EngineId.B, TcpPeerLink.dial({ host: '127.0.0.1', port }, benchPeer), durability === 'disk')
} else {
  const FRAME_SIZE = Number(process.env['BENCH_FRAME_SIZE'])
  const ACK = new Uint8Array(64)
  const file = openSync(join(folder, 'bare.bytes'), 'w')
  const zeros = new Uint8Array(1 << 20)
  for (let at = 0; at < 32; at++) writeSync(file, zeros)
  let position = 0
  let pending = 0
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  socket.once('connect', () => process.send?.('ready'))
  socket.on('data', (chunk: Buffer) => {
    writeSync(file, chunk, 0, chunk.length, position)
    position = (position + chunk.length) % (31 << 20)
    pending += chunk.length
    const count = Math.floor(pending / FRAME_SIZE)
    pending -= count * FRAME_SIZE
    const answer = () => {
      for (let index = 0; index < count; index++) socket.write(ACK)
    }
    if (durability === 'disk') fdatasync(file, answer)
    else answer()
  })
  socket.once('close', () => process.exit(0))
}
