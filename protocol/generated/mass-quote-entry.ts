// Generated from protocol/schema/command.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

export class MassQuoteEntry {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):MassQuoteEntry {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

positionVersion():number {
  return this.bb!.readFloat64(this.bb_pos);
}

symbolId():number {
  return this.bb!.readInt32(this.bb_pos + 8);
}

bidTicks():number {
  return this.bb!.readInt32(this.bb_pos + 12);
}

bidLots():number {
  return this.bb!.readInt32(this.bb_pos + 16);
}

askTicks():number {
  return this.bb!.readInt32(this.bb_pos + 20);
}

askLots():number {
  return this.bb!.readInt32(this.bb_pos + 24);
}

static sizeOf():number {
  return 32;
}

static createMassQuoteEntry(builder:flatbuffers.Builder, position_version: number, symbol_id: number, bid_ticks: number, bid_lots: number, ask_ticks: number, ask_lots: number):flatbuffers.Offset {
  builder.prep(8, 32);
  builder.pad(4);
  builder.writeInt32(ask_lots);
  builder.writeInt32(ask_ticks);
  builder.writeInt32(bid_lots);
  builder.writeInt32(bid_ticks);
  builder.writeInt32(symbol_id);
  builder.writeFloat64(position_version);
  return builder.offset();
}

}
