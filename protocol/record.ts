// Records: a sequenced command with its header, exactly as it is journalled and sent to the backup.
//
//   0      4          8       16       24      28         32
//   +------+----------+-------+--------+-------+----------+---------------------------+
//   | size | checksum | seq   | timeNs | epoch | reserved | the command, size-32 bytes|
//   +------+----------+-------+--------+-------+----------+---------------------------+
//    uint32 uint32     float64 float64  uint32  uint32
//
// size counts all bytes of the record and is a multiple of 8. The checksum is XXH32 over bytes 8 .. size.
// timeNs is nanoseconds since the base that the journal's segment header states.

export const RecordHeader = { SIZE: 0, CHECKSUM: 4, SEQ: 8, TIME_NS: 16, EPOCH: 24, RESERVED: 28, LENGTH: 32 } as const
