// The columns of a block and how each is predicted. Both directions of the codec share it.
//
//   id  column         numbers stored
//   1   WORD           one an event: which entry of the dictionary it is
//   2   DICTIONARY     the block's words: kind | flags << 8 | NEW_TIME, in order of first use
//   3   INSTRUMENT     one an event: the index
//   4   TIME           one for each NEW_TIME: difference of the exchange time to that of the event before (signed)
//   5   LATENCY        one an event: local minus exchange time, as difference to that of the event before (signed)
//   6   REFERENCE      one an event: where its order id is found, see below
//   7   NEW_ID         one for each NEW: difference to the last one of this column (signed)
//   8   SYNTHETIC_ID   one for each SYNTHETIC: the same
//   9   EARLIER_ID     one for each EARLIER: the same
//   10  PRICE          one an event: difference to the referenced event, else to the last event of the same instrument
//                      and side flags, wrapping at 32 bits (signed)
//   11  QUANTITY       one an event: difference to the referenced event, else the quantity (signed); with four bytes
//                      or less, no quantity of the block is 2^31 or more
//   12  SUB_TICKS      one for each OFF_TICK event (signed)
//   13  SEQUENCE       one an event: difference to one more than that of the event before (signed)
//
// Reference: 0 no order id; 1 NEW: the next of NEW_ID, for an ADD; 2 SYNTHETIC: the next of SYNTHETIC_ID, for a synthetic
// ADD; 3 EARLIER: the next of EARLIER_ID, for an order that an earlier block added; 3 + n: the order of the event n
// before. A cancel mostly follows its add within a block: then its id costs a distance, and price and quantity are 0.
//
// A difference of the first number is to the column's base. A column whose numbers are all 0 has width 0: only its base
// is stored. A column without meaning is left out.

export const ColumnId = {
  WORD: 1,
  DICTIONARY: 2,
  INSTRUMENT: 3,
  TIME: 4,
  LATENCY: 5,
  REFERENCE: 6,
  NEW_ID: 7,
  SYNTHETIC_ID: 8,
  EARLIER_ID: 9,
  PRICE: 10,
  QUANTITY: 11,
  SUB_TICKS: 12,
  SEQUENCE: 13,
} as const
export type ColumnId = (typeof ColumnId)[keyof typeof ColumnId]

export const COLUMN_ID_MAX = 13
/** Columns from this id on add something that a reader may skip when it does not know it. */
export const OPTIONAL_COLUMN_ID_MIN = 128

/** uint32 number of columns, uint32 zero; then the entries, then the planes of each column in turn. */
export const DIRECTORY_HEADER_SIZE = 8
/** uint8 id, uint8 width, uint16 zero, uint32 count of numbers, float64 base. */
export const DIRECTORY_ENTRY_SIZE = 16
export const DIRECTORY_COUNT_MAX = 64

/** Bit of a word: the event has another exchange time than the one before, or is the first. */
export const NEW_TIME = 1 << 24

export const Reference = { NONE: 0, NEW: 1, SYNTHETIC: 2, EARLIER: 3 } as const
