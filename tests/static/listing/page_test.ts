// The page of a listing, from plain data.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ListingEntry } from "../../../handlers/static/listing/entry.ts";
import {
  listingFoot,
  listingHead,
  listingRows,
  type ListingView,
} from "../../../handlers/static/listing/page.ts";

const pure = { permissions: "none" } as const;

const LIST: ListingView = {
  sort: "name",
  order: "asc",
  view: "list",
  segments: [],
};
const GRID: ListingView = { ...LIST, view: "grid" };

/** A name that would break out of any place where it isn't escaped. */
const EVIL = `"'><script>alert(1)</script>&amp;`;
const ESCAPED = `"'&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;`;
const QUOTED = "%22%27%3E%3Cscript%3Ealert%281%29%3C/script%3E%26amp%3B";

function row(entry: ListingEntry, view: ListingView = LIST): string {
  return listingRows([entry], view);
}

/** The parts of the page between tags, where other text could be injected. */
function page(view: ListingView, ...entries: ListingEntry[]): string {
  return listingHead(view) + listingRows(entries, view) + listingFoot(view);
}

/** Fails if an element is closed that was not opened last. */
function assertBalanced(html: string): void {
  const markup = html.replace(/<(style|script)>[\s\S]*?<\/\1>/g, "");
  const without = new Set(["meta", "link", "input", "img"]);
  const open: string[] = [];
  for (
    const [, end, name] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)
  ) {
    if (end === "/") assertEquals(open.pop(), name);
    else if (!without.has(name!)) open.push(name!);
  }
  assertEquals(open, []);
}

Deno.test(
  "listingHead(), listingRows() and listingFoot() together are a complete page",
  pure,
  () => {
    for (const view of [LIST, GRID]) {
      const whole = page(
        {
          ...view,
          segments: ["a", "b"],
          readme: { name: "README", text: "hello", truncated: true },
          totals: { folders: 1, files: 3, bytes: 10 },
        },
        { name: "a", kind: "folder" },
        { name: "b.png", kind: "file", size: 1234, mtimeMs: 0 },
        { name: "c.mp4", kind: "link-file", size: 1, mtimeMs: 0 },
        { name: "d", kind: "other" },
      );
      assert(whole.startsWith("<!DOCTYPE html>\n"));
      assertStringIncludes(whole, '<html lang="en">');
      assertEquals(whole.match(/<h1>/g)?.length, 1);
      assertEquals(whole.match(/<script>/g)?.length, 1);
      assertEquals(whole.match(/<style>/g)?.length, 1);
      assertBalanced(whole);
    }
  },
);

Deno.test(
  "listingRows() returns the same in one batch or in many",
  pure,
  () => {
    const entries: ListingEntry[] = [
      { name: "a", kind: "folder" },
      { name: "b", kind: "file" },
      { name: "c", kind: "file" },
    ];
    assertEquals(
      listingRows(entries, LIST),
      listingRows(entries.slice(0, 1), LIST) +
        listingRows(entries.slice(1), LIST),
    );
    assertEquals(listingRows([], LIST), "");
  },
);

Deno.test("listingRows() shows a file with its size and date", pure, () => {
  assertEquals(
    row({
      name: "a.txt",
      kind: "file",
      size: 1234567,
      mtimeMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    }),
    '<tr class="text"><th scope="row"><a href="a.txt" data-view>a.txt</a></th>' +
      '<td><data value="1234567" title="1,234,567 bytes">1.2 MB</data></td>' +
      '<td><time datetime="2026-01-02T03:04:05.006Z">2026-01-02 03:04</time></td></tr>\n',
  );
});

Deno.test("listingRows() leaves unknown values empty", pure, () => {
  const unknown = "<td></td><td></td></tr>\n";
  assert(row({ name: "a", kind: "file" }).endsWith(unknown));
  assert(row({ name: "a", kind: "folder", size: 4096 }).endsWith(unknown));
  assert(row({ name: "a", kind: "other", size: 0 }).endsWith(unknown));
  assert(row({ name: "a", kind: "file", mtimeMs: NaN }).endsWith(unknown));
});

Deno.test(
  "listingRows() keeps a name from being parsed as markup or as a URL",
  pure,
  () => {
    const rows: [name: string, href: string, text: string][] = [
      [EVIL, QUOTED, ESCAPED],
      [
        "javascript:alert(1)",
        "javascript%3Aalert%281%29",
        "javascript:alert(1)",
      ],
      ["a b#c?d%41", "a%20b%23c%3Fd%2541", "a b#c?d%41"],
      ["\\x", "%5Cx", "\\x"],
      ["\u00e9\u{1f600}", "%C3%A9%F0%9F%98%80", "\u00e9\u{1f600}"],
      ["a\nb\x7f", "a%0Ab%7F", "a\u240ab\u2421"],
      ["\u202egpj.exe", "%E2%80%AEgpj.exe", "[U+202E]gpj.exe"],
    ];
    for (const [name, href, text] of rows) {
      assertStringIncludes(
        row({ name, kind: "file" }),
        `<a href="${href}">${text}</a></th>`,
      );
    }
  },
);

Deno.test("listingRows() escapes the URLs of thumbnails", pure, () => {
  assertStringIncludes(
    row({ name: EVIL + ".png", kind: "file" }, GRID),
    `<img src="${QUOTED}.png" alt="" width="160" height="120" loading="lazy"`,
  );
  const video = row({ name: EVIL + ".mp4", kind: "file" }, GRID);
  assertStringIncludes(video, `<video src="${QUOTED}.mp4#t=0.5"`);
  assertStringIncludes(video, 'preload="none"');
});

Deno.test("listingRows() has thumbnails only in the grid", pure, () => {
  const entry: ListingEntry = { name: "a.png", kind: "file" };
  assert(row(entry, GRID).includes("<img "));
  assert(!row(entry, LIST).includes("<img "));
  assert(!row({ name: "a.png", kind: "folder" }, GRID).includes("<img "));
  assert(!row({ name: "a\ufffd.png", kind: "file" }, GRID).includes("<img "));
});

Deno.test("listingRows() keeps the look in links to folders", pure, () => {
  assertStringIncludes(
    row({ name: "a", kind: "folder" }, { ...GRID, sort: "size" }),
    '<a href="a/?sort=size&amp;view=grid">a/</a>',
  );
  assertStringIncludes(
    row({ name: "a", kind: "link-folder" }),
    '<a href="a/">a/</a> <small>link</small>',
  );
});

Deno.test(
  "listingRows() doesn't link entries that can't be opened",
  pure,
  () => {
    assertStringIncludes(
      row({ name: "pipe", kind: "other" }),
      "<span>pipe</span> <small>special</small>",
    );
    assertStringIncludes(
      row({ name: "a\ufffd", kind: "file" }),
      "<span>a\ufffd</span> <small>not UTF-8</small>",
    );
  },
);

Deno.test("listingHead() escapes every name of the path", pure, () => {
  const head = listingHead({
    ...LIST,
    segments: [EVIL, EVIL],
  });
  assertStringIncludes(head, `<title>/${ESCAPED}/${ESCAPED}/</title>`);
  assertStringIncludes(head, `<h1>${ESCAPED}</h1>`);
  assertEquals(head.split(`>${ESCAPED}</a></li>`).length, 2);
  assert(!head.includes("<script>"));
  assertBalanced(head + listingFoot(LIST));
});

Deno.test("listingHead() links to the folders above", pure, () => {
  const head = listingHead({ ...GRID, segments: ["a", "b"] });
  assertStringIncludes(
    head,
    '<nav aria-label="Breadcrumb"><ol><li><a href="../../?view=grid">Home</a></li>' +
      '<li><a href="../?view=grid">a</a></li></ol></nav>\n<h1>b</h1>',
  );
  assertStringIncludes(head, '<a href="../?view=grid" rel="up">');
  const root = listingHead(LIST);
  assert(!root.includes("Breadcrumb") && !root.includes('rel="up"'));
});

/** The query that a form with these fields submits. */
const input = (name: string, value: string) =>
  `<input type="hidden" name="${name}" value="${value}">`;

Deno.test(
  "listingHead() has a button for each column's next order",
  pure,
  () => {
    const rows: [Partial<ListingView>, string][] = [
      [
        {},
        '<th scope="col" data-sort="name" aria-sort="ascending"><form>' +
        input("order", "desc") + "<button>Name</button></form></th>",
      ],
      [
        { order: "desc" },
        '<th scope="col" data-sort="name" aria-sort="descending"><form><button>Name',
      ],
      [
        { view: "grid" },
        '<th scope="col" data-sort="size"><form>' + input("sort", "size") +
        input("view", "grid") + "<button>Size",
      ],
      [
        { sort: "date" },
        '<th scope="col" data-sort="date" aria-sort="ascending"><form>' +
        input("sort", "date") + input("order", "desc") + "<button>Modified",
      ],
    ];
    for (const [change, expected] of rows) {
      assertStringIncludes(listingHead({ ...LIST, ...change }), expected);
    }
  },
);

Deno.test(
  "listingHead() has a button for the other view, and marks the current one",
  pure,
  () => {
    const head = listingHead({ ...GRID, order: "desc" });
    assertStringIncludes(
      head,
      "<form>" + input("order", "desc") +
        '<button class="list-view">List</button></form><form>' +
        input("order", "desc") + input("view", "grid") +
        '<button class="grid-view" aria-current="true">Grid</button></form>',
    );
    assertStringIncludes(head, '<body class="grid">');
  },
);

Deno.test(
  "a page links only to the folder's entries, not to other looks",
  pure,
  () => {
    // Crawlers follow href and src; each look of a folder would be a separate page.
    for (const view of [LIST, GRID]) {
      const whole = page(
        { ...view, segments: ["a", "b"] },
        { name: "c", kind: "folder" },
        { name: "d.txt", kind: "link-file" },
      ).replace(/<(style|script)>[\s\S]*?<\/\1>/g, "");
      const query = view === GRID ? "?view=grid" : "";
      assertEquals(
        [...whole.matchAll(/\s(?:href|src|action)="([^"]*)"/g)]
          .map(([, address]) => address)
          .filter((address) => !address!.startsWith("data:")),
        [`../../${query}`, `../${query}`, `../${query}`, `c/${query}`, "d.txt"],
      );
    }
  },
);

Deno.test("listingFoot() shows the README as text", pure, () => {
  const foot = listingFoot({
    ...LIST,
    readme: { name: EVIL, text: `\n${EVIL}</pre>`, truncated: true },
  });
  assertStringIncludes(foot, `<h2 id="readme">${ESCAPED}</h2>`);
  assertStringIncludes(
    foot,
    `<pre dir="auto">\n\n"'&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&lt;/pre&gt;</pre>`,
  );
  assertStringIncludes(
    foot,
    `<p>There is more in <a href="${QUOTED}">${ESCAPED}</a>.</p>`,
  );
});

Deno.test("listingFoot() counts folders, files and their bytes", pure, () => {
  const rows: [number, number, number, string][] = [
    [1, 1, 1, "1 folder, 1 file, 1 B"],
    [2, 1234, 5600, "2 folders, 1,234 files, 5.6 kB"],
    [2, 0, 0, "2 folders"],
    [0, 2, 0, "2 files, 0 B"],
    [0, 0, 0, "No entries"],
  ];
  for (const [folders, files, bytes, text] of rows) {
    const foot = listingFoot({ ...LIST, totals: { folders, files, bytes } });
    assertStringIncludes(foot, `role="status">${text}</p>`);
    assertEquals(foot.includes("This folder is empty"), text === "No entries");
  }
});

Deno.test(
  "listingHead() contains nothing that its Content-Security-Policy forbids",
  pure,
  () => {
    const whole = page(
      { ...GRID, segments: ["a"] },
      { name: "b.png", kind: "file" },
      { name: "b.mp4", kind: "file" },
    ).replace(/<(style|script)>[\s\S]*?<\/\1>/g, "");
    assert(!/<[^>]*\s(?:style|on[a-z]+)=/i.test(whole));
    assert(!/(?:https?:)?\/\/(?!www\.w3\.org\/2000\/svg)/.test(whole));
  },
);
