// deno-lint-ignore-file no-console -- the command's output is silenced here.

// ScriptTestCase of CPython's test_httpservers.py: the address family on which `test()`
// listens. This server class records the address and listens on another one, since no
// machine has all of these addresses.

import { assert, assertEquals } from "@std/assert";
import { test } from "../../cli.ts";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { HTTPServer } from "../../server/mod.ts";

/** The addresses on which `test()` listens for an argument. */
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

Deno.test("ScriptTestCase.test_server_test_unspec: without an address it listens on IPv6, which also accepts IPv4 clients", async () => {
  assertEquals(await hostsFor(null), ["::"]);
});

Deno.test("ScriptTestCase.test_server_test_localhost: the system resolves the family of a name", async () => {
  assertEquals(await hostsFor("localhost"), ["localhost"]);
  // Either one is this machine.
  using listener = Deno.listen({ hostname: "localhost", port: 0 });
  assert(["127.0.0.1", "::1"].includes(listener.addr.hostname));
});

Deno.test("ScriptTestCase.test_server_test_ipv6: an IPv6 address is used unchanged", async () => {
  for (
    const bind of ["::", "2001:0db8:85a3:0000:0000:8a2e:0370:7334", "::1"]
  ) {
    const hosts = await hostsFor(bind);
    assertEquals(hosts, [bind]);
    assertEquals(hosts.map(family), ["AF_INET6"]);
  }
});

Deno.test("ScriptTestCase.test_server_test_ipv4: an IPv4 address is used unchanged", async () => {
  for (const bind of ["0.0.0.0", "8.8.8.8", "127.0.0.1"]) {
    const hosts = await hostsFor(bind);
    assertEquals(hosts, [bind]);
    assertEquals(hosts.map(family), ["AF_INET"]);
  }
});
