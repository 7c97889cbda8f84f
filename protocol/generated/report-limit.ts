// Generated from protocol/schema/command.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

import { CommandHeader } from './command-header.ts';


export class ReportLimit {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):ReportLimit {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

header(obj?:CommandHeader):CommandHeader|null {
  return (obj || new CommandHeader()).__init(this.bb_pos, this.bb!);
}

lossHundredths():number {
  return this.bb!.readFloat64(this.bb_pos + 24);
}

reason():number {
  return this.bb!.readUint8(this.bb_pos + 32);
}

state():number {
  return this.bb!.readUint8(this.bb_pos + 33);
}

static sizeOf():number {
  return 40;
}

static createReportLimit(builder:flatbuffers.Builder, header_size: number, header_kind: number, header_version: number, header_client_id: number, header_incarnation: number, header_symbol_id: number, header_client_seq: number, loss_hundredths: number, reason: number, state: number):flatbuffers.Offset {
  builder.prep(8, 40);
  builder.pad(6);
  builder.writeInt8(state);
  builder.writeInt8(reason);
  builder.writeFloat64(loss_hundredths);
  builder.prep(8, 24);
  builder.writeFloat64(header_client_seq);
  builder.writeInt32(header_symbol_id);
  builder.writeInt32(header_incarnation);
  builder.writeInt32(header_client_id);
  builder.writeInt8(header_version);
  builder.writeInt8(header_kind);
  builder.writeInt16(header_size);
  return builder.offset();
}

}
