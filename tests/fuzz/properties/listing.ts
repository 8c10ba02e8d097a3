// The directory listing: hostile names stay text, and links stay in the folder.

import { assert, assertEquals } from "@std/assert";
import { breadcrumbs } from "../../../handlers/static/listing/breadcrumbs.ts";
import type { ListingEntry } from "../../../handlers/static/listing/entry.ts";
import {
  grouped,
  humanSize,
} from "../../../handlers/static/listing/human_size.ts";
import { isoDate } from "../../../handlers/static/listing/iso_date.ts";
import {
  jsonFoot,
  jsonHead,
  jsonRows,
} from "../../../handlers/static/listing/json.ts";
import { sortEntries } from "../../../handlers/static/listing/order.ts";
import {
  listingFoot,
  listingHead,
  listingRows,
} from "../../../handlers/static/listing/page.ts";
import {
  lookQuery,
  parseListingQuery,
} from "../../../handlers/static/listing/query.ts";
import { LISTING_SCRIPT } from "../../../handlers/static/listing/script.ts";
import { LISTING_STYLE } from "../../../handlers/static/listing/style.ts";
import { visibleText } from "../../../handlers/static/listing/visible_text.ts";
import { listingPage } from "../../../handlers/listing.ts";
import { property, type Subject } from "../_lib.ts";
import corpus from "../corpus/listing.json" with { type: "json" };
import { ODD, type Random, texts, WIDE } from "../_random.ts";

const fileName = texts(
  [
    "<script>",
    "</a>",
    "&amp;",
    '"',
    "' onload='x",
    "javascript:",
    "..",
    "%2e",
    "//evil.test",
    "?q",
    "#f",
    "a.png",
    "10",
    "9",
    "\\",
  ],
  [
    "a.txt",
    "<img src=x onerror=alert(1)>.png",
    "javascript:alert(1)",
    "v.mp4",
    "..",
    "b 2.md",
    "&lt;.gz",
  ],
  { most: 4, odd: [...ODD, ...WIDE] },
);

const KINDS = ["folder", "file", "link-folder", "link-file", "other"] as const;

interface View {
  readonly entries: readonly Entry[];
  readonly segments: readonly string[];
  readonly query: string;
  readonly readme: string;
}

interface Entry {
  readonly name: string;
  readonly kind: number;
  readonly size: number;
  readonly mtimeMs: number;
}

function anyEntry(random: Random): Entry {
  return {
    name: fileName(random),
    kind: random.int(KINDS.length),
    size: random.pick([0, 1, 999, 1000, 999_499, 2 ** 40]),
    mtimeMs: random.pick([0, 1_700_000_000_123, -1, 8.64e15]),
  };
}

const QUERIES = [
  "",
  "sort=size",
  "order=desc&view=grid",
  "sort=date&order=asc",
  "view=grid",
  "sort=<script>",
  "format=json",
];

function anyView(random: Random): View {
  return {
    entries: random.list(5, anyEntry),
    segments: random.list(3, fileName),
    query: random.pick(QUERIES),
    readme: random.oneIn(2) ? fileName(random) : "",
  };
}

/** A name that a folder can contain. */
function fileNameOf(text: string): string {
  const name = text.replace(/[/\0]/g, "");
  return ["", ".", ".."].includes(name) ? "x" : name;
}

/** The entry with a name that a folder can contain. */
function entryOf({ name, kind, size, mtimeMs }: Entry): ListingEntry {
  return {
    name: fileNameOf(name),
    kind: KINDS[kind % KINDS.length]!,
    size,
    mtimeMs,
  };
}

const TAG = /^<(\/?)([a-z][a-z0-9]*)((?: [a-z-]+(?:="[^"<>]*")?)*)>/;
const ELEMENTS = new Set(
  "html head meta title link style body header h1 h2 bdi bdo nav ol ul li a main div label input kbd table caption thead tbody tr th td small data time img video p footer script section pre span svg path form button hr noscript"
    .split(" "),
);

/** Checks that a page has only known elements, and links that stay in its folder. */
function assertSafe(page: string, segments: readonly string[]): void {
  const base = "http://a.test/" +
    segments.map((name) => encodeURIComponent(name.toWellFormed()) + "/").join(
      "",
    );
  let rest = page.replace(LISTING_STYLE, "").replace(LISTING_SCRIPT, "")
    .replace(/^<!DOCTYPE [^>]*>/i, "");
  for (let at = rest.indexOf("<"); at >= 0; at = rest.indexOf("<")) {
    assertText(rest.slice(0, at));
    const [tag, , name, attributes] = TAG.exec(rest.slice(at)) ?? [];
    assert(tag !== undefined && ELEMENTS.has(name!), rest.slice(at, at + 80));
    for (
      const [, key, value = ""] of attributes!.matchAll(
        / ([a-z-]+)(?:="([^"]*)")?/g,
      )
    ) {
      assert(!key!.startsWith("on") && key !== "style", tag!);
      if (/^(?:href|src|action|formaction)$/.test(key!)) {
        assertStays(value, base);
      }
    }
    rest = rest.slice(at + tag!.length);
  }
  assertText(rest);
}

function assertText(text: string): void {
  assert(!text.includes(">"), text);
  assert(!/&(?!(?:amp|lt|gt|quot|#x27|[a-z]{2,8}|#\d{1,4});)/.test(text), text);
}

/** A link goes to the folder itself, to an entry in it, or to a folder above it. */
function assertStays(href: string, base: string): void {
  if (href.startsWith("data:image/")) return;
  const url = new URL(href.replaceAll("&amp;", "&"), base);
  assertEquals(url.origin, "http://a.test", href);
  const isAbove = /^(?:\.\.\/)+(?:\?.*)?$/.test(href);
  assert(isAbove || url.href.startsWith(base), href);
}

const pages = property(
  "listingHead(), listingRows() and listingFoot() escape names",
  anyView,
  ({ entries, segments, query, readme }) => {
    const look = parseListingQuery(query);
    const names = segments.map(fileNameOf);
    const view = {
      ...look,
      segments: names,
      ...(readme !== "" &&
        {
          readme: {
            name: entryOf(
              entries[0] ?? { name: readme, kind: 1, size: 0, mtimeMs: 0 },
            ).name,
            text: readme,
            truncated: true,
          },
        }),
      totals: { folders: 1, files: 2, bytes: 3 },
    };
    const rows = sortEntries(entries.map(entryOf), look);
    assertSafe(
      listingHead(view) + listingRows(rows, view) + listingFoot(view),
      names,
    );
  },
  150,
);

const simplePages = property(
  "listingPage() escapes names",
  anyView,
  ({ entries, segments }) => {
    const path = "/" + segments.join("/");
    const page = listingPage(
      path,
      entries.map(entryOf).map(({ name }, index) => ({
        name,
        isDirectory: index % 2 === 0,
        isSymlink: index % 3 === 0,
      })),
    );
    for (const [, href] of page.matchAll(/<a href="([^"]*)"/g)) {
      const url = new URL(href!.replaceAll("&amp;", "&"), "http://a.test/d/");
      assertEquals(url.origin, "http://a.test", href);
      assert(url.pathname.startsWith("/d/"), href);
    }
    const bare = page.replace(/<a href="[^"<>]*">/g, "").replace(
      /<\/?(?:!DOCTYPE|html|head|meta|title|body|h1|hr|ul|li|a|style)\b[^<>]*>/gi,
      "",
    );
    assert(!/[<>]/.test(bare), bare);
  },
  150,
);

const json = property(
  "jsonHead(), jsonRows() and jsonFoot() write JSON that can be parsed back",
  anyView,
  ({ entries, segments }) => {
    const listed = entries.map(entryOf);
    const half = Math.ceil(listed.length / 2);
    const text = jsonHead(segments) + jsonRows(listed.slice(0, half), true) +
      jsonRows(listed.slice(half), half === 0) + jsonFoot();
    const read = JSON.parse(text) as {
      path: string;
      entries: { name: string; href?: string }[];
    };
    assertEquals(read.path, "/" + segments.map((name) => name + "/").join(""));
    assertEquals(
      read.entries.map(({ name }) => name),
      listed.map(({ name }) => name),
    );
    for (const { name, href } of read.entries) {
      if (href === undefined) continue;
      const url = new URL(href, "http://a.test/d/");
      assert(url.href.startsWith("http://a.test/d/"), href);
      if (name.isWellFormed()) {
        assertEquals(
          decodeURIComponent(url.pathname).replace(/\/$/, ""),
          "/d/" + name,
        );
      }
    }
  },
);

const order = property(
  "sortEntries() sorts the same entries, folders first, from any order",
  (random) => ({
    entries: random.list(6, anyEntry),
    query: random.pick(QUERIES),
  }),
  ({ entries, query }) => {
    const look = parseListingQuery(query);
    const listed = entries.map(entryOf);
    const sorted = sortEntries(listed, look);
    assertEquals(new Set(sorted), new Set(listed));
    assertEquals(sorted.length, listed.length);
    const folders = sorted.map(({ kind }) => kind.endsWith("folder"));
    assertEquals(folders, folders.toSorted((a, b) => Number(b) - Number(a)));
    const distinct =
      new Set(listed.map(({ name }) => visibleText(name))).size ===
        listed.length;
    if (distinct) assertEquals(sortEntries(listed.toReversed(), look), sorted);
  },
);

const queries = property(
  "parseListingQuery() returns a look that lookQuery() writes",
  texts([
    ..."sort order view format = & size date name asc desc grid list json %73 + ; %"
      .split(" "),
  ], QUERIES),
  (query) => {
    const { json, ...look } = parseListingQuery(query);
    assertEquals(typeof json, "boolean");
    assertEquals(parseListingQuery(lookQuery(look).replace("?", "")), {
      json: false,
      ...look,
    });
    assert(["name", "size", "date"].includes(look.sort));
    assert(
      ["asc", "desc"].includes(look.order) &&
        ["list", "grid"].includes(look.view),
    );
    assert(/^(?:\?[a-z=&]+)?$/.test(lookQuery(look)));
  },
);

const names = property(
  "visibleText() leaves no invisible character, and breadcrumbs() are bounded",
  (random) => ({
    name: fileName(random),
    depth: random.pick([0, 1, 5, 40, 500]),
  }),
  ({ name, depth }) => {
    const shown = visibleText(name);
    assert(
      !/[\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u.test(
        shown,
      ),
    );
    const crumbs = breadcrumbs(new Array<string>(depth).fill(name));
    assert(crumbs.length <= 40);
    assert(crumbs.every(({ href }) => /^(?:\.\.\/)+$/.test(href)));
    assert(crumbs.length <= depth);
  },
  100,
);

const numbers = property(
  "humanSize(), grouped() and isoDate() are short and exact",
  (random) => ({
    value: random.int(2 ** 32) * 2 ** random.int(21),
    shift: random.between(-60_000, 60_000),
  }),
  ({ value, shift }) => {
    const size = humanSize(value);
    const found = /^(\d{1,5}(?:\.\d)?) (B|kB|MB|GB|TB|PB)$/.exec(size);
    assert(found !== null, size);
    const unit = 1000 **
      ["B", "kB", "MB", "GB", "TB", "PB"].indexOf(found![2]!);
    assert(Math.abs(Number(found![1]) * unit - value) <= value * 0.06, size);
    assertEquals(Number(grouped(value).replaceAll(",", "")), value);
    assert(/^\d{1,3}(?:,\d{3})*$/.test(grouped(value)));
    const time = shift * 86_400_000 + (value % 86_400_000);
    assertEquals(isoDate(time), new Date(time).toISOString());
  },
);

/** Properties of the listing. */
export const LISTING: Subject = {
  name: "listing",
  properties: [pages, simplePages, json, order, queries, names, numbers],
  corpus,
};
