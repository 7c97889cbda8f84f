// Generated from protocol/schema/command.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

import { CommandHeader } from './command-header.ts';


export class Quote {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):Quote {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

header(obj?:CommandHeader):CommandHeader|null {
  return (obj || new CommandHeader()).__init(this.bb_pos, this.bb!);
}

quoteId():number {
  return this.bb!.readUint32(this.bb_pos + 24);
}

bidTicks():number {
  return this.bb!.readInt32(this.bb_pos + 28);
}

bidLots():number {
  return this.bb!.readInt32(this.bb_pos + 32);
}

askTicks():number {
  return this.bb!.readInt32(this.bb_pos + 36);
}

askLots():number {
  return this.bb!.readInt32(this.bb_pos + 40);
}

positionVersion():number {
  return this.bb!.readFloat64(this.bb_pos + 48);
}

fencingToken():number {
  return this.bb!.readFloat64(this.bb_pos + 56);
}

ttlNs():number {
  return this.bb!.readFloat64(this.bb_pos + 64);
}

static sizeOf():number {
  return 72;
}

static createQuote(builder:flatbuffers.Builder, header_size: number, header_kind: number, header_version: number, header_client_id: number, header_incarnation: number, header_symbol_id: number, header_client_seq: number, quote_id: number, bid_ticks: number, bid_lots: number, ask_ticks: number, ask_lots: number, position_version: number, fencing_token: number, ttl_ns: number):flatbuffers.Offset {
  builder.prep(8, 72);
  builder.writeFloat64(ttl_ns);
  builder.writeFloat64(fencing_token);
  builder.writeFloat64(position_version);
  builder.pad(4);
  builder.writeInt32(ask_lots);
  builder.writeInt32(ask_ticks);
  builder.writeInt32(bid_lots);
  builder.writeInt32(bid_ticks);
  builder.writeInt32(quote_id);
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
