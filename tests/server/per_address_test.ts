// The number of connections of one address. Without sockets, since those of a test all come from
// this machine, which has no such limit.

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Connection } from "../../connection/connection.ts";
import { isDisconnect } from "../../connection/errors.ts";
import { Event } from "../../connection/lifecycle.ts";
import { OpenConnections } from "../../server/open_connections.ts";

class FakeConn {
  readonly remoteAddr: Deno.Addr;
  readonly localAddr = { transport: "tcp", hostname: "192.0.2.9", port: 80 };
  closed = false;

  constructor(hostname: string) {
    this.remoteAddr = { transport: "tcp", hostname, port: 40_000 };
  }
  close(): void {
    this.closed = true;
  }
}

/** Open connections with limits, and a function that adds one from an address. */
function opened(maxConnections: number, maxConnectionsPerAddress: number): {
  readonly connections: OpenConnections;
  open(address: string): Connection;
} {
  const connections = new OpenConnections(
    () => ({ maxConnections, maxConnectionsPerAddress }),
    () => {},
  );
  return {
    connections,
    open: (address) =>
      connections.open(new FakeConn(address) as unknown as Deno.Conn),
  };
}

Deno.test("OpenConnections refuses only the address that has too many", async () => {
  const { connections, open } = opened(100, 2);
  open("192.0.2.1");
  const second = open("192.0.2.1");
  const conn = new FakeConn("192.0.2.1");
  const error = assertThrows(
    () => connections.open(conn as unknown as Deno.Conn),
    Deno.errors.ConnectionRefused,
    "192.0.2.1",
  );
  assert(isDisconnect(error) && conn.closed);
  open("192.0.2.2");
  // A free slot can be used again, regardless of refused connections.
  second.close();
  open("192.0.2.1");
  assertThrows(() => open("192.0.2.1"), Deno.errors.ConnectionRefused);
  await connections.close(0);
});

Deno.test("OpenConnections closes the address's own oldest idle connection first", async () => {
  const { connections, open } = opened(100, 2);
  const other = open("192.0.2.2");
  const [busy, idle] = [open("192.0.2.1"), open("192.0.2.1")];
  for (const connection of [other, idle]) connection.life.on(Event.Await);
  const third = open("192.0.2.1");
  assertEquals(
    [other, busy, idle, third].map(({ closed }) => closed),
    [false, false, true, false],
  );
  await connections.close(0);
});

Deno.test("OpenConnections has no limit for this machine's own addresses", async () => {
  const { connections, open } = opened(100, 1);
  for (
    const address of ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"]
  ) {
    for (let count = 0; count < 3; count++) assert(!open(address).closed);
  }
  // Both spellings denote the same address.
  open("::ffff:192.0.2.7");
  assertThrows(() => open("192.0.2.7"), Deno.errors.ConnectionRefused);
  // A machine owns all addresses of its IPv6 network.
  open("2001:db8::1");
  assertThrows(() => open("2001:db8::ffff:2"), Deno.errors.ConnectionRefused);
  open("2001:db8:0:1::1");
  await connections.close(0);
});
