// Generated from protocol/schema/market_data.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

export class L2 {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):L2 {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

side():number {
  return this.bb!.readUint8(this.bb_pos);
}

priceTicks():number {
  return this.bb!.readInt32(this.bb_pos + 4);
}

quantityLots():number {
  return this.bb!.readInt32(this.bb_pos + 8);
}

orderCount():number {
  return this.bb!.readInt32(this.bb_pos + 12);
}

static sizeOf():number {
  return 16;
}

static createL2(builder:flatbuffers.Builder, side: number, price_ticks: number, quantity_lots: number, order_count: number):flatbuffers.Offset {
  builder.prep(4, 16);
  builder.writeInt32(order_count);
  builder.writeInt32(quantity_lots);
  builder.writeInt32(price_ticks);
  builder.pad(3);
  builder.writeInt8(side);
  return builder.offset();
}

}
