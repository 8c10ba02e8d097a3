// Every bound on what a peer can make a connection hold or wait for, each with
// its reason. The handler and server fields that change them refer to these.

/**
 * Default for a handler's `timeout`, in seconds: how long a peer may stay silent,
 * take for one header block, or not read what it is sent. CPython has none, so that
 * one silent client holds a thread for ever; a minute is what nginx gives too.
 */
export const DEFAULT_TIMEOUT = 60;

/**
 * How much of a request body that no handler read is read and dropped to keep the
 * connection, in bytes; beyond it, closing is cheaper than reading on. Go's number.
 */
export const MAX_DRAIN = 256 * 1024;

/**
 * How long reading and dropping such a body may take, in milliseconds: an honest
 * client has sent 256 KiB by then, and one that dribbles must not keep its place.
 */
export const DRAIN_TIME = 5_000;

/** The longest that a timer can be set for, in milliseconds; anything above it would ring at once. */
export const MAX_DELAY = 2 ** 31 - 1;

/**
 * How long a closing connection still reads what the peer sends, in milliseconds.
 * A close with unread input resets the connection, and the reset can overtake the
 * answer; within this time the peer sees the answer and stops sending.
 */
export const LINGER_TIME = 2_000;

/**
 * The most that `rfile.read()` without a size collects, in bytes: whoever expects
 * more than this in one piece of memory reads in pieces.
 */
export const MAX_READ_ALL = 256 * 1024 * 1024;

/** How much is read from a socket at once for a body, in bytes. */
export const READ_SIZE = 65_536;

/** The least room that a read of a request's head or body gets, in bytes. */
export const HEAD_READ_SIZE = 4_096;

/**
 * The room that a read gets while a connection is idle, in bytes: it is what every idle
 * connection holds. Each head that fills it doubles it for the next, up to `HEAD_READ_SIZE`.
 */
export const IDLE_READ_SIZE = 512;

/** The staging buffer that joins small writes, in bytes: header block and small body leave together. */
export const WRITE_SIZE = 65_536;

/** How many bytes may wait in a writer before `write()` makes its caller wait. */
export const WRITE_HIGH_WATER = 256 * 1024;
