// What the tests of `socketserver` have in common.

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

/** Serves three clients, then ends the server; whatever fails is thrown. */
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

/** Asserts that the listener is closed: what Python shows by file number -1. */
export async function assertClosed(server: TCPServer): Promise<void> {
  await assertRejects(() => server.socket!.accept(), Deno.errors.BadResource);
}

/** A class whose servers don't get over what a handler throws. */
export function strict<Server extends TCPServerClass>(Server: Server): Server {
  abstract class Strict extends Server {
    override handle_error(_request: Connection, _: Address, error: unknown) {
      throw error;
    }
  }
  return Strict;
}
