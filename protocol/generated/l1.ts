// Generated from protocol/schema/market_data.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

export class L1 {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):L1 {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

bidTicks():number {
  return this.bb!.readInt32(this.bb_pos);
}

bidLots():number {
  return this.bb!.readInt32(this.bb_pos + 4);
}

askTicks():number {
  return this.bb!.readInt32(this.bb_pos + 8);
}

askLots():number {
  return this.bb!.readInt32(this.bb_pos + 12);
}

lastTradeTicks():number {
  return this.bb!.readInt32(this.bb_pos + 16);
}

lastTradeLots():number {
  return this.bb!.readInt32(this.bb_pos + 20);
}

referenceTicks():number {
  return this.bb!.readInt32(this.bb_pos + 24);
}

phase():number {
  return this.bb!.readUint8(this.bb_pos + 28);
}

static sizeOf():number {
  return 32;
}

static createL1(builder:flatbuffers.Builder, bid_ticks: number, bid_lots: number, ask_ticks: number, ask_lots: number, last_trade_ticks: number, last_trade_lots: number, reference_ticks: number, phase: number):flatbuffers.Offset {
  builder.prep(4, 32);
  builder.pad(3);
  builder.writeInt8(phase);
  builder.writeInt32(reference_ticks);
  builder.writeInt32(last_trade_lots);
  builder.writeInt32(last_trade_ticks);
  builder.writeInt32(ask_lots);
  builder.writeInt32(ask_ticks);
  builder.writeInt32(bid_lots);
  builder.writeInt32(bid_ticks);
  return builder.offset();
}

}
