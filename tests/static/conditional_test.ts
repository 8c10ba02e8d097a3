// Preconditions on the wire (RFC 9110 §13): the responses to each of them, alone and combined,
// for the plain file and for its codings.

import { assertEquals } from "@std/assert";
import { CHANGED_DATE, inCoding, names, type Site, site } from "./_site.ts";

const TEXT = "All work and no play makes Jack a dull boy.\n".repeat(100);

const BEFORE = "Thu, 29 Feb 2024 12:00:00 GMT";
const AFTER = "Sat, 02 Mar 2024 12:00:00 GMT";

/** Fields, with `TAG` for the file's own tag, and the expected status. */
const ROWS: readonly (readonly [status: number, ...fields: string[]])[] = [
  // If-None-Match: the client already has it.
  [304, "If-None-Match: TAG"],
  [304, "If-None-Match: W/TAG"],
  [304, "If-None-Match: *"],
  [304, 'If-None-Match: "a", TAG, "b"'],
  [304, 'If-None-Match: "a,b",TAG'],
  [304, 'If-None-Match: , "a",, TAG ,'],
  [304, 'If-None-Match: "a"', "If-None-Match: TAG"],
  [304, 'If-None-Match: ""', "If-None-Match: W/TAG"],
  [200, 'If-None-Match: "a"'],
  [200, 'If-None-Match: W/"a"'],
  [200, "If-None-Match: "],
  [200, "If-None-Match: TAGx"],
  [200, "If-None-Match: xTAG"],
  [200, "If-None-Match: w/TAG"],
  [200, "If-None-Match: **"],
  [200, "If-None-Match: *, TAG"],
  [200, 'If-None-Match: "a" TAG'],
  [200, `If-None-Match: "${"a".repeat(9_000)}"`],
  [200, "If-None-Match: " + '"'.repeat(9_001)],
  [200, "If-None-Match: " + "W/".repeat(4_000)],
  [200, "If-None-Match: " + '"a",'.repeat(2_000) + "x"],
  [304, "If-None-Match: " + '"a",'.repeat(2_000) + "TAG"],
  // If-Modified-Since, which counts only without If-None-Match.
  [304, `If-Modified-Since: ${CHANGED_DATE}`],
  [304, `If-Modified-Since: ${AFTER}`],
  [200, `If-Modified-Since: ${BEFORE}`],
  [304, "If-Modified-Since: Friday, 01-Mar-24 12:00:00 GMT"],
  [304, "If-Modified-Since: Fri Mar  1 12:00:00 2024"],
  [200, 'If-None-Match: "a"', `If-Modified-Since: ${AFTER}`],
  [200, "If-None-Match: garbage", `If-Modified-Since: ${AFTER}`],
  [304, "If-None-Match: TAG", `If-Modified-Since: ${BEFORE}`],
  [200, "If-Modified-Since: yesterday"],
  [200, "If-Modified-Since: "],
  [200, "If-Modified-Since: 1709294400"],
  [200, "If-Modified-Since: Fri, 31 Feb 2024 12:00:00 GMT"],
  [200, `If-Modified-Since: ${AFTER.replace("12:", "25:")}`],
  [200, `If-Modified-Since: ${AFTER}${" ".repeat(5_000)}x`],
  // If-Match: only the named state may be sent.
  [200, "If-Match: TAG"],
  [200, "If-Match: *"],
  [200, 'If-Match: "a", TAG'],
  [200, 'If-Match: "a"', "If-Match: TAG"],
  [412, 'If-Match: "a"'],
  [412, "If-Match: W/TAG"],
  [412, "If-Match: "],
  [412, "If-Match: garbage"],
  // If-Unmodified-Since, which counts only without If-Match.
  [200, `If-Unmodified-Since: ${CHANGED_DATE}`],
  [200, `If-Unmodified-Since: ${AFTER}`],
  [412, `If-Unmodified-Since: ${BEFORE}`],
  [200, "If-Unmodified-Since: yesterday"],
  [200, "If-Match: TAG", `If-Unmodified-Since: ${BEFORE}`],
  [412, 'If-Match: "a"', `If-Unmodified-Since: ${AFTER}`],
  // Their order (RFC 9110 §13.2.2).
  [412, 'If-Match: "a"', "If-None-Match: TAG"],
  [304, "If-Match: TAG", "If-None-Match: TAG"],
  [412, `If-Unmodified-Since: ${BEFORE}`, "If-None-Match: TAG"],
  [304, `If-Unmodified-Since: ${AFTER}`, `If-Modified-Since: ${AFTER}`],
  [304, "Range: bytes=0-1", "If-None-Match: TAG"],
  [304, "Range: bytes=0-1", `If-Modified-Since: ${AFTER}`],
  [412, "Range: bytes=0-1", 'If-Match: "a"'],
  [206, "Range: bytes=0-1", "If-Match: TAG"],
  [206, "Range: bytes=0-1", 'If-None-Match: "a"'],
  [412, "Range: bytes=90000-", 'If-Match: "a"'],
  [304, "Range: bytes=90000-", "If-None-Match: TAG"],
  // If-Range: only for exactly the same bytes.
  [206, "Range: bytes=0-1", "If-Range: TAG"],
  [206, "Range: bytes=0-1", `If-Range: ${CHANGED_DATE}`],
  [416, "Range: bytes=90000-", "If-Range: TAG"],
  [200, "Range: bytes=0-1", "If-Range: W/TAG"],
  [200, "Range: bytes=0-1", 'If-Range: "a"'],
  [200, "Range: bytes=0-1", 'If-Range: "a", TAG'],
  [200, "Range: bytes=0-1", "If-Range: *"],
  [200, "Range: bytes=0-1", "If-Range: "],
  [200, "Range: bytes=0-1", "If-Range: garbage"],
  [200, "Range: bytes=0-1", `If-Range: ${AFTER}`],
  [200, "Range: bytes=0-1", `If-Range: ${BEFORE}`],
  [200, "Range: bytes=90000-", 'If-Range: "a"'],
  [200, "If-Range: TAG"],
  [304, "If-Range: TAG", "If-None-Match: TAG"],
];

Deno.test("StaticFileHandler responds to each precondition as RFC 9110 requires, GET and HEAD alike", async () => {
  // Not compressed: with a single form, dates count as validators.
  await using files = await site({ "a.bin": TEXT });
  const etag = (await files.get("/a.bin")).header("etag")!;
  for (const [status, ...fields] of ROWS) {
    const sent = fields.map((field) => field.replaceAll("TAG", etag));
    const what = sent.map((field) => field.slice(0, 90)).join("; ");
    const answer = await files.get("/a.bin", ...sent);
    assertEquals(answer.status, status, what);
    if (status === 200) assertEquals(answer.body, TEXT, what);
    if (status === 206) assertEquals(answer.body, "Al", what);
    if (status === 304) assertEquals(answer.body, "", what);
    const head = await files.ask("HEAD", "/a.bin", ...sent);
    assertEquals([head.status, names(head)], [status, names(answer)], what);
  }
});

Deno.test("StaticFileHandler evaluates the ETag of the coding that it would send", async () => {
  await using files = await site({
    "a.txt": TEXT,
    "b.txt": TEXT,
    "b.txt.gz": inCoding("gzip", TEXT),
  });
  for (const name of ["/a.txt", "/b.txt"]) {
    const accept = "Accept-Encoding: gzip";
    const plain = (await files.get(name)).header("etag")!;
    const coded = (await files.get(name, accept)).header("etag")!;
    const statuses = async (...fields: string[]) => [
      (await files.get(name, ...fields)).status,
      (await files.get(name, accept, ...fields)).status,
    ];
    assertEquals(await statuses(`If-None-Match: ${plain}`), [304, 200], name);
    assertEquals(await statuses(`If-None-Match: ${coded}`), [200, 304], name);
    assertEquals(
      await statuses(`If-None-Match: ${plain}, ${coded}`),
      [304, 304],
      name,
    );
    assertEquals(await statuses(`If-Match: ${plain}`), [200, 412], name);
  }
});

Deno.test("StaticFileHandler lists the fields that a response depends on in Vary", async () => {
  await using files = await site({ "a.txt": TEXT });
  const etag = (await files.get("/a.txt")).header("etag")!;
  for (
    const [status, ...fields] of [
      [200, "X-A: b"],
      [200, "Accept-Encoding: gzip"],
      [206, "Range: bytes=0-1"],
      [304, `If-None-Match: ${etag}`],
      [412, 'If-Match: "a"'],
      [416, "Range: bytes=90000-"],
    ] as const
  ) {
    const answer = await files.get("/a.txt", ...fields);
    assertEquals(
      [answer.status, answer.header("vary")],
      [status, "Accept-Encoding"],
    );
  }
});

Deno.test("StaticFileHandler keeps one request from affecting the response to the next", async () => {
  await using files = await site({ "a.txt": TEXT, "b.jpg": "picture" });
  const etag = (await files.get("/a.txt")).header("etag")!;
  using client = await files.served.connect();
  const ask = async (target: string, ...fields: string[]) => {
    const lines = [`GET ${target} HTTP/1.1`, "Host: a", ...fields, "", ""];
    await client.write(lines.join("\r\n"));
    return await client.answer();
  };
  const unmodified = await ask("/a.txt", `If-None-Match: ${etag}`);
  const picture = await ask("/b.jpg");
  const coded = await ask("/a.txt", "Accept-Encoding: gzip");
  const plain = await ask("/a.txt");
  assertEquals(
    [unmodified, picture, coded, plain].map((answer) => [
      answer.status,
      answer.header("vary"),
      answer.header("content-encoding"),
    ]),
    [
      [304, "Accept-Encoding", undefined],
      [200, undefined, undefined],
      [200, "Accept-Encoding", "gzip"],
      [200, "Accept-Encoding", undefined],
    ],
  );
});

Deno.test("StaticFileHandler evaluates preconditions on index pages and clean URLs too", async () => {
  await using files = await site(
    { "index.html": "home", "about.html": "about" },
    { cleanUrls: true },
  );
  const statusOf = async (site: Site, target: string) => {
    const etag = (await site.get(target)).header("etag");
    return (await site.get(target, `If-None-Match: ${etag}`)).status;
  };
  assertEquals(await statusOf(files, "/"), 304);
  assertEquals(await statusOf(files, "/about"), 304);
});
