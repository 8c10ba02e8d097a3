// Servers and handlers for tests of servers, and clients that speak bytes.

import { BaseHTTPRequestHandler, StreamRequestHandler } from "../../mod.ts";
import { HTTPServer, type TCPServer, ThreadingHTTPServer } from "../../mod.ts";
import { Client } from "../_serve.ts";

export { Client };

/** Names a test that leaves nothing behind and ends within a bounded time. */
export function test(
  name: string,
  fn: () => void | Promise<void>,
  ignore = false,
): void {
  Deno.test({
    name,
    fn,
    ignore,
    sanitizeOps: true,
    sanitizeResources: true,
    timeout: 20_000,
  });
}

/** Both classes of HTTP servers. */
export const SERVERS: readonly (typeof HTTPServer)[] = [
  HTTPServer,
  ThreadingHTTPServer,
];

/** Any free port of this machine. */
export const ANY: readonly [string, number] = ["127.0.0.1", 0];

/** Opens a connection to a server. */
export async function connect(server: TCPServer): Promise<Client> {
  const port = server.server_port;
  return new Client(await Deno.connect({ hostname: "127.0.0.1", port }));
}

/** A request that leaves the connection open. */
export const GET = "GET /tea HTTP/1.1\r\nHost: a\r\n\r\n";

/** What `Hello` answers to it. */
export const ANSWER = "hello /tea\n";

/** Sends a request on an open connection and gives the body of the answer. */
export async function ask(client: Client, request = GET): Promise<string> {
  await client.write(request);
  return (await client.answer()).body;
}

/** Asks on a connection of its own. */
export async function askOnce(server: TCPServer): Promise<string> {
  using client = await connect(server);
  return await ask(client);
}

/** Answers what it was asked for, over and over. */
export class Hello extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override log_message(): void {}
  do_GET(): void | Promise<void> {
    const body = `hello ${this.path}\n`;
    this.send_response(200);
    this.send_header("Content-Length", body.length);
    this.end_headers();
    this.wfile.write(body);
  }
}

/** Answers a line with the same in upper case, and ends. */
export class Upper extends StreamRequestHandler {
  override async handle(): Promise<void> {
    const line = new TextDecoder().decode(await this.rfile.readline());
    this.wfile.write(line.toUpperCase());
  }
}

/** A promise that a test fulfils, and a signal that somebody waits for it. */
export class Gate {
  readonly #reached = Promise.withResolvers<void>();
  readonly #open = Promise.withResolvers<void>();
  /** Fulfilled once somebody waits. */
  readonly reached: Promise<void> = this.#reached.promise;

  /** Waits for `open()`. */
  pass(): Promise<void> {
    this.#reached.resolve();
    return this.#open.promise;
  }

  /** Lets everybody pass. */
  open(): void {
    this.#open.resolve();
  }
}

/** A handler class that answers as `Hello` does once its gate is open. */
export function gated(gate: Gate): typeof Hello {
  return class extends Hello {
    override async do_GET(): Promise<void> {
      await gate.pass();
      super.do_GET();
    }
  };
}

/** Waits until something holds, for five seconds at most. */
export async function until(
  holds: () => boolean,
  what: string,
): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries === 500) throw new Error(`Waited in vain until ${what}`);
    await delay(10);
  }
}

/** Waits. */
export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** What was written to standard error while something ran. */
export async function stderrOf(run: () => Promise<void>): Promise<string> {
  const { writeSync } = Deno.stderr;
  let written = "";
  Deno.stderr.writeSync = (bytes) => {
    written += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  try {
    await run();
  } finally {
    Deno.stderr.writeSync = writeSync;
  }
  return written;
}

/** Whether this machine has IPv6. */
export const HAS_IPV6: boolean = canListen("::1");

function canListen(hostname: string): boolean {
  try {
    Deno.listen({ hostname, port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}
