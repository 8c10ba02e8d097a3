// The small helpers: sizes, dates, icons, breadcrumbs, invisible characters.

import { assert, assertEquals } from "@std/assert";
import { breadcrumbs } from "../../../handlers/static/listing/breadcrumbs.ts";
import { iconOf, thumbnailOf } from "../../../handlers/static/listing/entry.ts";
import {
  grouped,
  humanSize,
} from "../../../handlers/static/listing/human_size.ts";
import { iconAddress } from "../../../handlers/static/listing/icons.ts";
import { isoDate } from "../../../handlers/static/listing/iso_date.ts";
import { visibleText } from "../../../handlers/static/listing/visible_text.ts";

const pure = { permissions: "none" } as const;

Deno.test("humanSize() has at least two significant digits", pure, () => {
  const rows: [number, string][] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [1234, "1.2 kB"],
    [9949, "9.9 kB"],
    [9950, "10 kB"],
    [123456, "123 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [5e9, "5.0 GB"],
    [2 ** 53, "9.0 PB"],
    [5e18, "5000 PB"],
  ];
  for (const [bytes, text] of rows) assertEquals(humanSize(bytes), text);
});

Deno.test("grouped() adds thousands separators", pure, () => {
  const rows: [number, string][] = [
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [1234567, "1,234,567"],
  ];
  for (const [value, text] of rows) assertEquals(grouped(value), text);
});

Deno.test("isoDate() formats dates like toISOString()", pure, () => {
  const day = 86_400_000;
  const times = [0, -1, 1, day - 1, day, -day, -day - 1, 1.7e12 + 5, 8.64e15];
  times.push(-8.64e15, Date.UTC(-5, 0), 253402300800000);
  for (const time of times) {
    assertEquals(isoDate(time), new Date(time).toISOString());
  }
  assertEquals(isoDate(1.75), "1970-01-01T00:00:00.001Z");
});

Deno.test("isoDate() returns undefined for an invalid date", pure, () => {
  for (const time of [undefined, NaN, Infinity, 8.64e15 + 1]) {
    assertEquals(isoDate(time), undefined);
  }
});

Deno.test("iconOf() chooses by kind and extension", pure, () => {
  const rows: [string, string][] = [
    ["a.png", "image"],
    ["a.MP4", "video"],
    ["a.tar.gz", "archive"],
    ["a.ts", "code"],
    [".png", "file"],
    ["png", "file"],
    ["a.", "file"],
    ["a.constructor", "file"],
    ["a." + "x".repeat(300), "file"],
  ];
  for (const [name, icon] of rows) {
    assertEquals(iconOf({ name, kind: "file" }), icon, name);
    assertEquals(iconOf({ name, kind: "folder" }), "folder");
    assertEquals(iconOf({ name, kind: "other" }), "other");
  }
});

Deno.test(
  "thumbnailOf() returns an element for formats that browsers show",
  pure,
  () => {
    const rows: [string, string | undefined][] = [
      ["a.svg", "img"],
      ["a.webm", "video"],
      ["a.tiff", undefined],
      ["a.mkv", undefined],
      ["a.txt", undefined],
    ];
    for (const [name, element] of rows) {
      assertEquals(thumbnailOf({ name, kind: "link-file" }), element);
      assertEquals(thumbnailOf({ name, kind: "link-folder" }), undefined);
      assertEquals(thumbnailOf({ name, kind: "other" }), undefined);
    }
  },
);

Deno.test(
  "iconAddress() needs no escaping in CSS or in attributes",
  pure,
  () => {
    const address = iconAddress("folder", "#c77700");
    assert(/^data:image\/svg\+xml,[^"'<>#&\n]*$/.test(address));
    assert(decodeURIComponent(address).includes("fill='#c77700'"));
  },
);

Deno.test(
  "breadcrumbs() lists the folders from the root to the parent",
  pure,
  () => {
    assertEquals(breadcrumbs([]), []);
    assertEquals(breadcrumbs(["a"]), [{ name: "Home", href: "../" }]);
    assertEquals(breadcrumbs(["a", "b", "c"]), [
      { name: "Home", href: "../../../" },
      { name: "a", href: "../../" },
      { name: "b", href: "../" },
    ]);
  },
);

Deno.test("breadcrumbs() limits the folders of a deep path", pure, () => {
  const names = Array.from({ length: 2000 }, (_, index) => `f${index}`);
  const crumbs = breadcrumbs(names);
  assertEquals(crumbs.length, 33);
  assertEquals(crumbs[0], { name: "Home", href: "../".repeat(2000) });
  assertEquals(crumbs[1], { name: "\u2026", href: "../".repeat(32) });
  assertEquals(crumbs[2], { name: "f1968", href: "../".repeat(31) });
  assertEquals(crumbs.at(-1), { name: "f1998", href: "../" });
  const shown = breadcrumbs(names.slice(0, 33));
  assertEquals(shown.map(({ name }) => name), ["Home", ...names.slice(0, 32)]);
});

Deno.test("visibleText() makes every invisible character visible", pure, () => {
  const rows: [string, string][] = [
    [
      "plain \u00e9\u{1f469}\u200d\u{1f467} \u0645",
      "plain \u00e9\u{1f469}\u200d\u{1f467} \u0645",
    ],
    ["\0\t\x1b\x7f", "\u2400\u2409\u241b\u2421"],
    ["a\x85b\u2028", "a[U+0085]b[U+2028]"],
    ["\u202e\u2066\u200f\ufeff", "[U+202E][U+2066][U+200F][U+FEFF]"],
  ];
  for (const [name, shown] of rows) assertEquals(visibleText(name), shown);
});
