import { assertEquals } from "@std/assert";
import { isHidden } from "../../../handlers/static/lookup/hidden.ts";
import { translateSegments } from "../../../text/paths.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest("isHidden() hides all dotfiles except .well-known in the root", () => {
  const rows: [string[], boolean][] = [
    [[], false],
    [["a", "b.c"], false],
    [[".a"], true],
    [["a", ".b"], true],
    [["a", ".b", "c"], true],
    [["..."], true],
    [[".well-known"], false],
    [[".well-known", "a"], false],
    [[".well-known", ".a"], true],
    [["a", ".well-known"], true],
    [[".well-known2"], true],
    [[".Well-Known"], true],
    [["\u200c.git", "config"], true],
  ];
  for (const [segments, expected] of rows) {
    assertEquals(isHidden(segments, "deny"), expected, segments.join("/"));
    assertEquals(isHidden(segments, "allow"), false);
  }
});

pureTest("isHidden() isn't bypassed by another spelling of a path", () => {
  for (
    const target of [
      "/.git/config",
      "/%2egit/config",
      "/%2Egit%2fconfig",
      "//.git//config",
      "/a/../.git/config",
      "/./.git/./config",
      "/.well-known/../.git/config",
      "/.well-known/%2e%2e/.git/config",
      "/x/.git",
      "/.git?x",
    ]
  ) {
    const { segments } = translateSegments(target, "posix");
    assertEquals(isHidden(segments, "deny"), true, target);
  }
});
