// The Location of a redirect, resolved as clients do, also behind a proxy that strips a prefix,
// and for unusual paths.

import { assert, assertEquals, assertFalse } from "@std/assert";
import { toReference } from "../../../handlers/static/lookup/location.ts";
import { readTarget } from "../../../handlers/static/lookup/target.ts";
import { pureTest } from "../../_lib/pure.ts";

/** The Location that adds the slash of a folder. */
function withSlash(target: string): string {
  return toReference(readTarget(target, "posix").segments, true, target);
}

pureTest("toReference() is just the last segment of a folder", () => {
  const rows: [target: string, expected: string][] = [
    ["/a", "a/"],
    ["/a/b", "b/"],
    ["/a/b/c?x=1", "c/?x=1"],
    ["/a b", "a%20b/"],
    ["/%C3%A9", "%C3%A9/"],
    ["/a%3Fb", "a%3Fb/"],
    ["/a%23b", "a%23b/"],
    ["/a:b", "./a:b/"],
    ["/a/b:c", "./b:c/"],
    ["/a:b/c", "c/"],
    ["/http:", "./http:/"],
    ["/", "./"],
    ["/a/", "./"],
    ["http://a.test/x/y", "y/"],
    ["http://a.test", "./"],
  ];
  for (const [target, expected] of rows) {
    assertEquals(withSlash(target), expected, target);
  }
});

pureTest("toReference() goes up if the path is in another folder", () => {
  const rows: [names: string[], slash: boolean, target: string, to: string][] =
    [
      [["a"], false, "/a/", "../a"],
      [["a"], false, "/a.html", "a"],
      [[], true, "/index.html", "./"],
      [["a"], true, "/a/index.html", "./"],
      [["b"], true, "/a/x", "../b/"],
      [["a", "b"], true, "/a%2Fb", "a/b/"],
      [["a", "b"], true, "/a%2Fb%2F", "a/b/"],
      [["a", "b", "c"], true, "/a%2Fb/c", "../a/b/c/"],
      [["c"], true, "/a/../b/../c", "c/"],
      [["c"], true, "/a/%2e%2E/c", "c/"],
      [["a", "c"], true, "/./a/./c", "c/"],
    ];
  for (const [names, slash, target, to] of rows) {
    assertEquals(toReference(names, slash, target), to, target);
  }
});

pureTest(
  "toReference() stays on the host and below a proxy's prefix for any path",
  () => {
    const targets = [
      "/a",
      "/a/b",
      "//evil.test",
      "//evil.test/x",
      "///evil.test",
      "/\\evil.test",
      "/%5Cevil.test",
      "/%2Fevil.test",
      "/%2F%2Fevil.test",
      "/..//evil.test",
      "/x/..//evil.test/y",
      "/%0d%0aSet-Cookie:a=b",
      "/%09/evil.test",
      "/http://evil.test",
      "/javascript:alert(1)",
      "/a%2Fb/c",
      "/a/./b/../c",
    ];
    for (const target of targets) {
      const raw = withSlash(target);
      assertFalse(/^[/\\]|^[a-z]+:/i.test(raw), raw);
      assert(/^[\x21-\x7e]+$/.test(raw), raw);
      for (const prefix of ["", "/prefix", "/a/b"]) {
        // As a client sends it, after normalizing the path.
        const base = new URL("http://a.test" + prefix + target);
        if (!base.pathname.startsWith(prefix + "/")) continue;
        const inner = base.pathname.slice(prefix.length);
        const location = withSlash(inner);
        const to = new URL(location, base);
        assertEquals(to.host, "a.test", target);
        assert(to.pathname.startsWith(prefix + "/"), `${prefix} ${target}`);
        assertEquals(
          readTarget(to.pathname.slice(prefix.length), "posix").segments,
          readTarget(inner, "posix").segments,
          `${prefix} ${target} ${location}`,
        );
      }
    }
  },
);

pureTest("toReference() keeps the query, without line breaks", () => {
  const rows: [string, string][] = [
    ["/a?x=1&y=%20", "?x=1&y=%20"],
    ["/a?", "?"],
    ["/a?x?y", "?x?y"],
    ["/a?x/y/../z", "?x/y/../z"],
    ["/a?x#y", "?x"],
    ["/a#x?y", ""],
    ["/a?[x]=//evil.test", "?[x]=//evil.test"],
    ["/a?\xc3\xa9", "?%C3%A9"],
    ["/a?x\r\nSet-Cookie: a", "?x%0D%0ASet-Cookie:%20a"],
    ["/a?<\"'>\\^`{|}", "?%3C%22'%3E%5C%5E%60%7B%7C%7D"],
    ["/a?\0\x7f", "?%00%7F"],
  ];
  for (const [target, expected] of rows) {
    assertEquals(toReference(["a"], false, target), "a" + expected, target);
  }
});
