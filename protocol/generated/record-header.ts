// Generated from protocol/schema/record.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

export class RecordHeader {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):RecordHeader {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

size():number {
  return this.bb!.readUint32(this.bb_pos);
}

checksum():number {
  return this.bb!.readUint32(this.bb_pos + 4);
}

seq():number {
  return this.bb!.readFloat64(this.bb_pos + 8);
}

timeNs():number {
  return this.bb!.readFloat64(this.bb_pos + 16);
}

epoch():number {
  return this.bb!.readUint32(this.bb_pos + 24);
}

reserved():number {
  return this.bb!.readUint32(this.bb_pos + 28);
}

static sizeOf():number {
  return 32;
}

static createRecordHeader(builder:flatbuffers.Builder, size: number, checksum: number, seq: number, time_ns: number, epoch: number, reserved: number):flatbuffers.Offset {
  builder.prep(8, 32);
  builder.writeInt32(reserved);
  builder.writeInt32(epoch);
  builder.writeFloat64(time_ns);
  builder.writeFloat64(seq);
  builder.writeInt32(checksum);
  builder.writeInt32(size);
  return builder.offset();
}

}
