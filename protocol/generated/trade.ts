// Generated from protocol/schema/market_data.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

export class Trade {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):Trade {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

tradeId():number {
  return this.bb!.readFloat64(this.bb_pos);
}

priceTicks():number {
  return this.bb!.readInt32(this.bb_pos + 8);
}

quantityLots():number {
  return this.bb!.readInt32(this.bb_pos + 12);
}

aggressorSide():number {
  return this.bb!.readUint8(this.bb_pos + 16);
}

auction():number {
  return this.bb!.readUint8(this.bb_pos + 17);
}

seq():number {
  return this.bb!.readFloat64(this.bb_pos + 24);
}

timeNs():number {
  return this.bb!.readFloat64(this.bb_pos + 32);
}

static sizeOf():number {
  return 40;
}

static createTrade(builder:flatbuffers.Builder, trade_id: number, price_ticks: number, quantity_lots: number, aggressor_side: number, auction: number, seq: number, time_ns: number):flatbuffers.Offset {
  builder.prep(8, 40);
  builder.writeFloat64(time_ns);
  builder.writeFloat64(seq);
  builder.pad(6);
  builder.writeInt8(auction);
  builder.writeInt8(aggressor_side);
  builder.writeInt32(quantity_lots);
  builder.writeInt32(price_ticks);
  builder.writeFloat64(trade_id);
  return builder.offset();
}

}
