// Generated from protocol/schema/command.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

import { CommandHeader } from './command-header.ts';


export class ReleaseAuthority {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):ReleaseAuthority {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

header(obj?:CommandHeader):CommandHeader|null {
  return (obj || new CommandHeader()).__init(this.bb_pos, this.bb!);
}

fencingToken():number {
  return this.bb!.readFloat64(this.bb_pos + 24);
}

static sizeOf():number {
  return 32;
}

static createReleaseAuthority(builder:flatbuffers.Builder, header_size: number, header_kind: number, header_version: number, header_client_id: number, header_incarnation: number, header_symbol_id: number, header_client_seq: number, fencing_token: number):flatbuffers.Offset {
  builder.prep(8, 32);
  builder.writeFloat64(fencing_token);
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
