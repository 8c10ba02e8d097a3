import { assert, assertEquals, assertThrows } from "@std/assert";
import { compileHosts } from "../../../handlers/static/access/host_allow.ts";
import { pureTest } from "../../_lib/pure.ts";

function check(hosts: string[], yes: (string | null)[], no: string[]): void {
  const answersFor = compileHosts(hosts);
  for (const host of yes) assertEquals(answersFor(host), true, String(host));
  for (const host of no) assertEquals(answersFor(host), false, host);
}

pureTest("compileHosts() always allows addresses and localhost", () => {
  check([], [
    null,
    "localhost",
    "LocalHost:8000",
    "localhost.",
    "localhost.:8000",
    "app.localhost",
    "127.0.0.1",
    "127.0.0.1:8000",
    "192.168.1.7:80",
    "[::1]",
    "[::1]:8000",
    "[FE80::1]",
    "[::ffff:127.0.0.1]:1",
  ], [
    "",
    "evil.test",
    "localhost.evil.test",
    "notlocalhost",
    "127.0.0.1.evil.test",
    "127.0.0.1.nip.io",
    "evil.127.0.0.1",
    "1.2.3",
    "evil.test:8000",
  ]);
});

pureTest(
  "compileHosts() allows listed names in any case, with any port",
  () => {
    check(["Box.test", "other"], [
      "box.test",
      "BOX.TEST:8080",
      "box.test.",
      "other",
      "box.test:",
    ], ["a.box.test", "xbox.test", "box.test.evil", "box", "test"]);
  },
);

pureTest("compileHosts() allows the subdomains of a pattern", () => {
  check(["*.lan.test"], ["a.lan.test", "a.b.LAN.test:1"], [
    "lan.test",
    "xlan.test",
    ".lan.test",
    "a.lan.test.evil",
  ]);
});

pureTest("compileHosts() rejects a malformed Host", () => {
  check(["a.test"], [], [
    "a.test:80:80",
    "a.test:x",
    "a.test:-1",
    "a.test:999999",
    "a.test, b.test",
    "u@a.test",
    "a.test/",
    " a.test",
    "a.test ",
    "a..test",
    "a.test..",
    ".",
    ":80",
    "[::1",
    "::1",
    "[]",
    "[a.test]",
    "[::1]x",
    "[::1]a.test",
    "\xe4.test",
    "a\0.test",
    "a.test\r\n",
  ]);
});

pureTest("compileHosts() throws for malformed names", () => {
  for (
    const host of [
      "",
      "*",
      "*.",
      "a b",
      "http://a.test",
      "a.test:80",
      "a.*.test",
      "**.a",
      "-a",
      "\xe4.test",
    ]
  ) {
    assertThrows(
      () => compileHosts([host]),
      TypeError,
      "Cannot serve the host",
    );
  }
});

pureTest("compileHosts() doesn't parse a very long Host", () => {
  const answersFor = compileHosts(["*.a"]);
  const start = performance.now();
  for (const piece of ["a", "a-", "a.", ":1", "-", "["]) {
    assertEquals(answersFor(piece.repeat(1_000_000)), false);
  }
  assertEquals(answersFor("a-".repeat(130) + "."), false);
  assert(performance.now() - start < 5_000);
});
