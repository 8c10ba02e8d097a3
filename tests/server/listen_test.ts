// Creating a listener from Python's address.

import { assertEquals, assertThrows } from "@std/assert";
import {
  boundAddress,
  listen,
  type ListenOptions,
} from "../../server/listen.ts";
import { test } from "../connection/_memory.ts";

const OPTIONS: ListenOptions = {
  family: "AF_INET",
  backlog: 7,
  reusePort: false,
};

/** The options that would be passed to `Deno.listen()`; it doesn't listen. */
function askedFor(run: () => unknown): unknown {
  const original = Deno.listen;
  let asked: unknown;
  Deno.listen = ((options: unknown) => asked = options) as never;
  try {
    run();
  } finally {
    Deno.listen = original;
  }
  return asked;
}

test("listen() passes on host, port and backlog", () => {
  assertEquals(askedFor(() => listen(["192.0.2.1", 80], OPTIONS)), {
    hostname: "192.0.2.1",
    port: 80,
    tcpBacklog: 7,
  });
});

test("listen() shares the port only if asked to", () => {
  const options = { ...OPTIONS, reusePort: true };
  assertEquals(askedFor(() => listen(["::1", 80], options)), {
    hostname: "::1",
    port: 80,
    tcpBacklog: 7,
    reusePort: true,
  });
});

test("listen() listens on all addresses of the family for an empty host", () => {
  const hostOf = (options: ListenOptions) =>
    (askedFor(() => listen(["", 80], options)) as { hostname: string })
      .hostname;
  assertEquals(hostOf(OPTIONS), "0.0.0.0");
  assertEquals(hostOf({ ...OPTIONS, family: "AF_INET6" }), "::");
});

test("listen() treats a string as the path of a Unix socket", () => {
  assertEquals(askedFor(() => listen("/run/s", OPTIONS)), {
    transport: "unix",
    path: "/run/s",
  });
});

test("listen() refuses an invalid port", () => {
  for (const port of [-1, 65_536, 1.5, NaN, Infinity]) {
    assertEquals(
      askedFor(() =>
        assertThrows(() => listen(["127.0.0.1", port], OPTIONS), RangeError)
      ),
      undefined,
    );
  }
});

Deno.test("boundAddress() has the real port", () => {
  using listener = listen(["127.0.0.1", 0], OPTIONS);
  const [host, port] = boundAddress(listener) as [string, number];
  assertEquals(host, "127.0.0.1");
  assertEquals(port, (listener.addr as Deno.NetAddr).port);
});

test("listen() refuses a string with host and port, which would create a socket of that name", () => {
  for (const text of ["127.0.0.1:8000", "localhost:80", ":8000"]) {
    assertThrows(
      () => listen(text, OPTIONS),
      TypeError,
      'write ["host", port]',
    );
  }
  for (const path of ["./a:80", "/run/a:80", "a.sock"]) {
    assertEquals(askedFor(() => listen(path, OPTIONS)), {
      transport: "unix",
      path,
    });
  }
});
