// The barest programs that make the hops of an order over TCP: what an engine's latency is held against.

import type { ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { PEER_HEADER_LENGTH } from '../engine/replication/peer-codec.ts'
import { NewOrderField } from '../protocol/command.ts'
import { DIRECT_HEADER_LENGTH } from '../protocol/direct-wire.ts'
import { ExecutionField, FrameHeader } from '../protocol/frame.ts'
import { RecordHeader } from '../protocol/record.ts'
import type { BarePorts } from './bare-engine.ts'
import { endScript, nextMessage, startScript } from './child-process.ts'
import type { Hop } from './open-loop.ts'

// As many bytes as a command, its record on the peer link, and its report take.
const COMMAND_SIZE = DIRECT_HEADER_LENGTH + NewOrderField.LENGTH
const ANSWER_SIZE = DIRECT_HEADER_LENGTH + FrameHeader.LENGTH + ExecutionField.LENGTH
const FRAME_SIZE = PEER_HEADER_LENGTH + RecordHeader.LENGTH + NewOrderField.LENGTH
const SIZES = {
  BENCH_COMMAND_SIZE: String(COMMAND_SIZE),
  BENCH_ANSWER_SIZE: String(ANSWER_SIZE),
  BENCH_FRAME_SIZE: String(FRAME_SIZE),
}

/** The program that keeps the same promise comes first, then a mere echo. */
export async function startBareEngines(folder: string, commit: 'pair' | 'disk' | 'alone'): Promise<Hop[]> {
  const promising = {
    pair: 'bare two hops, written twice',
    disk: 'bare two hops, synced twice',
    alone: 'bare echo that syncs',
  }
  return [
    await startBare(promising[commit], join(folder, 'bare'), commit),
    await startBare('bare TCP echo', join(folder, 'bare-echo'), 'echo'),
  ]
}

async function startBare(name: string, folder: string, mode: string): Promise<Hop> {
  mkdirSync(folder)
  const children: ChildProcess[] = []
  const first = startScript(new URL('bare-engine.ts', import.meta.url), [folder, mode], SIZES)
  children.push(first)
  const { clientPort, peerPort } = await nextMessage<BarePorts>(first)
  if (mode === 'pair' || mode === 'disk') {
    const backup = new URL('replication-backup.ts', import.meta.url)
    const second = startScript(backup, ['bare', String(peerPort), folder, mode], SIZES)
    children.push(second)
    await nextMessage(second)
  }
  const socket = connect({ host: '127.0.0.1', port: clientPort, noDelay: true })
  await new Promise((resolve) => socket.once('connect', resolve))
  return bareHop(name, socket, children)
}

function bareHop(name: string, socket: Socket, children: readonly ChildProcess[]): Hop {
  const waiting: (() => void)[] = []
  let received = 0
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
    for (; received >= ANSWER_SIZE; received -= ANSWER_SIZE) waiting.shift()?.()
  })
  const command = new Uint8Array(COMMAND_SIZE).fill(7)
  return {
    name,
    send: (done) => {
      waiting.push(done)
      socket.write(command)
    },
    stop: async () => {
      socket.destroy()
      for (const child of children) await endScript(child)
    },
  }
}
