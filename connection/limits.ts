// The limits on what a peer can make a connection hold or wait for, with their reasons, and
// the longest delay of a timer. Those of a request's head come from the parser; those of chunk
// framing are in `parser/chunked.ts`. The field `timeout` of handlers overrides
// `DEFAULT_TIMEOUT`. How many connections there may be is in `server/tcp.ts`, how many TLS
// handshakes in `server/tls_listener.ts`.

export {
  MAX_EMPTY_LINES,
  MAX_HEADER_BYTES,
  MAX_HEADER_LINES,
  MAX_LINE,
} from "../parser/line_reader.ts";

/**
 * The default `timeout` of a handler, in seconds: how long a peer may stay silent, take to
 * send a header block, or not read the response. CPython has none, so one silent client
 * blocks a thread forever. nginx's default is also 60.
 */
export const DEFAULT_TIMEOUT = 60;

/**
 * How much longer an idle connection stays open than its `idleTimeout` announces, in seconds, so
 * that a request of a client that uses all of it still arrives.
 */
export const IDLE_SLACK = 1;

/**
 * How many bytes of an unread request body to drop to keep the connection open. Beyond it,
 * closing is cheaper. Go uses the same limit.
 */
export const MAX_DRAIN = 256 * 1024;

/**
 * How long dropping such a body may take, in milliseconds. Ordinary clients send 256 KiB in
 * that time; slow ones must not hold a connection.
 */
export const DRAIN_TIME = 5_000;

/** The longest delay of a timer, in milliseconds. `setTimeout()` fires at once for anything longer. */
export const MAX_DELAY = 2 ** 31 - 1;

/**
 * How long a closing connection keeps reading, in milliseconds. Closing with unread input
 * sends a reset, which can overtake the response; in this time the client reads the
 * response and stops sending.
 */
export const LINGER_TIME = 2_000;

/**
 * The most bytes that `rfile.read()` without a size collects. Read larger bodies in pieces.
 */
export const MAX_READ_ALL = 256 * 1024 * 1024;

/** The memory that a line of `readlines()` takes in addition to its bytes. */
export const LINE_COST = 512;

/** How many bytes of a body to read from a socket at once. */
export const READ_SIZE = 65_536;

/** The smallest buffer for reading a head or body, in bytes. */
export const HEAD_READ_SIZE = 4_096;

/**
 * The read buffer of an idle connection, in bytes. It doubles with each head that fills it,
 * up to `HEAD_READ_SIZE`.
 */
export const IDLE_READ_SIZE = 512;

/** The size of the buffer that joins small writes, in bytes: header block and small body are sent together. */
export const WRITE_SIZE = 65_536;

/** How many unused buffers for writing to keep: enough for connections that write at the same time. */
export const MAX_SPARE_BUFFERS = 64;

/** How many unsent bytes make `write()` wait. */
export const WRITE_HIGH_WATER = 256 * 1024;
