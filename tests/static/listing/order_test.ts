// The order of entries, and the query that selects it.

import { assert, assertEquals } from "@std/assert";
import type { ListingEntry } from "../../../handlers/static/listing/entry.ts";
import { naturalKey } from "../../../handlers/static/listing/natural_order.ts";
import { sortEntries } from "../../../handlers/static/listing/order.ts";
import {
  type ListingLook,
  lookQuery,
  parseListingQuery,
} from "../../../handlers/static/listing/query.ts";

const pure = { permissions: "none" } as const;

const ENTRIES: readonly ListingEntry[] = Object.freeze([
  { name: "b10", kind: "file", size: 5, mtimeMs: 30 },
  { name: "B9", kind: "link-file", size: 5, mtimeMs: 10 },
  { name: "x", kind: "folder", size: 9999, mtimeMs: 20 },
  { name: "a", kind: "file", size: 7 },
  { name: "c", kind: "file", mtimeMs: -5 },
  { name: "d", kind: "link-folder", mtimeMs: 40 },
  { name: "p", kind: "other", size: 3, mtimeMs: 25 },
]);

Deno.test(
  "sortEntries() puts folders first and sorts by name, size or date",
  pure,
  () => {
    const rows: [ListingLook["sort"], ListingLook["order"], string][] = [
      ["name", "asc", "d x a B9 b10 c p"],
      ["name", "desc", "x d p c b10 B9 a"],
      ["size", "asc", "d x c p B9 b10 a"],
      ["size", "desc", "d x a B9 b10 c p"],
      ["date", "asc", "x d a c B9 p b10"],
      ["date", "desc", "d x b10 p B9 c a"],
    ];
    for (const [sort, order, expected] of rows) {
      const sorted = sortEntries(ENTRIES, { sort, order });
      assertEquals(sorted.map(({ name }) => name).join(" "), expected);
    }
  },
);

Deno.test(
  "sortEntries() returns the same order for any input order",
  pure,
  () => {
    const look = { sort: "name", order: "asc" } as const;
    const names = ["a", "A", "\u00e1", "a1", "a01", "a1"];
    const entries = names.map((name): ListingEntry => ({ name, kind: "file" }));
    assertEquals(
      sortEntries(entries, look),
      sortEntries(entries.toReversed(), look),
    );
  },
);

Deno.test("naturalKey() sorts names as people expect", pure, () => {
  const sorted = [
    "",
    "-",
    "1",
    "2",
    "0010",
    "99999999999999999999998",
    "99999999999999999999999",
    "a",
    "a 2",
    "a 10",
    "a.txt",
    "a1",
    "\u00e9clair",
    "Eclair 2",
    "\u0130",
    "j",
    "zebra",
    "\u5b57",
  ];
  for (let index = 1; index < sorted.length; index++) {
    const [a, b] = [sorted[index - 1]!, sorted[index]!];
    assert(naturalKey(a) < naturalKey(b), `${a} < ${b}`);
  }
});

Deno.test(
  "naturalKey() ignores case, accents and leading zeros",
  pure,
  () => {
    assertEquals(naturalKey("\u00c9t\u00e9 007"), naturalKey("ete 7"));
    assertEquals(naturalKey("e\u0301"), naturalKey("\u00e9"));
    assertEquals(naturalKey("000"), naturalKey("0"));
  },
);

Deno.test("naturalKey() keeps the vowel signs of other scripts", pure, () => {
  assert(naturalKey("\u0915\u093f") !== naturalKey("\u0915"));
});

Deno.test("parseListingQuery() ignores unknown parameters", pure, () => {
  const usual = { sort: "name", order: "asc", view: "list", json: false };
  const rows: [string, Partial<Record<keyof typeof usual, unknown>>][] = [
    ["", {}],
    ["sort=size", { sort: "size" }],
    ["sort=date&order=desc&view=grid&format=json", {
      sort: "date",
      order: "desc",
      view: "grid",
      json: true,
    }],
    ["sort=name&order=asc&view=list&format=html", {}],
    ["sort=constructor&order=DESC&view=__proto__&format=xml", {}],
    ["sort=date&sort=size", { sort: "date" }],
    ["&&=&sort&sort=&%&order=%64esc", { order: "desc" }],
    ["so%72t=size", { sort: "size" }],
  ];
  for (const [query, change] of rows) {
    assertEquals(
      parseListingQuery(query),
      { ...usual, ...change } as ReturnType<typeof parseListingQuery>,
      query,
    );
  }
});

Deno.test("parseListingQuery() parses the result of lookQuery()", pure, () => {
  for (const sort of ["name", "size", "date"] as const) {
    for (const order of ["asc", "desc"] as const) {
      for (const view of ["list", "grid"] as const) {
        const query = lookQuery({ sort, order, view });
        assertEquals(
          parseListingQuery(query.slice(1)),
          { sort, order, view, json: false },
        );
      }
    }
  }
  assertEquals(lookQuery({ sort: "name", order: "asc", view: "list" }), "");
});
