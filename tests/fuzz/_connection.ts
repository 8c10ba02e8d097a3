// A whole connection in memory: bytes in, a handler, bytes out.

import { Connection } from "../../connection/connection.ts";
import type { BaseHTTPRequestHandler } from "../../handlers/base.ts";
import type {
  RequestHandlerClass,
  ServerContext,
} from "../../handlers/types.ts";
import { decodeLatin1, encodeLatin1 } from "../../text/latin1.ts";
import type { Asked } from "./_responses.ts";

/** How long a conversation may take, in milliseconds; it waits for nothing external. */
const TIME = 10_000;

/** How many reads may follow the end of the input. */
const MAX_READS_AT_END = 50;

/** A socket whose peer sends pieces, closes its side and receives all output. */
class MemoryConn implements
  Pick<
    Deno.Conn,
    "read" | "write" | "close" | "closeWrite" | "remoteAddr" | "localAddr"
  > {
  readonly remoteAddr: Deno.NetAddr = {
    transport: "tcp",
    hostname: "192.0.2.1",
    port: 5000,
  };
  readonly localAddr: Deno.NetAddr = {
    transport: "tcp",
    hostname: "192.0.2.2",
    port: 80,
  };
  readonly #pieces: Uint8Array[];
  readonly #delay: number;
  /** The bytes that the peer received. */
  output = "";
  closed = false;
  #readsAtEnd = 0;
  #reading = false;

  constructor(pieces: readonly string[], delay: number) {
    this.#pieces = pieces.map(encodeLatin1);
    this.#delay = delay;
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.closed) throw new Deno.errors.BadResource("It is closed");
    if (this.#reading) throw new Error("Two reads at once");
    this.#reading = true;
    for (let turn = 0; turn < this.#delay; turn++) await undefined;
    this.#reading = false;
    const piece = this.#pieces.shift();
    if (piece === undefined) {
      if (++this.#readsAtEnd > MAX_READS_AT_END) {
        throw new Error("It reads for ever");
      }
      return null;
    }
    const size = Math.min(piece.length, into.length);
    into.set(piece.subarray(0, size));
    if (size < piece.length) this.#pieces.unshift(piece.subarray(size));
    return size;
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (this.closed) throw new Deno.errors.BadResource("It is closed");
    const size = Math.min(bytes.length, 4_000);
    this.output += decodeLatin1(bytes, 0, size);
    await undefined;
    return size;
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    if (this.closed) throw new Deno.errors.BadResource("It is closed");
    this.closed = true;
  }
}

const SERVER: ServerContext = {
  server_address: ["192.0.2.2", 80],
  server_name: "a.test",
  server_port: 80,
  shutdown: () => Promise.resolve(),
};

/** The outcome of a connection. */
export interface Conversation {
  /** All that the server sent, without `Date` fields. */
  readonly output: string;
  /** The requests that were responded to, in order. */
  readonly asked: readonly Asked[];
  /** The error of `handle()`. */
  readonly error: unknown;
}

type HandlerClass = new (
  ...args: ConstructorParameters<RequestHandlerClass>
) => BaseHTTPRequestHandler;

/**
 * Runs a handler on a connection until it is closed.
 *
 * @param Handler The handler's class.
 * @param pieces The client's data, after which it closes its side.
 * @param delay The turns after which each piece arrives.
 * @returns The outcome.
 * @throws {Error} If it does not end, or the socket is not closed.
 */
export async function converse(
  Handler: HandlerClass,
  pieces: readonly string[],
  delay: number = 0,
): Promise<Conversation> {
  const conn = new MemoryConn(pieces, delay);
  const connection = new Connection(conn as unknown as Deno.Conn);
  const handler = new Handler(connection, connection.client_address, SERVER);
  const asked = watchResponses(handler);
  let error: unknown;
  await inTime((async () => {
    try {
      await handler.setup();
      try {
        await handler.handle();
      } finally {
        await handler.finish();
      }
    } catch (cause) {
      error = cause;
    }
    await connection.shutdown();
  })());
  if (!conn.closed) throw new Error("The socket is left open");
  const output = conn.output.replace(/\r\nDate: [^\r\n]*/g, "");
  return { output, asked, error };
}

/** Records the request of each final response when its head ends. */
function watchResponses(handler: BaseHTTPRequestHandler): readonly Asked[] {
  const asked: Asked[] = [];
  const end = handler.end_headers;
  handler.end_headers = function () {
    const wasOver = this.response.ended || this.response.idle;
    end.call(this);
    if (wasOver || !this.response.ended) return;
    const simple = this.request_version === "HTTP/0.9";
    asked.push({ method: this.command, simple });
  };
  return asked;
}

async function inTime(work: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error("The connection does not end")),
    TIME,
  );
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
