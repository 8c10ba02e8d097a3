// Servers, handlers and clients for the tests of servers.

import { BaseHTTPRequestHandler, StreamRequestHandler } from "../../mod.ts";
import { HTTPServer, type TCPServer, ThreadingHTTPServer } from "../../mod.ts";
import { Client } from "../_serve.ts";
import { captureLog } from "../_lib/captured_log.ts";
import { quiet } from "../_lib/quiet.ts";

export { Client };

export { boundedTest as test } from "../_lib/bounded.ts";

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

/** The body of `Hello`'s response to it. */
export const HELLO = "hello /tea\n";

/** Sends a request on an open connection and returns the body of the response. */
export async function ask(client: Client, request = GET): Promise<string> {
  await client.write(request);
  return (await client.answer()).body;
}

/** Sends a request on a new connection. */
export async function askOnce(server: TCPServer): Promise<string> {
  using client = await connect(server);
  return await ask(client);
}

/** Responds with a greeting and the path. */
export class Hello extends quiet(BaseHTTPRequestHandler) {
  override protocol_version = "HTTP/1.1";
  do_GET(): void | Promise<void> {
    const body = `hello ${this.path}\n`;
    this.send_response(200);
    this.send_header("Content-Length", body.length);
    this.end_headers();
    this.wfile.write(body);
  }
}

/** Sends a line back in upper case, and ends. */
export class Upper extends StreamRequestHandler {
  override async handle(): Promise<void> {
    const line = new TextDecoder().decode(await this.rfile.readline());
    this.wfile.write(line.toUpperCase());
  }
}

/** A promise that a test fulfills, and a signal that somebody waits for it. */
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

  /** Lets everybody through. */
  open(): void {
    this.#open.resolve();
  }
}

/** A subclass of `Hello` that responds once its gate is open. */
export function gated(gate: Gate): typeof Hello {
  return class extends Hello {
    override async do_GET(): Promise<void> {
      await gate.pass();
      super.do_GET();
    }
  };
}

/** Waits until a condition holds, for five seconds at most. */
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

/** Captures standard error while something runs. */
export async function stderrOf(
  run: (log: { readonly text: string }) => Promise<void>,
): Promise<string> {
  using log = captureLog();
  await run(log);
  return log.text;
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
