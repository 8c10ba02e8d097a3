// The page of a directory listing.

import { assert, assertEquals } from "@std/assert";
import { type ListedEntry, listingPage } from "../../handlers/listing.ts";

const pure = { permissions: "none" } as const;

function file(name: string): ListedEntry {
  return { name, isDirectory: false, isSymlink: false };
}

/** The list items of a page. */
function items(...entries: ListedEntry[]): string[] {
  return listingPage("/", entries).split("\n")
    .filter((line) => line.startsWith("<li>"));
}

Deno.test("listingPage() renders exactly CPython's page", pure, () => {
  assertEquals(
    listingPage("/a/", [file("b.txt")]),
    `<!DOCTYPE HTML>
<html lang="en">
<head>
<meta charset="utf-8">
<style type="text/css">
:root {
color-scheme: light dark;
}
</style>
<title>Directory listing for /a/</title>
</head>
<body>
<h1>Directory listing for /a/</h1>
<hr>
<ul>
<li><a href="b.txt">b.txt</a></li>
</ul>
<hr>
</body>
</html>
`,
  );
});

// behaviour 99
Deno.test(
  "listingPage() marks directories and symlinks, and sorts case-insensitively",
  pure,
  () => {
    assertEquals(
      items(
        file("b"),
        file("a"),
        file("C"),
        { name: "dir", isDirectory: true, isSymlink: false },
        { name: "to-dir", isDirectory: true, isSymlink: true },
        { name: "to-file", isDirectory: false, isSymlink: true },
      ),
      [
        '<li><a href="a">a</a></li>',
        '<li><a href="b">b</a></li>',
        '<li><a href="C">C</a></li>',
        '<li><a href="dir/">dir/</a></li>',
        '<li><a href="to-dir/">to-dir@</a></li>',
        '<li><a href="to-file">to-file@</a></li>',
      ],
    );
  },
);

Deno.test(
  "listingPage() keeps the order of names that differ only in case",
  pure,
  () => {
    assertEquals(
      items(file("A"), file("a"), file("Ab")).map((item) => item.slice(13, 15)),
      ['A"', 'a"', "Ab"],
    );
  },
);

Deno.test("listingPage() sorts by code point, as Python does", pure, () => {
  const names = items(file("\u{1f600}"), file("\uffee"), file("z"))
    .map((item) => item.replace(/<[^>]*>/g, ""));
  assertEquals(names, ["z", "\uffee", "\u{1f600}"]);
});

// behaviours 84, 90, 91, 111
Deno.test(
  "listingPage() quotes the link and escapes the text of an entry",
  pure,
  () => {
    const rows: [string, string, string][] = [
      ["q?.txt", "q%3F.txt", "q?.txt"],
      ["f#.txt", "f%23.txt", "f#.txt"],
      ["&amp;", "%26amp%3B", "&amp;amp;"],
      ["<i>", "%3Ci%3E", "&lt;i&gt;"],
      ['"dq"', "%22dq%22", '"dq"'],
      ["'sq'", "%27sq%27", "'sq'"],
      ["%A4", "%25A4", "%A4"],
      ["\xe4 \u20ac", "%C3%A4%20%E2%82%AC", "\xe4 \u20ac"],
      [
        "javascript:alert(1)",
        "javascript%3Aalert%281%29",
        "javascript:alert(1)",
      ],
    ];
    for (const [name, href, text] of rows) {
      assertEquals(items(file(name)), [
        `<li><a href="${href}">${text}</a></li>`,
      ]);
    }
  },
);

// behaviours 83, 92
Deno.test(
  "listingPage() shows the decoded and escaped path without query and fragment",
  pure,
  () => {
    const rows: [string, string][] = [
      ["/a/?x=123", "/a/"],
      ["/a/#123", "/a/"],
      ["/a/#b?c", "/a/"],
      ["/%C3%A4%20/", "/\xe4 /"],
      ["/%3Cscript%3E&amp;/", "/&lt;script&gt;&amp;amp;/"],
      ["/%3F%23/", "/?#/"],
      ["/%ff.dir/", "/\ufffd.dir/"],
      ["/<b>/", "/&lt;b&gt;/"],
    ];
    for (const [path, shown] of rows) {
      const page = listingPage(path, []);
      assert(
        page.includes(`<title>Directory listing for ${shown}</title>`),
        path,
      );
      assert(page.includes(`<h1>Directory listing for ${shown}</h1>`), path);
    }
  },
);
