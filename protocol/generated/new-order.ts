// Generated from protocol/schema/command.fbs by npm run generate. Do not edit.

import * as flatbuffers from 'flatbuffers';

import { CommandHeader } from './command-header.ts';


export class NewOrder {
  bb: flatbuffers.ByteBuffer|null = null;
  bb_pos = 0;
  __init(i:number, bb:flatbuffers.ByteBuffer):NewOrder {
  this.bb_pos = i;
  this.bb = bb;
  return this;
}

header(obj?:CommandHeader):CommandHeader|null {
  return (obj || new CommandHeader()).__init(this.bb_pos, this.bb!);
}

side():number {
  return this.bb!.readUint8(this.bb_pos + 24);
}

orderType():number {
  return this.bb!.readUint8(this.bb_pos + 25);
}

timeInForce():number {
  return this.bb!.readUint8(this.bb_pos + 26);
}

flags():number {
  return this.bb!.readUint8(this.bb_pos + 27);
}

priceTicks():number {
  return this.bb!.readInt32(this.bb_pos + 28);
}

quantityLots():number {
  return this.bb!.readInt32(this.bb_pos + 32);
}

displayLots():number {
  return this.bb!.readInt32(this.bb_pos + 36);
}

minimumLots():number {
  return this.bb!.readInt32(this.bb_pos + 40);
}

triggerTicks():number {
  return this.bb!.readInt32(this.bb_pos + 44);
}

clientOrderId():number {
  return this.bb!.readUint32(this.bb_pos + 48);
}

linkedClientOrderId():number {
  return this.bb!.readUint32(this.bb_pos + 52);
}

expireTimeNs():number {
  return this.bb!.readFloat64(this.bb_pos + 56);
}

ownerGroup():number {
  return this.bb!.readUint32(this.bb_pos + 64);
}

selfTradePrevention():number {
  return this.bb!.readUint8(this.bb_pos + 68);
}

static sizeOf():number {
  return 72;
}

static createNewOrder(builder:flatbuffers.Builder, header_size: number, header_kind: number, header_version: number, header_client_id: number, header_incarnation: number, header_symbol_id: number, header_client_seq: number, side: number, order_type: number, time_in_force: number, flags: number, price_ticks: number, quantity_lots: number, display_lots: number, minimum_lots: number, trigger_ticks: number, client_order_id: number, linked_client_order_id: number, expire_time_ns: number, owner_group: number, self_trade_prevention: number):flatbuffers.Offset {
  builder.prep(8, 72);
  builder.pad(3);
  builder.writeInt8(self_trade_prevention);
  builder.writeInt32(owner_group);
  builder.writeFloat64(expire_time_ns);
  builder.writeInt32(linked_client_order_id);
  builder.writeInt32(client_order_id);
  builder.writeInt32(trigger_ticks);
  builder.writeInt32(minimum_lots);
  builder.writeInt32(display_lots);
  builder.writeInt32(quantity_lots);
  builder.writeInt32(price_ticks);
  builder.writeInt8(flags);
  builder.writeInt8(time_in_force);
  builder.writeInt8(order_type);
  builder.writeInt8(side);
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
