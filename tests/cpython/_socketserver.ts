// Helpers for the tests of `socketserver`.

import { assertEquals, assertRejects } from "@std/assert";
import {
  type Address,
  type Connection,
  StreamRequestHandler,
  type TCPServer,
  type TCPServerClass,
} from "../../mod.ts";
import type { Client } from "../server/_harness.ts";

/** Sends its line back. */
export class Echo extends StreamRequestHandler {
  override async handle(): Promise<void> {
    this.wfile.write(await this.rfile.readline());
  }
}

/** Serves three clients, then shuts the server down; rethrows all errors. */
export async function runServer(
  server: TCPServer,
  connectClient: () => Promise<Client>,
): Promise<void> {
  const serving = server.serve_forever(0.01);
  for (let n = 0; n < 3; n++) {
    using client = await connectClient();
    await client.write("hello world\n");
    assertEquals(await client.readToEnd(), "hello world\n");
  }
  await server.shutdown();
  await serving;
  await server.server_close();
  await assertClosed(server);
  await assertRejects(connectClient);
}

/** Asserts that the listener is closed; Python's test checks for file number -1. */
export async function assertClosed(server: TCPServer): Promise<void> {
  await assertRejects(() => server.socket!.accept(), Deno.errors.BadResource);
}

/** A server class that rethrows the errors of handlers. */
export function strict<Server extends TCPServerClass>(Server: Server): Server {
  abstract class Strict extends Server {
    override handle_error(_request: Connection, _: Address, error: unknown) {
      throw error;
    }
  }
  return Strict;
}
