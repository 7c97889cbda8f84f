// Opening an input file, decompressing it when its content says so, and saying what is wrong with it.

import type { ReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

/** Large, so that the next chunk is decompressed, on another thread, while this one is read. */
const CHUNK_SIZE = 1 << 20

/** An input cannot be read on. The message names the file, the place and the remedy. */
export class InputFileError extends Error {
  override name = 'InputFileError'
}

export type InputFile = { readonly fileSize: number; readonly file: ReadStream; readonly content: Readable }

export async function openInput(path: string): Promise<InputFile> {
  const handle = await open(path, 'r')
  const facts = await handle.stat()
  if (facts.isDirectory()) {
    await handle.close()
    throw new InputFileError(`${path} is a folder, and a file is needed`)
  }
  const magic = new Uint8Array(4)
  await handle.read(magic, 0, 4, 0)
  const file = handle.createReadStream({ start: 0, highWaterMark: CHUNK_SIZE })
  return { fileSize: facts.size, file, content: decompressed(file, magic) }
}

function decompressed(file: ReadStream, magic: Uint8Array): Readable {
  if (magic[0] === 0x1f && magic[1] === 0x8b) return piped(file, createGunzip({ chunkSize: CHUNK_SIZE }))
  const isZstd = magic[0] === 0x28 && magic[1] === 0xb5 && magic[2] === 0x2f && magic[3] === 0xfd
  return isZstd ? piped(file, createZstdDecompress({ chunkSize: CHUNK_SIZE })) : file
}

function piped(file: ReadStream, stage: ReturnType<typeof createGunzip>): Readable {
  file.on('error', (error) => stage.destroy(error))
  return file.pipe(stage)
}

/** A failure of decompression in the user's terms; any other error as it is. `reached`: how far its content was read. */
export function describeInputError(error: unknown, path: string, reached: string, fileBytesRead: number): unknown {
  const code = (error as { code?: string }).code ?? ''
  const isCutOff = code === 'Z_BUF_ERROR' || code === 'ZSTD_error_srcSize_wrong'
  if (!isCutOff && !code.startsWith('Z_') && !code.startsWith('ZSTD')) return error
  const what = isCutOff ? 'the compressed file ends too early' : 'the compressed file is damaged'
  return new InputFileError(
    `${path}: ${what}, after ${reached} and byte ${fileBytesRead} of the file (${code})\n` +
      '  Copy or download it again; its size or checksum at the source tells whether it is whole.',
    { cause: error },
  )
}
