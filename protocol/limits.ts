// Every bound of the system, in one place. Full means a clear refusal, never growth.

/** Symbols of one cluster. */
export const SYMBOL_COUNT_MAX = 1_024
/** Clients that may have a session at the same time. */
export const SESSION_COUNT_MAX = 1_024
/** Client ids are 1 .. this. Zero is the engine itself. */
export const CLIENT_ID_MAX = 1_000_000
/** Answered commands that the replicated state remembers per client; a client may have this many in flight. */
export const REPLY_COUNT_MAX = 1_024
/** Resting and waiting orders of one exchange, over all symbols. */
export const ORDER_COUNT_MAX = 1 << 22
/** Highest price, in ticks. Prices start at 1. */
export const PRICE_TICKS_MAX = 2_147_483_647
/** Largest quantity of one order, in lots. */
export const QUANTITY_LOTS_MAX = 1_000_000_000
/** Slices that an iceberg may be shown in: it may be this many times what it displays. */
export const ICEBERG_SLICE_COUNT_MAX = 1_000
/** Bytes of one message: a batch of commands, a frame of events. */
export const MESSAGE_SIZE_MAX = 256 * 1024
/** Bytes of one command but GENESIS. */
export const COMMAND_SIZE_MAX = 1_024
/** Entries of one mass quote: what a command has room for. */
export const MASS_QUOTE_COUNT_MAX = 24
/** Bytes of the GENESIS command's configuration. */
export const GENESIS_SIZE_MAX = 512 * 1024
/** Bytes of the segments of one engine's journal, where it is told nothing else: several times what two snapshots keep. */
export const JOURNAL_SIZE_DEFAULT = 4 * 1024 ** 3
/** Commands waiting in one engine's ingress. */
export const INGRESS_COUNT_MAX = 65_536
/** Execution reports kept per client for resending. */
export const RESEND_COUNT_MAX = 8_192

/** Sum of active quote quantities per side, over all symbols; also the bound of one symbol's position. Lots. */
export const EXPOSURE_LOTS_DEFAULT = 100
/** The longest that a quote may ask to live. */
export const QUOTE_TTL_NS_MAX = 3_600_000_000_000
/** An open session that has sent nothing for this long may be forgotten when room is needed. */
export const SESSION_IDLE_NS_MAX = 3_600_000_000_000
/** Strategy nodes that may be present at the same time. */
export const NODE_COUNT_MAX = 64
/** How long a symbol contends for exposure after it last asked: two refreshes of a quote. */
export const WISH_NS = 10_000_000_000
/** Fills of the desk kept in memory for queries. */
export const FILL_COUNT_MAX = 65_536
