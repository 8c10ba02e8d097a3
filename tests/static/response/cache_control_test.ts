import { assertEquals, assertThrows } from "@std/assert";
import {
  compileCacheRules,
  compileCdnRules,
} from "../../../handlers/static/response/cache_control.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest("compileCacheRules() expands short forms and numbers", () => {
  const rows: [string, string][] = [
    ["immutable", "public, max-age=31536000, immutable"],
    [" immutable ", "public, max-age=31536000, immutable"],
    ["0", "public, max-age=0"],
    ["3600", "public, max-age=3600"],
    ["99999999999999999999", "public, max-age=2147483648"],
    ["no-cache", "no-cache"],
    ["no-store", "no-store"],
    ["public, immutable, No-Transform", "public, immutable, No-Transform"],
    ["must-revalidate,proxy-revalidate", "must-revalidate,proxy-revalidate"],
    ["no-store, must-understand", "no-store, must-understand"],
    ["max-age=1, stale-if-error=2", "max-age=1, stale-if-error=2"],
    ["private, max-age=60", "private, max-age=60"],
    ["public,s-maxage=5", "public,s-maxage=5"],
    ['no-cache="Set-Cookie, X-A"', 'no-cache="Set-Cookie, X-A"'],
    ['private="A", max-age=1', 'private="A", max-age=1'],
    ["x-own=y", "x-own=y"],
    ["x-max-age=y", "x-max-age=y"],
    ["max-age-x=y", "max-age-x=y"],
  ];
  for (const [value, expected] of rows) {
    assertEquals(compileCacheRules([`*=${value}`])("a"), expected, value);
  }
});

pureTest("compileCacheRules() uses the first rule that matches", () => {
  const valueFor = compileCacheRules([
    "assets/old/**=no-store",
    "assets/**=immutable",
    "*.html=60",
    "/a?b=5",
  ]);
  const rows: [string, string | undefined][] = [
    ["assets/old/a.js", "no-store"],
    ["assets/a.js", "public, max-age=31536000, immutable"],
    ["assets/a.html", "public, max-age=31536000, immutable"],
    ["a.html", "public, max-age=60"],
    ["x/a.html", "public, max-age=60"],
    ["a=b", "public, max-age=5"],
    ["a.css", undefined],
    ["", undefined],
  ];
  for (const [path, expected] of rows) {
    assertEquals(valueFor(path), expected, path);
  }
  assertEquals(compileCacheRules([])("a"), undefined);
  assertEquals(compileCacheRules(["**=no-cache"])(""), "no-cache");
});

pureTest("compileCacheRules() throws for malformed rules", () => {
  for (
    const rule of [
      "",
      "a",
      "=no-cache",
      "[=no-cache",
      "*=",
      "*= ",
      "*=no cache",
      "*=no-cache,",
      "*=,no-cache",
      "*=no-cache\r\nSet-Cookie: a=b",
      "*=a\nb",
      "*=max-age",
      "*=max-age=",
      "*=max-age=a",
      "*=max-age=1x",
      "*=Max-Age=a",
      "*=public,max-age",
      "*=1h",
      "*=60x",
      "*=1h=2",
      "*=max-age=-1",
      '*=max-age="1"',
      '*=private="',
      '*=private="a"b"',
      "*=\xe9",
      "*=-1;",
      "*=-1",
      "*=-1=2",
      "*=abc",
      "*=no-chache",
      "*=no-cache, stale",
      "*=no-store=1",
      "*=immutable=",
      "*=stale-if-error",
    ]
  ) {
    assertThrows(
      () => compileCacheRules([rule]),
      SyntaxError,
      "Cannot read the",
      rule,
    );
  }
});

pureTest("compileCacheRules() says what a directive must be", () => {
  const rows: [value: string, advice: string][] = [
    [
      "-1",
      '"-1" is not a valid directive; write a time as a number of seconds',
    ],
    [
      "1h",
      '"1h" is not a valid directive; write a time as a number of seconds',
    ],
    ["max-age", "write max-age=SECONDS"],
    ["public, s-maxage=x", '"s-maxage=x" is not a valid directive; write s-'],
    ["public=1", "write public without a value"],
    ["abc", '"abc" is not a valid directive; it must be public, no-store, '],
    ["abc", "no-cache, private, or have the form NAME=VALUE"],
  ];
  for (const [value, advice] of rows) {
    assertThrows(() => compileCacheRules([`*=${value}`]), SyntaxError, advice);
  }
});

pureTest("compileCacheRules() takes the directives of shared caches", () => {
  const value =
    "public, max-age=60, s-maxage=3600, stale-while-revalidate=60, stale-if-error=86400";
  assertEquals(compileCacheRules([`**=${value}`])("a.html"), value);
});

pureTest("compileCdnRules() sends a lifetime without public", () => {
  const valueFor = compileCdnRules([
    "*.js=immutable",
    "*.css=60",
    "*.png=9999999999",
    '*.html=max-age=60, stale-while-revalidate=30, x-tags="a b"',
  ]);
  assertEquals(valueFor("a.js"), "max-age=31536000, immutable");
  assertEquals(valueFor("a.css"), "max-age=60");
  assertEquals(valueFor("a.png"), "max-age=2147483648");
  assertEquals(
    valueFor("a.html"),
    'max-age=60, stale-while-revalidate=30, x-tags="a b"',
  );
  assertEquals(valueFor("a.txt"), undefined);
});

pureTest("compileCdnRules() rejects a value that CDNs would ignore", () => {
  for (
    const value of [
      "Max-Age=60",
      "max-age=60, No-Store",
      "max-age=1234567890123456",
      "max-age=60, x=1a",
      "max-age=60, x=#1",
    ]
  ) {
    assertThrows(
      () => compileCdnRules([`**=${value}`]),
      SyntaxError,
      "is not valid in CDN-Cache-Control",
      value,
    );
  }
  assertThrows(() => compileCdnRules(["**=abc"]), SyntaxError, "directive");
});
