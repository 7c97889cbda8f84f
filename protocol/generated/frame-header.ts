// Generated from protocol/schema/market_data.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

export class FrameHeader {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):FrameHeader {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

magic():number {
  return this.bb!.readUint16(this.bb_pos);
}

version():number {
  return this.bb!.readUint8(this.bb_pos + 2);
}

kind():number {
  return this.bb!.readUint8(this.bb_pos + 3);
}

count():number {
  return this.bb!.readUint16(this.bb_pos + 4);
}

stride():number {
  return this.bb!.readUint16(this.bb_pos + 6);
}

epoch():number {
  return this.bb!.readUint32(this.bb_pos + 8);
}

streamId():number {
  return this.bb!.readInt32(this.bb_pos + 12);
}

previousSeq():number {
  return this.bb!.readFloat64(this.bb_pos + 16);
}

lastSeq():number {
  return this.bb!.readFloat64(this.bb_pos + 24);
}

timeNs():number {
  return this.bb!.readFloat64(this.bb_pos + 32);
}

recordSeq():number {
  return this.bb!.readFloat64(this.bb_pos + 40);
}

static sizeOf():number {
  return 48;
}

static createFrameHeader(builder:flatbuffers.Builder, magic: number, version: number, kind: number, count: number, stride: number, epoch: number, stream_id: number, previous_seq: number, last_seq: number, time_ns: number, record_seq: number):flatbuffers.Offset {
  builder.prep(8, 48);
  builder.writeFloat64(record_seq);
  builder.writeFloat64(time_ns);
  builder.writeFloat64(last_seq);
  builder.writeFloat64(previous_seq);
  builder.writeInt32(stream_id);
  builder.writeInt32(epoch);
  builder.writeInt16(stride);
  builder.writeInt16(count);
  builder.writeInt8(kind);
  builder.writeInt8(version);
  builder.writeInt16(magic);
  return builder.offset();
}

}
