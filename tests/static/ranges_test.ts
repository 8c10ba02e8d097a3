// The bytes sent for each Range field, on the wire: of a file in memory, and of one that is read
// from disk.

import { assert, assertEquals } from "@std/assert";
import type { Answer } from "../_serve.ts";
import { type Site, site } from "./_site.ts";

const DIGITS = "0123456789";

/** First and last byte of each part; the whole file; or 416. */
type Expected = "whole" | "none" | readonly (readonly [number, number])[];

/** Malformed ranges, which are ignored. */
const MALFORMED: readonly string[] = [
  "bytes=4-2",
  "bytes=",
  "bytes=-",
  "bytes=,",
  "bytes",
  "",
  "2-4",
  "lines=2-4",
  "bytes 2-4",
  "bytes=2",
  "bytes=2-4-6",
  "bytes=2 - 4",
  "bytes=2-4;5-6",
  "bytes=+2-4",
  "bytes=0x2-0x4",
  "bytes=2.0-4",
  "bytes=1e0-4",
  "bytes=--3",
  "bytes=2-4,x",
  "bytes=\u00b2-4",
];

/** Ranges of a file of `n` bytes, and the expected result. */
function rowsFor(n: number): readonly (readonly [string, Expected])[] {
  return [
    ["bytes=0-0", [[0, 0]]],
    ["bytes=2-4", [[2, 4]]],
    ["bytes=002-0004", [[2, 4]]],
    ["Bytes=2-4", [[2, 4]]],
    ["bytes= 2-4", [[2, 4]]],
    ["bytes=2-4 ", [[2, 4]]],
    ["bytes=,2-4,", [[2, 4]]],
    ["bytes=4-", [[4, n - 1]]],
    ["bytes=0-", [[0, n - 1]]],
    [`bytes=${n - 1}-`, [[n - 1, n - 1]]],
    [`bytes=${n - 1}-${n - 1}`, [[n - 1, n - 1]]],
    [`bytes=${n - 2}-${n + 5}`, [[n - 2, n - 1]]],
    [`bytes=0-${n - 1}`, [[0, n - 1]]],
    [`bytes=0-${"9".repeat(400)}`, [[0, n - 1]]],
    ["bytes=-1", [[n - 1, n - 1]]],
    ["bytes=-3", [[n - 3, n - 1]]],
    [`bytes=-${n}`, [[0, n - 1]]],
    [`bytes=-${n + 1}`, [[0, n - 1]]],
    [`bytes=-${"9".repeat(400)}`, [[0, n - 1]]],
    // Several, some of which overlap, touch, or are beyond the end.
    ["bytes=0-1,4-5", [[0, 1], [4, 5]]],
    ["bytes=4-5,0-1", [[4, 5], [0, 1]]],
    ["bytes=0-1, 4-5 ,-1", [[0, 1], [4, 5], [n - 1, n - 1]]],
    ["bytes=0-2,1-4", [[0, 4]]],
    ["bytes=0-2,3-4", [[0, 4]]],
    ["bytes=1-1,1-1", [[1, 1]]],
    [`bytes=0-1,${n}-`, [[0, 1]]],
    [`bytes=${n}-,0-1`, [[0, 1]]],
    ["bytes=0-1,-0", [[0, 1]]],
    // More than the whole file: some bytes are requested twice.
    ["bytes=0-,0-", "whole"],
    ["bytes=0-,-1", "whole"],
    ["bytes=" + Array(101).fill("0-0").join(","), "whole"],
    ["bytes=0-0," + " ".repeat(5_000) + "2-2", "whole"],
    // None of its bytes.
    [`bytes=${n}-`, "none"],
    [`bytes=${n}-${n + 9}`, "none"],
    ["bytes=-0", "none"],
    [`bytes=${n}-,-0`, "none"],
    [`bytes=${"9".repeat(400)}-`, "none"],
    ...MALFORMED.map((range) => [range, "whole"] as const),
  ];
}

for (
  const [kind, content] of [
    ["in memory", DIGITS],
    ["on disk", DIGITS.repeat(40_000)],
  ] as const
) {
  Deno.test(`StaticFileHandler sends the bytes of a file ${kind} that Range requests, or all`, async () => {
    await using files = await site({ "a.bin": content });
    for (const [range, expected] of rowsFor(content.length)) {
      for (const method of ["GET", "HEAD"]) {
        const answer = await files.ask(method, "/a.bin", `Range: ${range}`);
        assertParts(answer, content, expected, range, method);
      }
    }
  });
}

function assertParts(
  answer: Answer,
  content: string,
  expected: Expected,
  range: string,
  method: string,
): void {
  const size = content.length;
  const what = `${method} ${range.slice(0, 60)}`;
  if (expected === "none") {
    assertEquals(answer.status, 416, what);
    assertEquals(answer.header("content-range"), `bytes */${size}`, what);
    return;
  }
  const whole = expected === "whole";
  const body = whole
    ? content
    : expected.length === 1
    ? content.slice(expected[0]![0], expected[0]![1] + 1)
    : multipartOf(answer, content, expected);
  assertEquals(answer.status, whole ? 200 : 206, what);
  assertEquals(answer.header("content-length"), String(body.length), what);
  // Compared as a whole: a diff of 100,000 bytes is unreadable.
  assert(answer.body === (method === "HEAD" ? "" : body), what);
  const single = !whole && expected.length === 1;
  assertEquals(
    answer.header("content-range"),
    single ? `bytes ${expected[0]!.join("-")}/${size}` : undefined,
    what,
  );
}

/** The body of several parts, with the response's boundary. */
function multipartOf(
  answer: Answer,
  content: string,
  parts: readonly (readonly [number, number])[],
): string {
  const boundary = answer.header("content-type")!.split("boundary=")[1];
  const texts = parts.map(([first, last]) =>
    `--${boundary}\r\nContent-Type: application/octet-stream\r\n` +
    `Content-Range: bytes ${first}-${last}/${content.length}\r\n\r\n` +
    `${content.slice(first, last + 1)}\r\n`
  );
  return texts.join("") + `--${boundary}--\r\n`;
}

Deno.test("StaticFileHandler ignores Range for an empty file", async () => {
  await using files = await site({ "a.bin": "" });
  for (const range of ["bytes=0-", "bytes=-1", "bytes=0-0,1-1"]) {
    const answer = await files.get("/a.bin", `Range: ${range}`);
    assertEquals([answer.status, answer.header("content-length")], [200, "0"]);
  }
});

Deno.test("StaticFileHandler uses the first of two Range fields, since it is not a list", async () => {
  await using files = await site({ "a.bin": DIGITS });
  const answer = await files.get(
    "/a.bin",
    "Range: bytes=0-1",
    "Range: bytes=5-",
  );
  assertEquals([answer.status, answer.body], [206, "01"]);
});

Deno.test("StaticFileHandler sends ranges of pages: an index, a clean URL and an spa page", async () => {
  await using files = await site({
    "index.html": DIGITS,
    "about.html": "about us",
  }, { cleanUrls: true, spa: true });
  const part = "Range: bytes=-2";
  assertEquals((await files.get("/", part)).body, "89");
  assertEquals((await files.get("/about", part)).body, "us");
  const route = await files.get("/app/route", part, "Accept: text/html");
  assertEquals([route.status, route.body], [206, "89"]);
});

Deno.test("StaticFileHandler ignores Range for a listing, a redirect and a missing file", async () => {
  await using files = await site({ "sub/a.txt": "a" });
  const part = "Range: bytes=0-1";
  const statuses = async (site: Site) => [
    (await site.get("/sub/", part)).status,
    (await site.get("/sub", part)).status,
    (await site.get("/none", part)).status,
  ];
  assertEquals(await statuses(files), [200, 301, 404]);
});

Deno.test("StaticFileHandler closes a file if only a part was sent", async () => {
  await using files = await site({ "a.bin": DIGITS.repeat(1_000_000) });
  for (let count = 0; count < 20; count++) {
    using client = await files.served.connect();
    await client.write(
      "GET /a.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=1-9000000,9000002-\r\n\r\n",
    );
    // The client disconnects; the sanitizer reports files that stay open.
    await client.readUntil("\r\n\r\n");
  }
  const last = await files.get("/a.bin", "Range: bytes=-1");
  assertEquals(last.body, "9");
});
