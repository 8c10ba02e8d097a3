// Listings on the wire. The look of the page is tested in `listing/` and in a browser.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ListingCache } from "../../handlers/static/listing/cache.ts";
import { openListing } from "../../handlers/static/listing/stream.ts";
import { ServedFolder } from "../../handlers/static/lookup/served_folder.ts";
import { StreamFile } from "../../handlers/static/representation/stream_file.ts";
import { folder } from "../handlers/_folder.ts";
import { CHANGED, pretendLater, site } from "./_site.ts";

interface Listed {
  readonly path: string;
  readonly entries: readonly {
    readonly name: string;
    readonly type: string;
    readonly size?: number;
    readonly mtime?: string;
    readonly href?: string;
  }[];
}

Deno.test("a folder is listed as a page that can only show itself", async () => {
  await using files = await site({
    "b&c <i>.txt": "x",
    "sub/": "",
    "README.md": "# Read <me>",
  });
  const answer = await files.get("/");
  assertEquals(answer.status, 200);
  assertEquals(answer.header("content-type"), "text/html; charset=utf-8");
  assertEquals(answer.header("cache-control"), "no-cache");
  assertEquals(answer.header("vary"), "Accept");
  assertStringIncludes(
    answer.header("content-security-policy")!,
    "default-src 'none'",
  );
  assertStringIncludes(answer.body, 'href="b%26c%20%3Ci%3E.txt"');
  assertStringIncludes(answer.body, "b&amp;c &lt;i&gt;.txt");
  assertStringIncludes(answer.body, 'id="md-read">Read &lt;me&gt;</h3>');
  assertEquals(answer.body.includes("<i>"), false);
  const head = await files.ask("HEAD", "/");
  assertEquals([head.status, head.body], [200, ""]);
});

Deno.test("a folder is listed as JSON if the query or Accept requests it", async () => {
  await using files = await site({
    "file10": "0123456789",
    "File2": "01",
    "sub/": "",
    ".hidden": "h",
  });
  const mtime = CHANGED.toISOString();
  const expected: Listed = {
    path: "/",
    entries: [
      { name: "sub", type: "folder", mtime, href: "./sub/" },
      { name: "File2", type: "file", size: 2, mtime, href: "./File2" },
      { name: "file10", type: "file", size: 10, mtime, href: "./file10" },
    ],
  };
  for (
    const [target, field] of [
      ["/?format=json", "X-A: b"],
      ["/", "Accept: application/json"],
      ["/", "Accept: text/html;q=0.5, application/json"],
    ] as const
  ) {
    const answer = await files.get(target, field);
    assertEquals(answer.header("content-type"), "application/json");
    assertEquals(JSON.parse(answer.body), expected);
  }
  for (
    const accept of ["*/*", "text/html", "text/html, application/json;q=0.9"]
  ) {
    const answer = await files.get("/", `Accept: ${accept}`);
    assertEquals(answer.header("content-type"), "text/html; charset=utf-8");
  }
});

Deno.test("a listing is sorted as its query says", async () => {
  await using files = await site({ "a": "333", "b": "1", "c": "22", "d/": "" });
  const order = async (query: string) => {
    const answer = await files.get(`/?format=json&${query}`);
    const { entries } = JSON.parse(answer.body) as Listed;
    return entries.map(({ name }) => name).join("");
  };
  assertEquals(await order(""), "dabc");
  assertEquals(await order("order=desc"), "dcba");
  assertEquals(await order("sort=size"), "dbca");
  assertEquals(await order("sort=size&order=desc"), "dacb");
  assertEquals(await order("sort=nonsense&order=x"), "dabc");
});

Deno.test("a listing shows entries that can't be opened, without a link", async () => {
  await using files = await site({ "a.txt": "a" });
  await Deno.symlink("/etc", files.folder.in("outside"));
  await Deno.symlink("nowhere", files.folder.in("dead"));
  await Deno.symlink("a.txt", files.folder.in("good"));
  const answer = await files.get("/?format=json");
  const { entries } = JSON.parse(answer.body) as Listed;
  assertEquals(
    entries.map(({ name, href }) => [name, href]),
    [
      ["a.txt", "./a.txt"],
      ["dead", undefined],
      ["good", "./good"],
      ["outside", undefined],
    ],
  );
});

Deno.test("a listing shows created and removed files at once", async () => {
  await using files = await site({ "a.txt": "a" });
  const has = async (name: string) =>
    (await files.get("/?format=json")).body.includes(`"${name}"`);
  assertEquals(await has("b.txt"), false);
  await Deno.writeTextFile(files.folder.in("b.txt"), "b");
  assertEquals(await has("b.txt"), true);
  await Deno.remove(files.folder.in("a.txt"));
  assertEquals(await has("a.txt"), false);
});

Deno.test("a large folder is listed completely while it is read", async () => {
  await using made = await folder();
  const count = 6_000;
  for (let number = 0; number < count; number++) {
    await Deno.writeTextFile(made.in(`entry${number}`), "");
  }
  const listing = await openListing({
    folder: new ServedFolder(made.path, "inside"),
    path: made.path,
    view: { segments: [], sort: "name", order: "asc", view: "list" },
    json: false,
    dotFiles: "deny",
    root: true,
  });
  assert(listing instanceof StreamFile);
  const pieces: string[] = [];
  for (;;) {
    const piece = await listing.read();
    if (piece.length === 0) break;
    pieces.push(new TextDecoder().decode(piece));
  }
  listing.close();
  assert(pieces[0]!.includes("<h1>") && !pieces[0]!.includes("entry0"));
  assert(pieces.length > 10);
  const rows = pieces.join("").match(/href="entry\d+"/g);
  assertEquals(rows?.length, count);
  assertEquals([rows![0], rows![count - 1]], [
    'href="entry0"',
    'href="entry5999"',
  ]);
});

Deno.test("StreamFile ends its iterator if it is closed early", async () => {
  const events: string[] = [];
  async function* pieces() {
    try {
      yield new Uint8Array([1, 2, 3]);
      yield new Uint8Array([4]);
    } finally {
      events.push("ended");
    }
  }
  const origin = { [Symbol.dispose]: () => void events.push("disposed") };
  const file = new StreamFile(pieces(), origin);
  assertEquals(await file.read(2), new Uint8Array([1, 2]));
  file.close();
  file.close();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(events, ["ended", "disposed"]);
  const whole = new StreamFile(pieces(), origin);
  const block = new Uint8Array(2);
  const sizes = [];
  for (;;) {
    const size = await whole.readinto(block);
    sizes.push(size);
    if (size === 0) break;
  }
  whole.close();
  assertEquals(sizes, [2, 1, 1, 0]);
  assertEquals(events, ["ended", "disposed", "ended", "disposed"]);
});

Deno.test("ListingCache keeps a listing for a short time while the folder's names stay the same", async () => {
  await using made = await folder({ "a": "" });
  const cache = new ListingCache();
  let makes = 0;
  async function* listing() {
    makes++;
    yield await Promise.resolve(new Uint8Array([1, 2]));
    yield new Uint8Array([3]);
  }
  await cache.make("key", made.path, listing);
  // A further change might not show yet.
  assertEquals(cache.get("key", made.path), undefined);
  using _later = pretendLater(60_000);
  const made1 = await cache.make("key", made.path, listing);
  assertEquals(made1, new Uint8Array([1, 2, 3]));
  assertEquals(cache.get("key", made.path), made1);
  assertEquals(cache.get("other", made.path), undefined);
  await Deno.utime(made.path, CHANGED, CHANGED);
  assertEquals(cache.get("key", made.path), undefined);
  assertEquals(makes, 2);
});

Deno.test("a listing evaluates preconditions that match any state", async () => {
  await using files = await site({ "a.txt": "a" });
  const rows: [field: string, status: number][] = [
    ["If-None-Match: *", 304],
    ['If-None-Match: "x"', 200],
    ["If-None-Match: ", 200],
    ["If-Match: *", 200],
    ['If-Match: "x"', 412],
    ["If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT", 200],
  ];
  for (const [field, status] of rows) {
    const answer = await files.get("/", field);
    assertEquals(answer.status, status, field);
    if (status === 304) {
      assertEquals(answer.header("cache-control"), "no-cache");
    }
  }
});

Deno.test("a listing shows entries that can't be stat'ed, without their details", async () => {
  await using files = await site({ "a.txt": "a", "mount/": "", "README": "b" });
  await Deno.symlink("mount", files.folder.in("link"));
  using _dead = unreachable(/\/(?:mount|link|README)$/);
  const answer = await files.get("/?format=json");
  assertEquals(answer.status, 200);
  const { entries } = JSON.parse(answer.body) as Listed;
  assertEquals(
    entries.map(({ name, size }) => [name, size]),
    [
      ["mount", undefined],
      ["a.txt", 1],
      ["link", undefined],
      ["README", undefined],
    ],
  );
  const page = await files.get("/");
  assertEquals(page.status, 200);
  assertStringIncludes(page.body, "</html>");
});

/** Makes stat fail for some paths, as in a FUSE file system whose program has exited. */
function unreachable(paths: RegExp): Disposable {
  const { statSync, open } = Deno;
  const check = (path: string | URL) => {
    if (!paths.test(String(path))) return;
    throw Object.assign(new Error("x"), { code: "ENOTCONN" });
  };
  Deno.statSync = (path) => {
    check(path);
    return statSync(path);
  };
  Deno.open = async (path) => {
    check(path);
    return await open(path);
  };
  return {
    [Symbol.dispose]: () => void Object.assign(Deno, { statSync, open }),
  };
}

Deno.test("a folder that can't be read just now gets 503", async () => {
  await using files = await site({ "a.txt": "a" });
  const { readDir, readDirSync } = Deno;
  const fail = () => {
    throw Object.assign(new Error("x"), { code: "EMFILE" });
  };
  Object.assign(Deno, { readDir: fail, readDirSync: fail });
  try {
    assertEquals((await files.get("/")).status, 503);
  } finally {
    Object.assign(Deno, { readDir, readDirSync });
  }
  assertEquals((await files.get("/")).status, 200);
});
