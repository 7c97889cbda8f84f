// Generated from protocol/schema/market_data.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

export class L3 {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):L3 {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

action():number {
  return this.bb!.readUint8(this.bb_pos);
}

side():number {
  return this.bb!.readUint8(this.bb_pos + 1);
}

flags():number {
  return this.bb!.readUint8(this.bb_pos + 2);
}

priceTicks():number {
  return this.bb!.readInt32(this.bb_pos + 4);
}

orderId():number {
  return this.bb!.readFloat64(this.bb_pos + 8);
}

quantityLots():number {
  return this.bb!.readInt32(this.bb_pos + 16);
}

leavesLots():number {
  return this.bb!.readInt32(this.bb_pos + 20);
}

tradeId():number {
  return this.bb!.readFloat64(this.bb_pos + 24);
}

seq():number {
  return this.bb!.readFloat64(this.bb_pos + 32);
}

static sizeOf():number {
  return 40;
}

static createL3(builder:flatbuffers.Builder, action: number, side: number, flags: number, price_ticks: number, order_id: number, quantity_lots: number, leaves_lots: number, trade_id: number, seq: number):flatbuffers.Offset {
  builder.prep(8, 40);
  builder.writeFloat64(seq);
  builder.writeFloat64(trade_id);
  builder.writeInt32(leaves_lots);
  builder.writeInt32(quantity_lots);
  builder.writeFloat64(order_id);
  builder.writeInt32(price_ticks);
  builder.pad(1);
  builder.writeInt8(flags);
  builder.writeInt8(side);
  builder.writeInt8(action);
  return builder.offset();
}

}
