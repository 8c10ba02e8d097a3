// deno-lint-ignore-file no-console -- what the command prints is silenced here.

// ScriptTestCase of CPython's test_httpservers.py: the address family that `test()`
// listens in. The server class here notes what it is to listen at, and listens
// elsewhere, as no machine has all of these addresses.

import { assert, assertEquals } from "@std/assert";
import { test } from "../../cli.ts";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { HTTPServer } from "../../server/mod.ts";

/** The hosts that `test()` listens at, when told so. */
async function hostsFor(bind: string | null): Promise<string[]> {
  const hosts: string[] = [];
  class Noting extends HTTPServer {
    override listen(): Deno.Listener {
      hosts.push(String(this.server_address[0]));
      return Deno.listen({ hostname: "127.0.0.1", port: 0 });
    }
    override serve_forever() {
      return Promise.resolve();
    }
  }
  const { log } = console;
  console.log = () => {};
  try {
    await test(BaseHTTPRequestHandler, Noting, { bind, port: 0 });
  } finally {
    console.log = log;
  }
  return hosts;
}

/** The family of an address, by Python's name. */
function family(host: string): string {
  return host.includes(":") ? "AF_INET6" : "AF_INET";
}

Deno.test("ScriptTestCase.test_server_test_unspec: without an address it listens in IPv6, which takes IPv4 clients too", async () => {
  assertEquals(await hostsFor(null), ["::"]);
});

Deno.test("ScriptTestCase.test_server_test_localhost: the system finds the family of a name", async () => {
  assertEquals(await hostsFor("localhost"), ["localhost"]);
  // Whichever it is, it is this machine.
  using listener = Deno.listen({ hostname: "localhost", port: 0 });
  assert(["127.0.0.1", "::1"].includes(listener.addr.hostname));
});

Deno.test("ScriptTestCase.test_server_test_ipv6: an address of IPv6 is listened at as it is", async () => {
  for (
    const bind of ["::", "2001:0db8:85a3:0000:0000:8a2e:0370:7334", "::1"]
  ) {
    const hosts = await hostsFor(bind);
    assertEquals(hosts, [bind]);
    assertEquals(hosts.map(family), ["AF_INET6"]);
  }
});

Deno.test("ScriptTestCase.test_server_test_ipv4: an address of IPv4 is listened at as it is", async () => {
  for (const bind of ["0.0.0.0", "8.8.8.8", "127.0.0.1"]) {
    const hosts = await hostsFor(bind);
    assertEquals(hosts, [bind]);
    assertEquals(hosts.map(family), ["AF_INET"]);
  }
});
