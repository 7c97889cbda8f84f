// Generated from protocol/schema/execution.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

export class Execution {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):Execution {
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

execSeq():number {
  return this.bb!.readFloat64(this.bb_pos + 8);
}

clientSeq():number {
  return this.bb!.readFloat64(this.bb_pos + 16);
}

recordSeq():number {
  return this.bb!.readFloat64(this.bb_pos + 24);
}

timeNs():number {
  return this.bb!.readFloat64(this.bb_pos + 32);
}

orderId():number {
  return this.bb!.readFloat64(this.bb_pos + 40);
}

tradeId():number {
  return this.bb!.readFloat64(this.bb_pos + 48);
}

priceTicks():number {
  return this.bb!.readInt32(this.bb_pos + 56);
}

quantityLots():number {
  return this.bb!.readInt32(this.bb_pos + 60);
}

leavesLots():number {
  return this.bb!.readInt32(this.bb_pos + 64);
}

clientOrderId():number {
  return this.bb!.readUint32(this.bb_pos + 68);
}

bidLots():number {
  return this.bb!.readInt32(this.bb_pos + 72);
}

askLots():number {
  return this.bb!.readInt32(this.bb_pos + 76);
}

value():number {
  return this.bb!.readFloat64(this.bb_pos + 80);
}

incarnation():number {
  return this.bb!.readUint32(this.bb_pos + 88);
}

askTicks():number {
  return this.bb!.readInt32(this.bb_pos + 92);
}

static sizeOf():number {
  return 96;
}

static createExecution(builder:flatbuffers.Builder, kind: number, side: number, reason: number, flags: number, symbol_id: number, exec_seq: number, client_seq: number, record_seq: number, time_ns: number, order_id: number, trade_id: number, price_ticks: number, quantity_lots: number, leaves_lots: number, client_order_id: number, bid_lots: number, ask_lots: number, value: number, incarnation: number, ask_ticks: number):flatbuffers.Offset {
  builder.prep(8, 96);
  builder.writeInt32(ask_ticks);
  builder.writeInt32(incarnation);
  builder.writeFloat64(value);
  builder.writeInt32(ask_lots);
  builder.writeInt32(bid_lots);
  builder.writeInt32(client_order_id);
  builder.writeInt32(leaves_lots);
  builder.writeInt32(quantity_lots);
  builder.writeInt32(price_ticks);
  builder.writeFloat64(trade_id);
  builder.writeFloat64(order_id);
  builder.writeFloat64(time_ns);
  builder.writeFloat64(record_seq);
  builder.writeFloat64(client_seq);
  builder.writeFloat64(exec_seq);
  builder.writeInt32(symbol_id);
  builder.writeInt8(flags);
  builder.writeInt8(reason);
  builder.writeInt8(side);
  builder.writeInt8(kind);
  return builder.offset();
}

}
