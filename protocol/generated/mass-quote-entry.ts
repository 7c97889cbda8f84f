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

fencingToken():number {
  return this.bb!.readFloat64(this.bb_pos + 8);
}

symbolId():number {
  return this.bb!.readInt32(this.bb_pos + 16);
}

bidTicks():number {
  return this.bb!.readInt32(this.bb_pos + 20);
}

bidLots():number {
  return this.bb!.readInt32(this.bb_pos + 24);
}

askTicks():number {
  return this.bb!.readInt32(this.bb_pos + 28);
}

askLots():number {
  return this.bb!.readInt32(this.bb_pos + 32);
}

static sizeOf():number {
  return 40;
}

static createMassQuoteEntry(builder:flatbuffers.Builder, position_version: number, fencing_token: number, symbol_id: number, bid_ticks: number, bid_lots: number, ask_ticks: number, ask_lots: number):flatbuffers.Offset {
  builder.prep(8, 40);
  builder.pad(4);
  builder.writeInt32(ask_lots);
  builder.writeInt32(ask_ticks);
  builder.writeInt32(bid_lots);
  builder.writeInt32(bid_ticks);
  builder.writeInt32(symbol_id);
  builder.writeFloat64(fencing_token);
  builder.writeFloat64(position_version);
  return builder.offset();
}

}
