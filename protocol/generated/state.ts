// Generated from protocol/schema/market_data.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

export class State {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):State {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

phase():number {
  return this.bb!.readUint8(this.bb_pos);
}

surplusSide():number {
  return this.bb!.readUint8(this.bb_pos + 1);
}

indicativeTicks():number {
  return this.bb!.readInt32(this.bb_pos + 4);
}

indicativeLots():number {
  return this.bb!.readFloat64(this.bb_pos + 8);
}

surplusLots():number {
  return this.bb!.readFloat64(this.bb_pos + 16);
}

openTicks():number {
  return this.bb!.readInt32(this.bb_pos + 24);
}

highTicks():number {
  return this.bb!.readInt32(this.bb_pos + 28);
}

lowTicks():number {
  return this.bb!.readInt32(this.bb_pos + 32);
}

lastTicks():number {
  return this.bb!.readInt32(this.bb_pos + 36);
}

tradeCount():number {
  return this.bb!.readFloat64(this.bb_pos + 40);
}

volumeLots():number {
  return this.bb!.readFloat64(this.bb_pos + 48);
}

turnoverHigh():number {
  return this.bb!.readFloat64(this.bb_pos + 56);
}

turnoverLow():number {
  return this.bb!.readFloat64(this.bb_pos + 64);
}

static sizeOf():number {
  return 72;
}

static createState(builder:flatbuffers.Builder, phase: number, surplus_side: number, indicative_ticks: number, indicative_lots: number, surplus_lots: number, open_ticks: number, high_ticks: number, low_ticks: number, last_ticks: number, trade_count: number, volume_lots: number, turnover_high: number, turnover_low: number):flatbuffers.Offset {
  builder.prep(8, 72);
  builder.writeFloat64(turnover_low);
  builder.writeFloat64(turnover_high);
  builder.writeFloat64(volume_lots);
  builder.writeFloat64(trade_count);
  builder.writeInt32(last_ticks);
  builder.writeInt32(low_ticks);
  builder.writeInt32(high_ticks);
  builder.writeInt32(open_ticks);
  builder.writeFloat64(surplus_lots);
  builder.writeFloat64(indicative_lots);
  builder.writeInt32(indicative_ticks);
  builder.pad(2);
  builder.writeInt8(surplus_side);
  builder.writeInt8(phase);
  return builder.offset();
}

}
