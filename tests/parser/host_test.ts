import { assert, assertEquals } from "@std/assert";
import { isHost } from "../../parser/host.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest("isHost() accepts what matches the grammar of Host", () => {
  for (
    const host of [
      "",
      "a",
      "a.example:80",
      "a:",
      "127.0.0.1:8000",
      "[::1]",
      "[::1]:80",
      "[v1.x]:80",
      "[2001:db8::8a2e:370:7334]",
      "[1:2:3:4:5:6:7:8]",
      "[1:2:3:4:5:6:7::]",
      "[::]",
      "[::ffff:192.0.2.1]:80",
      "[1:2:3:4:5:6:192.0.2.1]",
      "a_b-c~d",
      "%41",
      "a,b",
    ]
  ) assert(isHost(host), host);
});

pureTest("isHost() refuses everything else", () => {
  for (
    const host of [
      "a/b",
      "a@b",
      "a:b",
      "a:80:80",
      "[::1",
      "::1",
      "\xe9",
      "%",
      "%4",
      "a%zz",
      "[]",
      "[a]",
      "[1]",
      "[1:2:3:4:5:6:7]",
      "[1:2:3:4:5:6:7:8:9]",
      "[1:2:3:4::5:6:7:8]",
      "[1::2::3]",
      "[:::]",
      "[:1:2:3:4:5:6:7]",
      "[12345::]",
      "[::1.2.3]",
      "[::1.2.3.256]",
      "[::1.2.3.04]",
      "[::1.2.3.4.]",
      "[1.2.3.4::1]",
      "[::1%25lo]",
      "[v.x]",
      "[v1.]",
      "[::1]]",
      "[::1]:a",
      "[[::1]]",
      "a[::1]",
      "[::1]:80:80",
      "a:-1",
      "a, b",
      "a\tb",
      "a?b",
      "a#b",
      "<a>",
      "a\\b",
      "[::1]x",
    ]
  ) assertEquals(isHost(host), false, host);
});

pureTest("isHost() runs in linear time", () => {
  const n = 500_000;
  for (
    const host of [
      "%41".repeat(n) + "/",
      "a".repeat(n) + "/",
      "[" + "1:".repeat(n) + "]",
      "[" + "::".repeat(n) + "]",
      "[".repeat(n),
      "[" + "1.".repeat(n) + "]",
      "[v1." + ":".repeat(n) + "/]",
      "a:" + "1".repeat(n) + "a",
    ]
  ) assertEquals(isHost(host), false);
});
