// Runs a case without a network: a socket that returns its bytes in chosen pieces, under
// a real connection and a real handler, called as a server calls them.

import type {
  RequestHandlerClass,
  ServerContext,
} from "../../../handlers/mod.ts";
import { Connection } from "../../../server/mod.ts";
import { decodeLatin1 } from "../../../text/latin1.ts";
import type { Outcome } from "./_case.ts";
import { type Log, statusesIn } from "./_recorder.ts";

const SERVER: ServerContext = {
  server_address: ["127.0.0.1", 8000],
  server_name: "127.0.0.1",
  server_port: 8000,
  shutdown: () => Promise.resolve(),
};

/** The port of every client; the cases run one at a time. */
const PORT = 40_000;

const ADDRESS: Deno.NetAddr = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: PORT,
};

/** A socket that returns pieces and then EOF. */
class PieceConn {
  readonly remoteAddr = ADDRESS;
  readonly localAddr = ADDRESS;
  received = "";
  readonly #pieces: Iterator<Uint8Array>;
  #left: Uint8Array | undefined;
  #closed = false;

  constructor(pieces: Iterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.iterator]();
  }

  read(into: Uint8Array): Promise<number | null> {
    if (this.#closed) return Promise.reject(new Deno.errors.BadResource());
    this.#left ??= this.#pieces.next().value;
    const piece = this.#left;
    if (piece === undefined) return Promise.resolve(null);
    const size = Math.min(piece.length, into.length);
    into.set(piece.subarray(0, size));
    this.#left = size < piece.length ? piece.subarray(size) : undefined;
    return Promise.resolve(size);
  }

  write(data: Uint8Array): Promise<number> {
    if (this.#closed) return Promise.reject(new Deno.errors.BadResource());
    this.received += decodeLatin1(data);
    return Promise.resolve(data.length);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.#closed = true;
  }
}

/** Runs a handler on bytes that arrive in these pieces, and returns the outcome. */
export async function run(
  Handler: RequestHandlerClass,
  log: Log,
  pieces: Iterable<Uint8Array>,
): Promise<Omit<Outcome, "open">> {
  const conn = new PieceConn(pieces);
  const seen: string[] = [];
  log.set(PORT, seen);
  const connection = new Connection(conn as unknown as Deno.Conn);
  try {
    const handler = new Handler(connection, ["127.0.0.1", PORT], SERVER);
    await handler.setup();
    try {
      await handler.handle();
    } finally {
      await handler.finish();
    }
    await connection.shutdown();
  } finally {
    connection.close();
  }
  return { seen, statuses: statusesIn(conn.received) };
}

/** Inputs up to this size are split at each boundary, longer ones near line ends and at both ends. */
const ALL_BOUNDARIES = 400;

/** The most boundaries of a long input. */
const MAX_BOUNDARIES = 100;

/** The positions at which to split the first `length` bytes of an input, including their end. */
export function boundaries(bytes: Uint8Array, length: number): number[] {
  const last = Math.min(length, bytes.length - 1);
  const all = Array.from({ length: last }, (_, index) => index + 1);
  if (length <= ALL_BOUNDARIES) return all;
  const near = (at: number) =>
    at < 20 || at > length - 20 ||
    [at - 2, at - 1, at].some((index) =>
      bytes[index] === 0x0a || bytes[index] === 0x0d
    );
  const kept = all.filter(near);
  const half = MAX_BOUNDARIES / 2;
  return [...new Set([...kept.slice(0, half), ...kept.slice(-half)])];
}

/** The most pieces of one byte; a longer input arrives in larger pieces. */
const MAX_PIECES = 10_000;

/** Splits an input into single bytes. */
export function* bytewise(bytes: Uint8Array): Iterable<Uint8Array> {
  const size = Math.ceil(bytes.length / MAX_PIECES);
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
  }
}

/** How long a case may take over a socket, in milliseconds. */
const PATIENCE = 8_000;

/** Runs a case over a socket, with all bytes at once; `ends` closes the client's side after them. */
export async function runOnSocket(
  port: number,
  log: Log,
  bytes: Uint8Array,
  ends = false,
): Promise<Omit<Outcome, "open">> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const seen: string[] = [];
  log.set(conn.localAddr.port, seen);
  const timer = setTimeout(() => conn.close(), PATIENCE);
  let received = "";
  const send = async () => {
    for (let at = 0; at < bytes.length;) {
      at += await conn.write(bytes.subarray(at));
    }
    if (ends) await conn.closeWrite();
  };
  try {
    const sent = send().catch(ifRefused);
    const buffer = new Uint8Array(65_536);
    for (let count; (count = await conn.read(buffer)) !== null;) {
      received += decodeLatin1(buffer.subarray(0, count));
    }
    await sent;
  } finally {
    clearTimeout(timer);
  }
  return { seen, statuses: statusesIn(received) };
}

/** Ignores that a server closed during a write; what it sent before can still be read. */
function ifRefused(error: unknown): void {
  if (
    !(error instanceof Deno.errors.ConnectionReset ||
      error instanceof Deno.errors.BrokenPipe)
  ) throw error;
}
