// Generated from protocol/schema/market_data.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

export class Position {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):Position {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

symbolId():number {
  return this.bb!.readInt32(this.bb_pos);
}

side():number {
  return this.bb!.readUint8(this.bb_pos + 4);
}

fillTicks():number {
  return this.bb!.readInt32(this.bb_pos + 8);
}

fillLots():number {
  return this.bb!.readInt32(this.bb_pos + 12);
}

netLots():number {
  return this.bb!.readFloat64(this.bb_pos + 16);
}

version():number {
  return this.bb!.readFloat64(this.bb_pos + 24);
}

lastTradeId():number {
  return this.bb!.readFloat64(this.bb_pos + 32);
}

cashTickLots():number {
  return this.bb!.readFloat64(this.bb_pos + 40);
}

timeNs():number {
  return this.bb!.readFloat64(this.bb_pos + 48);
}

static sizeOf():number {
  return 56;
}

static createPosition(builder:flatbuffers.Builder, symbol_id: number, side: number, fill_ticks: number, fill_lots: number, net_lots: number, version: number, last_trade_id: number, cash_tick_lots: number, time_ns: number):flatbuffers.Offset {
  builder.prep(8, 56);
  builder.writeFloat64(time_ns);
  builder.writeFloat64(cash_tick_lots);
  builder.writeFloat64(last_trade_id);
  builder.writeFloat64(version);
  builder.writeFloat64(net_lots);
  builder.writeInt32(fill_lots);
  builder.writeInt32(fill_ticks);
  builder.pad(3);
  builder.writeInt8(side);
  builder.writeInt32(symbol_id);
  return builder.offset();
}

}
