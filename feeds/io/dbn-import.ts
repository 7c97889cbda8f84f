// Imports Databento DBN files: a look at the first records for instruments, ticks and the first live time, then one pass
// into a waiting file and one over that into the order of two times.

import { basename } from 'node:path'
import {
  DBN_EVENT_TIME,
  DBN_HEADER_SIZE,
  DBN_PREFIX_SIZE,
  DBN_SCHEMAS,
  DbnFlag,
  type DbnMetadata,
  DbnRecordType,
  dbnMetadataSize,
  MboField,
  MbpField,
  readDbnMetadata,
  readDbnPrice,
  readDbnTimeNs,
} from '../dbn.ts'
import {
  DbnConverter,
  type DbnCounts,
  type DbnInstrument,
  dbnInstrumentId,
  isDbnMarketRecord,
} from '../dbn-converter.ts'
import type { FeedDetail, FeedHeader } from '../feed-header.ts'
import { isStep, scaleOf } from '../price-scale.ts'
import { ByteStream } from './byte-stream.ts'
import { BadRows, type ImportOptions, type ImportSummary } from './import-job.ts'
import { InputFileError } from './input-file.ts'
import { TwoTimeFileWriter, timeNotes } from './two-time-file.ts'

export type DbnImportOptions = ImportOptions & {
  readonly file: string
  /** Tick size of all instruments; undefined: the greatest step that all prices of an instrument are whole numbers of. */
  readonly tickSize?: string
}

/** Records looked at to learn instruments and ticks. */
const SURVEY_RECORD_COUNT = 200_000
const PROGRESS_RECORD_COUNT = 65_536
const DAY_S = 86_400
const PRICE_DECIMALS = 9

type Found = {
  metadata: DbnMetadata
  /** By instrument id: greatest common divisor of its prices, in units of 1e-9. */
  steps: Map<number, number>
  timeBaseUnixS: number
  snapshotNs: number
  detail: FeedDetail
}

export async function importDbn(options: DbnImportOptions): Promise<ImportSummary<DbnCounts>> {
  const found = await survey(options.file)
  const ids = [...found.steps.keys()]
  const tickSizes = ids.map((id) => options.tickSize ?? decimalOf(found.steps.get(id)!))
  const header = headerOf(options, found, ids, tickSizes)
  const instruments = new Map<number, DbnInstrument>()
  ids.forEach((id, index) => instruments.set(id, { index, tickPrice: tickPriceOf(tickSizes[index]!) }))
  const writer = new TwoTimeFileWriter(options.out, header)
  const bad = new BadRows(options)
  try {
    const { timeBaseUnixS, snapshotNs } = found
    const converter = new DbnConverter(writer, { timeBaseUnixS, instruments, snapshotNs })
    const inputBytes = await readRecords(options, (stream, length) => {
      const fault = converter.add(stream.view, stream.at, length)
      if (fault !== null) bad.drop(`${stream.path}: byte ${stream.position}`, fault)
      if (writer.farCount > 0) writer.checkTimes(`${stream.path}: byte ${stream.position}`)
      return true
    })
    converter.finish()
    if (writer.eventCount === 0) throw new InputFileError(`${options.file}: there is no event in it`)
    const outcome = writer.finish()
    const { eventCount, size } = outcome
    const notes = timeNotes(outcome)
    return { header, counts: converter.counts, eventCount, size, dropped: bad.dropped, inputBytes, notes }
  } catch (error) {
    writer.abandon()
    throw error
  }
}

/** Goes through the records after the metadata; `onRecord` returns false to stop. Gives the size of the file. */
async function readRecords(
  options: { readonly file: string; readonly onProgress?: (bytesRead: number, bytesTotal: number) => void },
  onRecord: (stream: ByteStream, length: number) => boolean,
  onMetadata: (metadata: DbnMetadata) => void = () => {},
): Promise<number> {
  const stream = await ByteStream.open(options.file)
  try {
    onMetadata(await readMetadata(stream))
    for (let count = 0; stream.has(1) || (await stream.fill(1)); count++) {
      const length = 4 * stream.bytes[stream.at]!
      if (length < DBN_HEADER_SIZE) {
        throw new InputFileError(
          `${stream.path}: byte ${stream.position}: a record of ${length} bytes is not possible\n` +
            '  The file is damaged from here on.',
        )
      }
      if (!stream.has(length) && !(await stream.fill(length))) break
      if (!onRecord(stream, length)) return stream.fileSize
      stream.at += length
      if (count % PROGRESS_RECORD_COUNT === 0) options.onProgress?.(stream.fileBytesRead, stream.fileSize)
    }
    stream.checkEnd('a record')
    options.onProgress?.(stream.fileSize, stream.fileSize)
    return stream.fileSize
  } finally {
    stream.close()
  }
}

async function readMetadata(stream: ByteStream): Promise<DbnMetadata> {
  const isThere = await stream.fill(DBN_PREFIX_SIZE)
  const prefix = stream.bytes.subarray(stream.at, stream.at + DBN_PREFIX_SIZE)
  const size = isThere ? dbnMetadataSize(prefix) : 'is too short'
  if (typeof size === 'string') {
    throw new InputFileError(`${stream.path}: this file ${size}\n  Is it a Databento DBN file (.dbn or .dbn.zst)?`)
  }
  const version = prefix[3]!
  stream.at += DBN_PREFIX_SIZE
  if (!(await stream.fill(size)))
    throw new InputFileError(`${stream.path}: the file ends inside its metadata\n  Copy or download it again.`)
  try {
    const metadata = readDbnMetadata(version, stream.bytes.subarray(stream.at, stream.at + size))
    stream.at += size
    return metadata
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new InputFileError(`${stream.path}: the metadata is damaged (${error.message})\n  Copy or download it again.`)
  }
}

async function survey(file: string): Promise<Found> {
  const found: Partial<Found> = {}
  const steps = new Map<number, number>()
  let recordCount = 0
  const onRecord = ({ view, at }: ByteStream, length: number) => {
    if (!isDbnMarketRecord(view, at, length)) return true
    const isMbo = view.getUint8(at + 1) === DbnRecordType.MBO
    const price = readDbnPrice(view, at + (isMbo ? MboField.PRICE : MbpField.PRICE))
    const id = dbnInstrumentId(view, at)
    steps.set(id, greatestDivisor(steps.get(id) ?? 0, Number.isNaN(price) ? 0 : Math.abs(price)))
    const isSnapshot = (view.getUint8(at + (isMbo ? MboField.FLAGS : MbpField.FLAGS)) & DbnFlag.SNAPSHOT) !== 0
    recordCount += 1
    if (!isSnapshot && found.timeBaseUnixS === undefined) {
      found.detail = isMbo ? 'L3' : length > MbpField.LEVELS ? 'L2' : 'trades'
      const seconds = Math.floor(readDbnTimeNs(view, at + DBN_EVENT_TIME, 0) / 1e9)
      found.timeBaseUnixS = Math.floor(seconds / DAY_S) * DAY_S
      found.snapshotNs = (seconds - found.timeBaseUnixS) * 1e9
    }
    return recordCount < SURVEY_RECORD_COUNT || found.timeBaseUnixS === undefined
  }
  let metadata: DbnMetadata | undefined
  await readRecords({ file }, onRecord, (read) => {
    metadata = read
  })
  const { timeBaseUnixS, snapshotNs, detail } = found
  if (metadata === undefined || timeBaseUnixS === undefined || snapshotNs === undefined || detail === undefined) {
    const schema = DBN_SCHEMAS[metadata?.schema ?? -1] ?? 'another schema'
    throw new InputFileError(
      `${file}: there is no live record of an order, a price level or a trade in it (${schema})\n` +
        '  The schemas mbo, mbp-10, mbp-1, tbbo and trades can be imported.',
    )
  }
  return { metadata, steps, timeBaseUnixS, snapshotNs, detail }
}

function headerOf(options: DbnImportOptions, found: Found, ids: number[], tickSizes: string[]): FeedHeader {
  const { metadata, timeBaseUnixS, detail } = found
  return {
    source: 'dbn',
    detail,
    timeBaseUnixS,
    instruments: ids.map((id, index) => ({
      symbol: metadata.mappings.get(id) ?? metadata.symbols[0] ?? `${id}`,
      tickSize: tickSizes[index]!,
      lotSize: '1',
    })),
    metadata: {
      file: basename(options.file),
      dataset: metadata.dataset,
      version: `${metadata.version}`,
      // A book is crossed before an auction, and rightly so.
      crossed: 'allowed',
    },
  }
}

function tickPriceOf(tickSize: string): number {
  if (!isStep(tickSize)) throw new InputFileError(`a tick of ${tickSize} is not possible: a decimal above 0 is needed`)
  const { mantissa, decimals } = scaleOf(tickSize)
  if (decimals > PRICE_DECIMALS) throw new InputFileError(`a tick of ${tickSize} is finer than DBN prices are`)
  return mantissa * 10 ** (PRICE_DECIMALS - decimals)
}

/** Units of 1e-9 as a decimal text. */
function decimalOf(units: number): string {
  const digits = `${units}`.padStart(PRICE_DECIMALS + 1, '0')
  const fraction = digits.slice(-PRICE_DECIMALS).replace(/0+$/, '')
  const whole = digits.slice(0, -PRICE_DECIMALS)
  return fraction === '' ? whole : `${whole}.${fraction}`
}

function greatestDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b]
  return a
}
