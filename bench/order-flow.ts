// The order flows of the matching benchmark: four little-endian int32 a command, op | side << 8, order id, price in
// ticks, quantity in lots. Order ids are dense from 1. A cancel or a replace names an order that was entered before.

export const OP_LIMIT = 0
export const OP_CANCEL = 1
export const OP_IOC = 2
export const OP_MARKET = 3
export const OP_REPLACE = 4

export type OrderFlow = {
  readonly name: string
  readonly words: Int32Array
  readonly commandCount: number
  readonly orderIdMax: number
}
