// A listing as JSON.

import { assertEquals } from "@std/assert";
import type { ListingEntry } from "../../../handlers/static/listing/entry.ts";
import {
  jsonFoot,
  jsonHead,
  jsonRows,
} from "../../../handlers/static/listing/json.ts";

const pure = { permissions: "none" } as const;

Deno.test("jsonRows() returns the known properties of each entry", pure, () => {
  const entries: ListingEntry[] = [
    { name: "d", kind: "link-folder", size: 4096, mtimeMs: 0 },
    { name: 'a "b"\n.txt', kind: "file", size: 3, mtimeMs: 1.9 },
    { name: "pipe", kind: "other", size: 0 },
    { name: "bad\ufffd", kind: "file" },
    { name: "javascript:x", kind: "link-file" },
  ];
  const text = jsonHead(["x", '"']) + jsonRows(entries.slice(0, 2), true) +
    jsonRows(entries.slice(2), false) + jsonFoot();
  assertEquals(JSON.parse(text), {
    path: '/x/"/',
    entries: [
      {
        name: "d",
        type: "folder",
        link: true,
        mtime: "1970-01-01T00:00:00.000Z",
        href: "./d/",
      },
      {
        name: 'a "b"\n.txt',
        type: "file",
        size: 3,
        mtime: "1970-01-01T00:00:00.001Z",
        href: "./a%20%22b%22%0A.txt",
      },
      { name: "pipe", type: "other" },
      { name: "bad\ufffd", type: "file" },
      {
        name: "javascript:x",
        type: "file",
        link: true,
        href: "./javascript%3Ax",
      },
    ],
  });
});

Deno.test("jsonFoot() ends a listing without entries too", pure, () => {
  const rows: [string[], string][] = [[[], "/"], [["a"], "/a/"]];
  for (const [segments, path] of rows) {
    assertEquals(
      JSON.parse(jsonHead(segments) + jsonRows([], true) + jsonFoot()),
      { path, entries: [] },
    );
  }
});
