// A raw upstream that does what a test tells it, and a site that forwards to it.

import { closeUpstreams } from "../../../handlers/static/proxy/entrance.ts";
import type { StaticFileOptions } from "../../../handlers/static/mod.ts";
import { WireConn, WireListener } from "../../../testing/wire.ts";
import { decodeLatin1, encodeLatin1 } from "../../../text/latin1.ts";
import type { StaticFileHandler } from "../../../handlers/static/mod.ts";
import { type Site, site } from "../_site.ts";

/** How long a test waits for something to arrive, in milliseconds. */
const PATIENCE = 8_000;

/** A connection of the proxy to the upstream, in Latin-1 text. */
export class Peer {
  readonly #conn: Deno.Conn;
  #received = "";
  #isClosed = false;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Reads a request's head; empty if the connection ends before it. */
  async head(): Promise<string> {
    while (!this.#received.includes("\r\n\r\n")) {
      if (!await this.#more()) return this.#take(this.#received.length);
    }
    return this.#take(this.#received.indexOf("\r\n\r\n") + 4);
  }

  /** Reads this many characters, or fewer at the end. */
  async read(size: number): Promise<string> {
    while (this.#received.length < size && await this.#more());
    return this.#take(Math.min(size, this.#received.length));
  }

  /** Reads up to and including a mark. */
  async readUntil(mark: string): Promise<string> {
    while (!this.#received.includes(mark)) {
      if (!await this.#more()) throw new Error(`It ended before ${mark}`);
    }
    return this.#take(this.#received.indexOf(mark) + mark.length);
  }

  /** Reads the bytes that come next, without keeping them. `null` at the end. */
  async skip(): Promise<number | null> {
    const { length } = this.#received;
    this.#received = "";
    if (length > 0) return length;
    try {
      return await within(this.#conn.read(new Uint8Array(65_536)));
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    }
  }

  /** Waits until the proxy has ended the connection; what it sends is dropped. */
  async ended(): Promise<void> {
    while (await this.skip() !== null);
  }

  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? encodeLatin1(data) : data;
    for (let at = 0; at < bytes.length;) {
      at += await within(this.#conn.write(bytes.subarray(at)));
    }
  }

  /** Sends a response of this text. */
  async respond(body: string, ...fields: string[]): Promise<void> {
    const lines = ["HTTP/1.1 200 OK", `Content-Length: ${body.length}`];
    await this.send([...lines, ...fields, "", body].join("\r\n"));
  }

  async closeWrite(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** Ends the connection with a reset. */
  async reset(): Promise<void> {
    if (!(this.#conn instanceof WireConn)) throw new TypeError("It can't");
    await this.#conn.end("reset");
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  async #more(): Promise<boolean> {
    const buffer = new Uint8Array(65_536);
    let count: number | null;
    try {
      count = await within(this.#conn.read(buffer));
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset) return false;
      throw error;
    }
    if (count === null) return false;
    this.#received += decodeLatin1(buffer.subarray(0, count));
    return true;
  }

  #take(size: number): string {
    const taken = this.#received.slice(0, size);
    this.#received = this.#received.slice(size);
    return taken;
  }
}

/** Fails instead of waiting for ever. */
export async function within<T>(
  work: PromiseLike<T>,
  time = PATIENCE,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("Nothing happened")), time);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What an upstream does with a connection; the number counts from 0. */
export type Script = (peer: Peer, number: number) => Promise<void>;

/** A running upstream. */
export interface Upstream extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** How many connections it has accepted. */
  readonly accepted: number;
}

/** Runs a script for each connection to a listener. */
export function run(
  listener: Deno.Listener,
  script: Script,
  ended: () => Promise<void> = () => Promise.resolve(),
): Upstream {
  const running = new Set<Promise<void>>();
  let accepted = 0;
  const faults: unknown[] = [];
  const accept = async () => {
    for (;;) {
      let conn: Deno.Conn;
      try {
        conn = await listener.accept();
      } catch (error) {
        if (error instanceof Deno.errors.BadResource) return;
        throw error;
      }
      const peer = new Peer(conn);
      const work = script(peer, accepted++)
        .catch((error) => void faults.push(error))
        .finally(() => {
          peer.close();
          running.delete(work);
        });
      running.add(work);
    }
  };
  const accepting = accept();
  const { port } = listener.addr as Deno.NetAddr;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get accepted() {
      return accepted;
    },
    async [Symbol.asyncDispose]() {
      closeUpstreams();
      listener.close();
      await accepting;
      await Promise.all(running);
      await ended();
      if (faults.length > 0) throw new AggregateError(faults, "The upstream");
    },
  };
}

/** Starts an upstream on a free port. */
export async function upstream(script: Script): Promise<Upstream> {
  const listener = await WireListener.open(() => false);
  return run(listener, script, () => listener.ended());
}

/** Starts an upstream that sends each request back as the body of its response. */
export function echo(): Promise<Upstream> {
  return upstream(async (peer) => {
    for (;;) {
      const head = await peer.head();
      if (head === "") return;
      const length = /^content-length: (\d+)/im.exec(head)?.[1];
      const body = length === undefined ? "" : await peer.read(Number(length));
      await peer.respond(
        /^HEAD /.test(head) ? "" : head + body,
        "Content-Type: text/plain",
      );
    }
  });
}

/** Serves a site that forwards `/api` to an upstream. */
export function proxied(
  { url }: Pick<Upstream, "url">,
  options: StaticFileOptions = {},
  Handler?: typeof StaticFileHandler,
): Promise<Site> {
  return site(
    { "index.html": "page", "api/a.txt": "file" },
    { proxy: [`/api=${url}`], ...options },
    Handler,
  );
}
