// Generated from protocol/schema/command.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

import { CommandHeader } from './command-header.ts';


export class ReplaceOrder {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):ReplaceOrder {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

header(obj?:CommandHeader):CommandHeader|null {
  return (obj || new CommandHeader()).__init(this.bb_pos, this.bb!);
}

orderId():number {
  return this.bb!.readFloat64(this.bb_pos + 24);
}

clientOrderId():number {
  return this.bb!.readUint32(this.bb_pos + 32);
}

priceTicks():number {
  return this.bb!.readInt32(this.bb_pos + 36);
}

quantityLots():number {
  return this.bb!.readInt32(this.bb_pos + 40);
}

flags():number {
  return this.bb!.readUint8(this.bb_pos + 44);
}

static sizeOf():number {
  return 48;
}

static createReplaceOrder(builder:flatbuffers.Builder, header_size: number, header_kind: number, header_version: number, header_client_id: number, header_incarnation: number, header_symbol_id: number, header_client_seq: number, order_id: number, client_order_id: number, price_ticks: number, quantity_lots: number, flags: number):flatbuffers.Offset {
  builder.prep(8, 48);
  builder.pad(3);
  builder.writeInt8(flags);
  builder.writeInt32(quantity_lots);
  builder.writeInt32(price_ticks);
  builder.writeInt32(client_order_id);
  builder.writeFloat64(order_id);
  builder.prep(8, 24);
  builder.writeFloat64(header_client_seq);
  builder.writeInt32(header_symbol_id);
  builder.writeInt32(header_incarnation);
  builder.writeInt32(header_client_id);
  builder.writeInt8(header_version);
  builder.writeInt8(header_kind);
  builder.writeInt16(header_size);
  return builder.offset();
}

}
