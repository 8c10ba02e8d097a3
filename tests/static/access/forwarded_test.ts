import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  compileChain,
  compileTrust,
  forwardedHost,
  forwardedScheme,
} from "../../../handlers/static/access/forwarded.ts";
import {
  isInNetwork,
  parseAddress,
  parseNetwork,
} from "../../../text/ip_address.ts";
import { pureTest } from "../../_lib/pure.ts";

/** The groups of an address in hexadecimal, all eight. */
function groups(text: string): string | undefined {
  const bytes = parseAddress(text);
  if (bytes === undefined) return undefined;
  assertEquals(bytes.length, 16);
  return Array.from(
    { length: 8 },
    (_, index) =>
      (bytes[2 * index]! * 256 + bytes[2 * index + 1]!).toString(16),
  ).join(":");
}

pureTest("parseAddress() parses IPv4 and IPv6 addresses", () => {
  const rows: [string, string][] = [
    ["0.0.0.0", "0:0:0:0:0:ffff:0:0"],
    ["1.2.3.4", "0:0:0:0:0:ffff:102:304"],
    ["255.255.255.255", "0:0:0:0:0:ffff:ffff:ffff"],
    ["::", "0:0:0:0:0:0:0:0"],
    ["::1", "0:0:0:0:0:0:0:1"],
    ["1::", "1:0:0:0:0:0:0:0"],
    ["FE80::a%eth0", "fe80:0:0:0:0:0:0:a"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
    ["::ffff:1.2.3.4", "0:0:0:0:0:ffff:102:304"],
    ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
    ["64:ff9b::1.2.3.4", "64:ff9b:0:0:0:0:102:304"],
  ];
  for (const [text, expected] of rows) {
    assertEquals(groups(text), expected, text);
  }
});

pureTest("parseAddress() returns undefined for anything else", () => {
  for (
    const text of [
      "",
      "1",
      "1.2.3",
      "1.2.3.4.5",
      "1.2.3.256",
      "01.2.3.4",
      "1.2.3.4 ",
      "1.2.3.-4",
      "0x1.2.3.4",
      ":",
      ":::",
      "1:2",
      "::1::",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8::",
      "1::2:3:4:5:6:7:8",
      "12345::",
      "g::",
      "1.2.3.4::",
      "::1.2.3.4:5",
      "::1.2.3",
      "[::1]",
      "%eth0",
      "localhost",
      ":".repeat(1_000_000),
    ]
  ) assertEquals(parseAddress(text), undefined, text.slice(0, 40));
});

pureTest("isInNetwork() compares the bits of the prefix", () => {
  const rows: [string, string, boolean][] = [
    ["10.0.0.0/8", "10.255.1.2", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["10.0.0.0/8", "::ffff:10.1.1.1", true],
    ["10.0.0.0/8", "::a01:101", false],
    ["172.16.0.0/12", "172.31.255.255", true],
    ["172.16.0.0/12", "172.32.0.0", false],
    ["192.168.1.5", "192.168.1.5", true],
    ["192.168.1.5", "192.168.1.4", false],
    ["192.168.1.4/31", "192.168.1.5", true],
    ["0.0.0.0/0", "8.8.8.8", true],
    ["0.0.0.0/0", "::1", false],
    ["::/0", "8.8.8.8", true],
    ["fd00::/8", "fdff::1", true],
    ["fd00::/8", "fe00::1", false],
    ["::1", "::1", true],
    ["fe80::/10", "febf::1", true],
    ["fe80::/10", "fec0::1", false],
  ];
  for (const [network, address, expected] of rows) {
    assertEquals(
      isInNetwork(parseAddress(address)!, parseNetwork(network)),
      expected,
      `${address} in ${network}`,
    );
  }
});

pureTest("parseNetwork() throws for malformed networks", () => {
  for (
    const text of ["", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10/8"]
      .concat("10.0.0.0/8/8", "10.0.0.0/-1", "10.0.0.0/08", "a.test", "*")
  ) {
    assertThrows(
      () => parseNetwork(text),
      TypeError,
      "Cannot read the network",
    );
  }
});

pureTest(
  "compileTrust() returns the last address that is not a trusted proxy",
  () => {
    const clientOf = compileTrust(["127.0.0.1", "10.0.0.0/8", "::1"]);
    const rows: [string, string | null, string][] = [
      // No field, or an untrusted peer.
      ["127.0.0.1", null, "127.0.0.1"],
      ["9.9.9.9", "1.1.1.1", "9.9.9.9"],
      ["9.9.9.9", "1.1.1.1, 127.0.0.1", "9.9.9.9"],
      // One proxy and several.
      ["127.0.0.1", "1.1.1.1", "1.1.1.1"],
      ["::ffff:127.0.0.1", "1.1.1.1", "1.1.1.1"],
      ["::1", "2001:db8::1", "2001:db8::1"],
      ["127.0.0.1", "1.1.1.1, 10.0.0.5", "1.1.1.1"],
      ["127.0.0.1", "1.1.1.1,10.0.0.5 ,\t10.0.0.6", "1.1.1.1"],
      // Addresses before an untrusted one are ignored.
      ["127.0.0.1", "1.1.1.1, 2.2.2.2", "2.2.2.2"],
      ["127.0.0.1", "127.0.0.1, 2.2.2.2, 10.0.0.5", "2.2.2.2"],
      // All are trusted: the first.
      ["127.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1"],
      // With ports and brackets.
      ["127.0.0.1", "1.1.1.1:5555", "1.1.1.1"],
      ["127.0.0.1", "[2001:db8::1]:5555", "2001:db8::1"],
      ["127.0.0.1", "[2001:db8::1]", "2001:db8::1"],
      // Up to the first entry that is not an address.
      ["127.0.0.1", "", "127.0.0.1"],
      ["127.0.0.1", "unknown", "127.0.0.1"],
      ["127.0.0.1", "1.1.1.1, unknown", "127.0.0.1"],
      ["127.0.0.1", "1.1.1.1, unknown, 10.0.0.5", "10.0.0.5"],
      ["127.0.0.1", "1.1.1.1,", "127.0.0.1"],
      ["127.0.0.1", ",1.1.1.1", "1.1.1.1"],
      ["127.0.0.1", ",10.0.0.1", "10.0.0.1"],
      ["127.0.0.1", "[::1", "127.0.0.1"],
      ["127.0.0.1", '1.1.1.1"\n', "127.0.0.1"],
      // A peer without an address, as on a Unix socket.
      ["", "1.1.1.1", ""],
    ];
    for (const [peer, forwarded, expected] of rows) {
      assertEquals(clientOf(peer, forwarded), expected, `${peer} ${forwarded}`);
    }
  },
);

pureTest("compileTrust() reads only the end of a very long list", () => {
  const clientOf = compileTrust(["127.0.0.1", "10.0.0.0/8"]);
  const start = performance.now();
  const list = "1.1.1.1," + "10.0.0.1,".repeat(100_000) + "10.0.0.2";
  assertEquals(clientOf("127.0.0.1", list), "10.0.0.1");
  assertEquals(clientOf("127.0.0.1", ",".repeat(1_000_000)), "127.0.0.1");
  assert(performance.now() - start < 5_000);
});

pureTest(
  "compileTrust() trusts a proxy that connects through a Unix socket",
  () => {
    const rows: [
      trusted: string[],
      forwarded: string | null,
      client: string,
    ][] = [
      [["unix:"], "203.0.113.9", "203.0.113.9"],
      [["127.0.0.1"], "203.0.113.9", "203.0.113.9"],
      [["127.0.0.0/8"], "203.0.113.9", "203.0.113.9"],
      [["::1"], "203.0.113.9", "203.0.113.9"],
      [["unix:", "10.0.0.0/8"], "203.0.113.9, 10.0.0.7", "203.0.113.9"],
      [["unix:"], "1.1.1.1, 203.0.113.9", "203.0.113.9"],
      [["10.0.0.0/8"], "203.0.113.9", "unix:"],
      [["unix:"], null, "unix:"],
      [["unix:"], "", "unix:"],
      [["unix:"], "nonsense", "unix:"],
      // A forged entry has no effect.
      [["unix:"], "203.0.113.9, unix:", "unix:"],
    ];
    for (const [trusted, forwarded, client] of rows) {
      assertEquals(compileTrust(trusted)("unix:", forwarded), client);
    }
    const clientOf = compileTrust(["unix:"]);
    assertEquals(clientOf("127.0.0.1", "203.0.113.9"), "127.0.0.1");
  },
);

pureTest("compileChain() counts the trusted proxies of a request", () => {
  const follow = compileChain(["127.0.0.1", "10.0.0.0/8"]);
  const rows: [string, string | null, string, number][] = [
    ["203.0.113.9", null, "203.0.113.9", 0],
    ["203.0.113.9", "10.0.0.1", "203.0.113.9", 0],
    ["127.0.0.1", null, "127.0.0.1", 1],
    ["127.0.0.1", "", "127.0.0.1", 1],
    ["127.0.0.1", "nonsense", "127.0.0.1", 1],
    ["127.0.0.1", "203.0.113.9", "203.0.113.9", 1],
    ["127.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.1", "203.0.113.9", 2],
    ["127.0.0.1", "10.0.0.2, 10.0.0.1", "10.0.0.2", 3],
    ["unix:", "203.0.113.9", "203.0.113.9", 1],
  ];
  for (const [peer, forwarded, client, proxies] of rows) {
    const label = `${peer} ${forwarded}`;
    assertEquals(follow(peer, forwarded), { client, proxies }, label);
  }
  const long = Array.from({ length: 100 }, () => "10.0.0.1").join(",");
  assertEquals(follow("127.0.0.1", long), { client: "10.0.0.1", proxies: 32 });
});

pureTest(
  "forwardedScheme() returns what the outermost trusted proxy reported",
  () => {
    const rows: [string | null, number, string | undefined][] = [
      [null, 1, undefined],
      ["https", 0, undefined],
      ["https", 1, "https"],
      ["HTTPS", 1, "https"],
      ["https", 3, "https"],
      // The client forged the first entry.
      ["http, https", 1, "https"],
      ["http, https, http", 2, "https"],
      ["https , http", 2, "https"],
      ["https,", 1, undefined],
      ["", 1, undefined],
      ["ws", 1, undefined],
      ["https://", 1, undefined],
    ];
    for (const [value, proxies, expected] of rows) {
      assertEquals(
        forwardedScheme(value, proxies),
        expected,
        `${value} ${proxies}`,
      );
    }
  },
);

pureTest("forwardedHost() returns a valid host of a trusted proxy", () => {
  const rows: [string | null, number, string | undefined][] = [
    ["a.test", 0, undefined],
    ["a.test", 1, "a.test"],
    ["a.test:8443", 1, "a.test:8443"],
    ["[::1]:80", 1, "[::1]:80"],
    ["evil.test, a.test", 1, "a.test"],
    ["a.test, inner.test", 2, "a.test"],
    ["", 1, undefined],
    ["a.test/x", 1, undefined],
    ["a test", 1, undefined],
    [null, 1, undefined],
  ];
  for (const [value, proxies, expected] of rows) {
    assertEquals(forwardedHost(value, proxies), expected, `${value}`);
  }
  assertEquals(forwardedHost(",".repeat(1_000_000), 32), undefined);
});
