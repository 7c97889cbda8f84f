// Generated from protocol/schema/command.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

export class CommandHeader {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):CommandHeader {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

size():number {
  return this.bb!.readUint16(this.bb_pos);
}

kind():number {
  return this.bb!.readUint8(this.bb_pos + 2);
}

version():number {
  return this.bb!.readUint8(this.bb_pos + 3);
}

clientId():number {
  return this.bb!.readUint32(this.bb_pos + 4);
}

incarnation():number {
  return this.bb!.readUint32(this.bb_pos + 8);
}

symbolId():number {
  return this.bb!.readInt32(this.bb_pos + 12);
}

clientSeq():number {
  return this.bb!.readFloat64(this.bb_pos + 16);
}

static sizeOf():number {
  return 24;
}

static createCommandHeader(builder:flatbuffers.Builder, size: number, kind: number, version: number, client_id: number, incarnation: number, symbol_id: number, client_seq: number):flatbuffers.Offset {
  builder.prep(8, 24);
  builder.writeFloat64(client_seq);
  builder.writeInt32(symbol_id);
  builder.writeInt32(incarnation);
  builder.writeInt32(client_id);
  builder.writeInt8(version);
  builder.writeInt8(kind);
  builder.writeInt16(size);
  return builder.offset();
}

}
