// Generated from protocol/schema/event.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

export class Event {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):Event {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

kind():number {
  return this.bb!.readUint8(this.bb_pos);
}

side():number {
  return this.bb!.readUint8(this.bb_pos + 1);
}

reason():number {
  return this.bb!.readUint8(this.bb_pos + 2);
}

flags():number {
  return this.bb!.readUint8(this.bb_pos + 3);
}

symbolId():number {
  return this.bb!.readInt32(this.bb_pos + 4);
}

orderId():number {
  return this.bb!.readFloat64(this.bb_pos + 8);
}

contraOrderId():number {
  return this.bb!.readFloat64(this.bb_pos + 16);
}

tradeId():number {
  return this.bb!.readFloat64(this.bb_pos + 24);
}

priceTicks():number {
  return this.bb!.readInt32(this.bb_pos + 32);
}

quantityLots():number {
  return this.bb!.readInt32(this.bb_pos + 36);
}

leavesLots():number {
  return this.bb!.readInt32(this.bb_pos + 40);
}

contraLeavesLots():number {
  return this.bb!.readInt32(this.bb_pos + 44);
}

clientId():number {
  return this.bb!.readUint32(this.bb_pos + 48);
}

contraClientId():number {
  return this.bb!.readUint32(this.bb_pos + 52);
}

clientOrderId():number {
  return this.bb!.readUint32(this.bb_pos + 56);
}

contraClientOrderId():number {
  return this.bb!.readUint32(this.bb_pos + 60);
}

static sizeOf():number {
  return 64;
}

static createEvent(builder:flatbuffers.Builder, kind: number, side: number, reason: number, flags: number, symbol_id: number, order_id: number, contra_order_id: number, trade_id: number, price_ticks: number, quantity_lots: number, leaves_lots: number, contra_leaves_lots: number, client_id: number, contra_client_id: number, client_order_id: number, contra_client_order_id: number):flatbuffers.Offset {
  builder.prep(8, 64);
  builder.writeInt32(contra_client_order_id);
  builder.writeInt32(client_order_id);
  builder.writeInt32(contra_client_id);
  builder.writeInt32(client_id);
  builder.writeInt32(contra_leaves_lots);
  builder.writeInt32(leaves_lots);
  builder.writeInt32(quantity_lots);
  builder.writeInt32(price_ticks);
  builder.writeFloat64(trade_id);
  builder.writeFloat64(contra_order_id);
  builder.writeFloat64(order_id);
  builder.writeInt32(symbol_id);
  builder.writeInt8(flags);
  builder.writeInt8(reason);
  builder.writeInt8(side);
  builder.writeInt8(kind);
  return builder.offset();
}

}
