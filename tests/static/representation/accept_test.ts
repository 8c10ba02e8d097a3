import { assert, assertEquals } from "@std/assert";
import {
  chooseCoding,
  parseWeighted,
  prefersJson,
} from "../../../handlers/static/representation/accept.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest("parseWeighted() parses values and weights", () => {
  const rows: [string, string][] = [
    ["gzip", "gzip 1"],
    ["gzip, br", "gzip 1, br 1"],
    ["GZip;Q=0.5", "gzip 0.5"],
    ["gzip ; q=0.123", "gzip 0.123"],
    ["gzip;\tq=0", "gzip 0"],
    ["gzip;q=0.", "gzip 0"],
    ["gzip;q=1.000", "gzip 1"],
    ["*;q=0.1", "* 0.1"],
    ["text/html;level=1;q=0.4", "text/html 0.4"],
    ["text/html;level=1", "text/html 1"],
    ["text/html;xq=0.4", "text/html 1"],
    ["*/*;q=0.8", "*/* 0.8"],
    [",, gzip ,", "gzip 1"],
    ["", ""],
  ];
  for (const [value, expected] of rows) {
    const found = parseWeighted(value)
      .map(({ value, weight }) => `${value} ${weight}`).join(", ");
    assertEquals(found, expected, value);
  }
});

pureTest("parseWeighted() ignores only malformed members", () => {
  for (
    const bad of [
      "gzip;q=2",
      "gzip;q=1.1",
      "gzip;q=-1",
      "gzip;q=0.1234",
      "gzip;q=.5",
      "gzip;q=",
      "gzip;q=a",
      "gzip;q=0,5",
      "gzip;q= 1",
      "g zip",
      "gz\xefp",
      "/html",
      "text/",
      "a/b/c",
      "te xt/html",
      "text/ht ml",
      '"gzip"',
    ]
  ) {
    const found = parseWeighted(`br, ${bad}, zstd`).map(({ value }) => value);
    // "0,5" makes two members; the second is well-formed.
    assertEquals(found.filter((value) => value !== "5"), [
      "br",
      ...(bad === "gzip;q=0,5" ? ["gzip"] : []),
      "zstd",
    ], bad);
  }
});

pureTest("parseWeighted() takes time proportional to its input", () => {
  const start = performance.now();
  for (const piece of [",", ";", "a;q=0,", "*/", '"\\', " \t"]) {
    parseWeighted(piece.repeat(300_000) + "x");
  }
  assert(performance.now() - start < 5_000);
});

pureTest("chooseCoding() decides by weight, then by the server's order", () => {
  const rows: [string | null, string][] = [
    ["gzip", "gzip"],
    ["x-gzip", "gzip"],
    ["br", "br"],
    ["gzip, br", "br"],
    ["gzip, deflate, br, zstd", "br"],
    ["gzip, zstd", "zstd"],
    ["gzip;q=1.0, br;q=0.9", "gzip"],
    ["gzip;q=0.001", "gzip"],
    ["br;q=0.5, gzip;q=0.5", "br"],
    ["GZIP", "gzip"],
    ["*", "br"],
    ["*;q=0.1", "br"],
    ["br;q=0, *", "zstd"],
    ["br;q=0, zstd;q=0, *;q=0.5", "gzip"],
    ["gzip, *;q=0", "gzip"],
    ["gzip, identity", "gzip"],
    ["gzip;q=0.8, identity;q=0.8", "gzip"],
    ["gzip;q=0, gzip", "identity"],
    // No coding:
    [null, "identity"],
    ["", "identity"],
    [" ", "identity"],
    ["identity", "identity"],
    ["deflate, compress", "identity"],
    ["gzip;q=0", "identity"],
    ["*;q=0", "identity"],
    ["identity;q=0", "identity"],
    ["gzip;q=0.5, identity", "identity"],
    ["gzip;q=0.5, identity;q=0.6", "identity"],
    ["identity;q=0.5, *;q=0", "identity"],
    ["gzip;q=x", "identity"],
    ["gz ip", "identity"],
    // Only `identity` is refused.
    ["identity;q=0, gzip", "gzip"],
    ["identity;q=0, *;q=0.2", "br"],
  ];
  for (const [value, expected] of rows) {
    assertEquals(chooseCoding(value, ["br", "zstd", "gzip"]), expected, value!);
  }
});

pureTest("chooseCoding() returns only available codings", () => {
  assertEquals(chooseCoding("br, gzip;q=0.1", ["gzip"]), "gzip");
  assertEquals(chooseCoding("br", ["gzip"]), "identity");
  assertEquals(chooseCoding("*", []), "identity");
});

pureTest(
  "prefersJson() prefers listed types to wildcards, then decides by weight",
  () => {
    const rows: [string | null, boolean][] = [
      ["application/json", true],
      ["application/json, text/plain, */*", true],
      ["application/json;charset=utf-8", true],
      ["application/json;q=0.5", true],
      ["application/json, text/html;q=0.9", true],
      ["APPLICATION/JSON", true],
      [null, false],
      ["", false],
      ["*/*", false],
      ["application/*", false],
      ["text/html", false],
      [
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        false,
      ],
      ["text/html, application/json", false],
      ["text/html, application/json;q=0.9", false],
      ["application/xhtml+xml, application/json", false],
      ["application/json;q=0", false],
      ["application/json;q=0.1, */*", false],
      ["application/json;q=0.5, text/*", false],
      ["application/jsonp", false],
      ["application/json;q=9", false],
    ];
    for (const [value, expected] of rows) {
      assertEquals(prefersJson(value), expected, String(value));
    }
  },
);
