import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  codedEntityTag,
  makeEntityTag,
  parseEntityTag,
  parseEntityTags,
  strongMatch,
  weakMatch,
} from "../../../handlers/static/response/entity_tag.ts";
import { SETTLED } from "../../../cache/settled.ts";
import { pureTest } from "../../_lib/pure.ts";

const FILE = { size: 1024, mtimeMs: 1_700_000_000_123 };
const LATER = FILE.mtimeMs + 1_000_000;

pureTest("makeEntityTag() uses size and time", () => {
  assertEquals(makeEntityTag(FILE, LATER), '"1024-1700000000123"');
  const tags = new Set([
    makeEntityTag(FILE, LATER),
    makeEntityTag({ ...FILE, size: 1025 }, LATER),
    makeEntityTag({ ...FILE, mtimeMs: FILE.mtimeMs + 1 }, LATER),
  ]);
  assertEquals(tags.size, 3);
});

pureTest("makeEntityTag() is strong once the file has settled", () => {
  const settled = FILE.mtimeMs + SETTLED;
  assertEquals(makeEntityTag(FILE, settled), makeEntityTag(FILE, LATER));
  assert(makeEntityTag(FILE, settled).startsWith('"'));
  assert(makeEntityTag(FILE, settled - 1).startsWith('W/"'));
});

pureTest(
  "makeEntityTag() never repeats a tag while the file may change unnoticed",
  () => {
    const first = parseEntityTags(makeEntityTag(FILE, FILE.mtimeMs));
    const second = parseEntityTags(makeEntityTag(FILE, FILE.mtimeMs + 1));
    const settled = parseEntityTags(makeEntityTag(FILE, LATER));
    assertNotEquals(first, second);
    assertNotEquals(first, settled);
  },
);

pureTest("makeEntityTag() is weak and stable for a time in the future", () => {
  const early = FILE.mtimeMs - 1_000_000;
  assertEquals(makeEntityTag(FILE, early), makeEntityTag(FILE, early + 1));
  assert(makeEntityTag(FILE, early).startsWith('W/"'));
});

pureTest("makeEntityTag() never repeats a tag if the time is unknown", () => {
  const file = { size: 5, mtimeMs: null };
  assertEquals(makeEntityTag(file, 1_000), 'W/"5-at-1000"');
  assertEquals(makeEntityTag(file, 1_001), 'W/"5-at-1001"');
});

pureTest(
  "makeEntityTag() makes tags that parseEntityTags() parses, for any numbers",
  () => {
    for (const mtimeMs of [0, -1, -86_400_000.5, 0.25, 8.64e15, null]) {
      for (const now of [0, 1, LATER]) {
        for (const size of [0, Number.MAX_SAFE_INTEGER]) {
          const tag = makeEntityTag({ size, mtimeMs }, now);
          const tags = parseEntityTags(codedEntityTag(tag, "zstd", true));
          assert(Array.isArray(tags) && tags.length === 1);
        }
      }
    }
  },
);

pureTest(
  "codedEntityTag() is different for each coding, and weak if the bytes are made on the fly",
  () => {
    assertEquals(codedEntityTag('"a"', "gzip", false), '"a-gzip"');
    assertEquals(codedEntityTag('"a"', "br", false), '"a-br"');
    assertEquals(codedEntityTag('"a"', "gzip", true), 'W/"a-gzip"');
    assertEquals(codedEntityTag('W/"a"', "gzip", true), 'W/"a-gzip"');
    assertEquals(codedEntityTag('W/"a"', "gzip", false), 'W/"a-gzip"');
  },
);

const A = { weak: false, opaque: "a" };
const WEAK_A = { weak: true, opaque: "a" };
const B = { weak: false, opaque: "b" };

pureTest("parseEntityTags() parses lists", () => {
  const rows = [
    ['"a"', [A]],
    ['W/"a"', [WEAK_A]],
    ['"a","b"', [A, B]],
    ['"a" ,\t"b"', [A, B]],
    ['  "a"  ', [A]],
    [', ,"a",,', [A]],
    ['""', [{ weak: false, opaque: "" }]],
    ['"a,b"', [{ weak: false, opaque: "a,b" }]],
    ['"\\"', [{ weak: false, opaque: "\\" }]],
    ['"W/"', [{ weak: false, opaque: "W/" }]],
    ['"\xe9"', [{ weak: false, opaque: "\xe9" }]],
    ['"*"', [{ weak: false, opaque: "*" }]],
    ["*", "*"],
  ] as const;
  for (const [value, expected] of rows) {
    assertEquals(parseEntityTags(value), expected, value);
  }
});

pureTest("parseEntityTags() returns undefined for malformed values", () => {
  const values = [
    "",
    " ",
    ",",
    "a",
    '"a',
    'a"',
    '"a" "b"',
    '"a""b"',
    '"a"; "b"',
    'w/"a"',
    'W "a"',
    "W/a",
    'W/ "a"',
    '"a b"',
    '"a\tb"',
    '"\x7f"',
    '"\0"',
    "'a'",
    '*, "a"',
    '"a", *',
    "**",
    '"a", b',
  ];
  for (const value of values) {
    assertEquals(parseEntityTags(value), undefined, JSON.stringify(value));
  }
});

pureTest("parseEntityTags() takes time proportional to its input", () => {
  const start = performance.now();
  for (
    const value of [
      " ".repeat(1_000_000) + "x",
      '"a"' + " ".repeat(1_000_000) + "x",
      '"' + "a".repeat(1_000_000),
      ",".repeat(1_000_000),
      'W/"'.repeat(300_000),
    ]
  ) assertEquals(parseEntityTags(value), undefined);
  // Quadratic time would be hours.
  assert(performance.now() - start < 5_000);
});

pureTest("parseEntityTag() accepts exactly one tag", () => {
  assertEquals(parseEntityTag('"a"'), A);
  assertEquals(parseEntityTag('W/"a"'), WEAK_A);
  for (const value of ["", "*", "a", '"a', '"a", "b"', '"a", "a"']) {
    assertEquals(parseEntityTag(value), undefined, value);
  }
});

pureTest("strongMatch() requires two strong tags with the same text", () => {
  assertEquals(strongMatch(A, { ...A }), true);
  assertEquals(strongMatch(A, B), false);
  assertEquals(strongMatch(A, WEAK_A), false);
  assertEquals(strongMatch(WEAK_A, A), false);
  assertEquals(strongMatch(WEAK_A, WEAK_A), false);
});

pureTest("weakMatch() compares only the text", () => {
  assertEquals(weakMatch(A, WEAK_A), true);
  assertEquals(weakMatch(WEAK_A, WEAK_A), true);
  assertEquals(weakMatch(WEAK_A, B), false);
});
