// Which clients may come in, by their addresses.

import { assertEquals, assertThrows } from "@std/assert";
import { compileAllow } from "../../../handlers/static/access/forwarded.ts";
import { pureTest } from "../../_lib/pure.ts";

const ROWS: readonly [allow: string[], yes: string[], no: string[]][] = [
  [[], [], ["127.0.0.1", "::1", "unix:", "0.0.0.0"]],
  [
    ["192.168.0.0/16"],
    ["192.168.0.1", "192.168.255.255", "::ffff:192.168.1.5", "::ffff:c0a8:105"],
    ["192.169.0.1", "127.0.0.1", "::1", "unix:", "::c0a8:105", "192.168.1"],
  ],
  [["10.0.0.7"], ["10.0.0.7", "::ffff:10.0.0.7"], ["10.0.0.8", "10.0.0.70"]],
  [["::ffff:10.0.0.7"], ["10.0.0.7"], ["10.0.0.8"]],
  [["fd00::/8"], ["fd12::1", "fdff::%eth0"], ["fe80::1", "10.0.0.1"]],
  [["fe80::/10"], ["fe80::1%eth0", "fe80::1"], ["fec0::1"]],
  [["2001:db8::1"], ["2001:db8::1", "2001:0DB8:0::1"], ["2001:db8::2"]],
  [["localhost"], ["127.0.0.1", "127.9.9.9", "::1", "unix:"], ["10.0.0.1"]],
  [["127.0.0.1"], ["127.0.0.1", "unix:"], ["127.0.0.2", "::1"]],
  [["unix:"], ["unix:"], ["127.0.0.1", "::1"]],
  [["0.0.0.0/0"], ["8.8.8.8", "127.0.0.1"], ["2001:db8::1"]],
  [["::/0"], ["8.8.8.8", "2001:db8::1"], ["", "localhost", "a.test"]],
  [["10.0.0.1", "10.0.0.3"], ["10.0.0.1", "10.0.0.3"], ["10.0.0.2"]],
];

for (const [allow, yes, no] of ROWS) {
  pureTest(`compileAllow() with ${allow.join(" ") || "nothing"}`, () => {
    const isAllowed = compileAllow(allow);
    // Each twice, since the last result is remembered, and in both orders.
    const twice = [...yes, ...no].flatMap((client) => [client, client]);
    for (const client of [...twice, ...twice.toReversed()]) {
      assertEquals(isAllowed(client), yes.includes(client), client);
    }
  });
}

pureTest("compileAllow() refuses names, malformed networks and zones", () => {
  for (
    const wrong of [
      "",
      "a.test",
      "10.0.0.0/33",
      "10.0.0.0/",
      "10.1",
      "*",
      "01.1.1.1",
    ]
  ) {
    assertThrows(() => compileAllow([wrong]), TypeError, "Cannot read the net");
  }
  assertThrows(() => compileAllow(["fe80::1%eth0"]), TypeError, "the zone");
  assertThrows(() => compileAllow(["fe80::%1/64"]), TypeError, "the zone");
});
