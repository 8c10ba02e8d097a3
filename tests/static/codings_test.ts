// Content codings on the wire: precompressed files, and compression on the fly.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  brotliDecompressSync,
  gunzipSync,
  gzipSync,
  zstdDecompressSync,
} from "node:zlib";
import { decodeLatin1, encodeLatin1 } from "../../text/latin1.ts";
import type { Answer } from "../_serve.ts";
import { SIBLINGS, site } from "./_site.ts";

const TEXT = "All work and no play makes Jack a dull boy.\n".repeat(100);

/** More than is compressed as a whole. */
const HUGE = "0123456789abcde\n".repeat(9 * 65_536);

/** As large, but less compressible: the coded form doesn't fit into the socket buffers. */
const NOISE = decodeLatin1(
  new Uint8Array(9 * 2 ** 20).map(() => Math.random() * 256),
);

const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  zstd: zstdDecompressSync,
};

function decoded(answer: Answer): string {
  const decode = DECODERS[answer.header("content-encoding") ?? ""];
  if (decode === undefined) return answer.body;
  return decodeLatin1(decode(encodeLatin1(answer.body)));
}

Deno.test("a file whose name implies a coding is sent with that Content-Encoding", async () => {
  const gzip = decodeLatin1(new Uint8Array(gzipSync(TEXT)));
  await using files = await site({
    "drawing.svgz": gzip,
    "drawing.svgz.gz": "no form of it",
    "build.wasm.gz": gzip,
    "x.tar.gz": gzip,
    "build.wasm": TEXT,
  }, { types: { ".wasm.gz": { coding: "gzip" } } });
  const rows: [name: string, type: string, coding: string | undefined][] = [
    ["drawing.svgz", "image/svg+xml", "gzip"],
    ["build.wasm.gz", "application/wasm", "gzip"],
    ["x.tar.gz", "application/gzip", undefined],
  ];
  for (const [name, type, coding] of rows) {
    // It has no other form, whatever the client prefers.
    for (const accept of ["gzip, br", "br", "identity", ""]) {
      const field = `Accept-Encoding: ${accept}`;
      const answer = await files.get(`/${name}`, field);
      assertEquals(
        [answer.status, answer.body === gzip],
        [200, true],
        `${name}, ${accept}`,
      );
      assertEquals(answer.header("content-type"), type);
      assertEquals(answer.header("content-encoding"), coding);
      assertEquals(answer.header("content-length"), String(gzip.length));
    }
  }
  const whole = await files.get("/build.wasm.gz");
  const etag = whole.header("etag")!;
  const again = await files.get("/build.wasm.gz", `If-None-Match: ${etag}`);
  assertEquals(again.status, 304);
  const range = await files.get("/build.wasm.gz", "Range: bytes=2-5");
  assertEquals([range.status, range.body], [206, gzip.slice(2, 6)]);
  assertEquals(range.header("content-encoding"), "gzip");
  // The plain name is negotiated as usual.
  const plain = await files.get("/build.wasm", "Accept-Encoding: gzip");
  assertEquals(
    [plain.header("content-encoding"), decoded(plain)],
    ["gzip", TEXT],
  );
  // A file that was just changed is handled in another way.
  await Deno.writeFile(files.folder.in("drawing.svgz"), encodeLatin1(gzip));
  const fresh = await files.get("/drawing.svgz");
  assertEquals(fresh.header("content-encoding"), "gzip");
});

Deno.test("StaticFileHandler compresses text in the coding that the client prefers", async () => {
  await using files = await site({ "a.txt": TEXT });
  const rows: readonly [accept: string, coding: string | undefined][] = [
    ["gzip", "gzip"],
    ["br", "br"],
    ["zstd", "zstd"],
    ["x-gzip", "gzip"],
    ["gzip, deflate, br, zstd", "zstd"],
    ["gzip;q=1, br;q=0.5", "gzip"],
    ["gzip;q=0", undefined],
    ["*", "zstd"],
    ["identity", undefined],
    ["", undefined],
    ["deflate", undefined],
    ["gzip;q=x", undefined],
  ];
  const etags = new Map<string, string>();
  for (const [accept, coding] of rows) {
    const answer = await files.get("/a.txt", `Accept-Encoding: ${accept}`);
    assertEquals(answer.status, 200, accept);
    assertEquals(answer.header("content-encoding"), coding, accept);
    assertEquals(answer.header("vary"), "Accept-Encoding", accept);
    assertEquals(decoded(answer), TEXT, accept);
    assert(coding === undefined || answer.body.length < TEXT.length / 5);
    etags.set(coding ?? "", answer.header("etag")!);
  }
  // A different ETag for each coding, since the bytes differ.
  assertEquals(new Set(etags.values()).size, 4);
});

Deno.test("StaticFileHandler responds with 304 to the ETag of a coding", async () => {
  await using files = await site({ "a.txt": TEXT });
  const fields = ["Accept-Encoding: gzip"];
  const etag = (await files.get("/a.txt", ...fields)).header("etag");
  const again = await files.get(
    "/a.txt",
    ...fields,
    `If-None-Match: ${etag}`,
  );
  assertEquals([again.status, again.header("etag")], [304, etag]);
  assertEquals(again.header("vary"), "Accept-Encoding");
  const plain = await files.get("/a.txt", `If-None-Match: ${etag}`);
  assertEquals([plain.status, plain.body], [200, TEXT]);
});

Deno.test("StaticFileHandler doesn't compress small files, compressed formats, or if it is disabled", async () => {
  await using files = await site({
    "small.txt": "few words",
    "a.jpg": TEXT,
    "a.txt": TEXT,
  });
  const accept = "Accept-Encoding: gzip";
  for (const name of ["small.txt", "a.jpg"]) {
    const answer = await files.get(`/${name}`, accept);
    assertEquals(answer.header("content-encoding"), undefined, name);
  }
  await using plain = await site({ "a.txt": TEXT }, {
    compress: false,
    precompressed: false,
  });
  const answer = await plain.get("/a.txt", accept);
  assertEquals(answer.header("content-encoding"), undefined);
  assertEquals(answer.header("vary"), undefined);
  await using all = await site({
    "a.txt": "aaaaaaaaaaaaaaaaaaaaaaaaaaaa".repeat(9),
  }, {
    compressMinSize: 0,
  });
  assertEquals(
    (await all.get("/a.txt", accept)).header("content-encoding"),
    "gzip",
  );
});

Deno.test("StaticFileHandler sends the head of a compressed response to HEAD", async () => {
  await using files = await site({ "a.txt": TEXT });
  const accept = "Accept-Encoding: br";
  const got = await files.get("/a.txt", accept);
  const head = await files.ask("HEAD", "/a.txt", accept);
  const withoutDate = ({ fields }: Answer) =>
    fields.filter((field) => !field.startsWith("Date"));
  assertEquals(withoutDate(head), withoutDate(got));
});

Deno.test("StaticFileHandler sends the same bytes again after compressing a file once", async () => {
  await using files = await site({ "a.txt": TEXT });
  for (const coding of ["br", "gzip", "zstd"]) {
    const accept = `Accept-Encoding: ${coding}`;
    const first = await files.get("/a.txt", accept);
    const second = await files.get("/a.txt", accept);
    assertEquals(second.body, first.body, coding);
    assertEquals(second.header("etag"), first.header("etag"), coding);
    for (const { body, header } of [first, second]) {
      assertEquals(header("content-length"), String(body.length), coding);
    }
  }
});

Deno.test("StaticFileHandler sends the plain file if compression doesn't make it smaller", async () => {
  const noise = decodeLatin1(crypto.getRandomValues(new Uint8Array(5_000)));
  await using files = await site({ "a.txt": noise });
  for (let time = 0; time < 2; time++) {
    const answer = await files.get("/a.txt", "Accept-Encoding: gzip, br, zstd");
    assertEquals(answer.header("content-encoding"), undefined);
    assertEquals(answer.header("content-length"), "5000");
    assert(answer.body === noise);
    const etag = answer.header("etag")!;
    assert(etag.startsWith('"'));
    const again = await files.get(
      "/a.txt",
      "Accept-Encoding: gzip, br, zstd",
      `If-None-Match: ${etag}`,
    );
    assertEquals(again.status, 304);
  }
  await using anew = await site({ "a.txt": noise });
  const etag = (await anew.get("/a.txt")).header("etag");
  const answer = await anew.get(
    "/a.txt",
    "Accept-Encoding: gzip",
    `If-Match: ${etag}`,
  );
  assertEquals(answer.status, 200);
});

Deno.test("StaticFileHandler sends a range of the plain file, not of a file compressed on the fly", async () => {
  await using files = await site({ "a.txt": TEXT });
  const answer = await files.get(
    "/a.txt",
    "Accept-Encoding: gzip",
    "Range: bytes=4-7",
  );
  assertEquals([answer.status, answer.body], [206, "work"]);
  assertEquals(answer.header("content-encoding"), undefined);
  assertEquals(answer.header("vary"), "Accept-Encoding");
});

Deno.test("StaticFileHandler compresses a large file while sending it", async () => {
  await using files = await site({ "a.txt": HUGE });
  const answer = await files.get("/a.txt", "Accept-Encoding: gzip");
  assertEquals(answer.header("transfer-encoding"), "chunked");
  assertEquals(answer.header("content-length"), undefined);
  assertEquals(decoded(answer) === HUGE, true);
  const old = await files.served.send(
    "GET /a.txt HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n",
  );
  const body = old.slice(old.indexOf("\r\n\r\n") + 4);
  assertEquals(decodeLatin1(gunzipSync(encodeLatin1(body))) === HUGE, true);
  const head = await files.ask("HEAD", "/a.txt", "Accept-Encoding: gzip");
  assertEquals(head.header("transfer-encoding"), "chunked");
});

Deno.test("StaticFileHandler frees the compressor when the client disconnects", async () => {
  await using files = await site({ "a.txt": HUGE });
  // More than are compressed at once: aborted ones must not keep their slots.
  for (let count = 0; count < 9; count++) {
    using client = await files.served.connect();
    await client.write(
      "GET /a.txt HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n",
    );
    await client.readUntil("\r\n\r\n");
  }
  let coding: string | undefined;
  for (let wait = 0; wait < 100 && coding === undefined; wait++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const answer = await files.ask("HEAD", "/a.txt", "Accept-Encoding: gzip");
    const got = await files.get("/a.txt", "Accept-Encoding: gzip");
    assertEquals(answer.status, 200);
    coding = got.header("content-encoding");
  }
  assertEquals(coding, "gzip");
});

Deno.test("StaticFileHandler sends a large plain file while all compressors are busy", async () => {
  await using files = await site({ "a.txt": NOISE, "b.txt": TEXT });
  const request =
    "GET /a.txt HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n";
  // Their clients read only the head.
  using clients = new DisposableStack();
  for (let count = 0; count < 4; count++) {
    const client = clients.use(await files.served.connect());
    await client.write(request);
    await client.readUntil("gzip\r\n");
  }
  const answer = await files.get("/a.txt", "Accept-Encoding: gzip");
  assertEquals(answer.header("content-encoding"), undefined);
  assertEquals(answer.header("content-length"), String(NOISE.length));
  assert(answer.body === NOISE);
  // Other files are still compressed.
  const small = await files.get("/b.txt", "Accept-Encoding: gzip");
  assertEquals(small.header("content-encoding"), "gzip");
  assertEquals(decoded(small), TEXT);
});

Deno.test("StaticFileHandler never completes a compressed response if the file was truncated meanwhile", async () => {
  await using files = await site({ "a.txt": NOISE });
  using client = await files.served.connect();
  await client.write(
    "GET /a.txt HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n",
  );
  const head = await client.readUntil("\r\n\r\n");
  assert(head.includes("Transfer-Encoding: chunked"));
  await Deno.truncate(files.folder.in("a.txt"), 5_000_000);
  const rest = await client.readToEnd();
  assert(rest.length < NOISE.length);
  assertEquals(rest.endsWith("\r\n0\r\n\r\n"), false);
});

const GZIP = SIBLINGS["a.js.gz"];

Deno.test("StaticFileHandler sends precompressed files", async () => {
  await using files = await site(SIBLINGS);
  const rows: readonly [accept: string, coding: string, body: string][] = [
    ["gzip, br, zstd", "br", SIBLINGS["a.js.br"]],
    ["gzip, zstd", "zstd", SIBLINGS["a.js.zst"]],
    ["gzip", "gzip", SIBLINGS["a.js.gz"]],
    ["gzip, br;q=0.1", "gzip", SIBLINGS["a.js.gz"]],
  ];
  for (const [accept, coding, body] of rows) {
    const answer = await files.get("/a.js", `Accept-Encoding: ${accept}`);
    assertEquals([answer.header("content-encoding"), answer.body], [
      coding,
      body,
    ]);
    assertEquals(
      answer.header("content-type"),
      "text/javascript; charset=utf-8",
    );
    assertEquals(answer.header("vary"), "Accept-Encoding");
    const part = await files.get(
      "/a.js",
      `Accept-Encoding: ${accept}`,
      "Range: bytes=0-1",
    );
    assertEquals([part.status, part.body], [206, "pl"]);
    assertEquals(part.header("content-encoding"), undefined);
  }
  const plain = await files.get("/a.js");
  assertEquals([plain.body, plain.header("vary")], [
    "plain",
    "Accept-Encoding",
  ]);
});

Deno.test("StaticFileHandler ignores a precompressed file that is older or may not be served", async () => {
  await using files = await site({ ...SIBLINGS, "b.js": "plain" });
  await files.age("a.js", new Date("2024-05-01T00:00:00Z"));
  const accept = "Accept-Encoding: br, gzip, zstd";
  const stale = await files.get("/a.js", accept);
  assertEquals([stale.body, stale.header("content-encoding")], [
    "plain",
    undefined,
  ]);
  const outside = await Deno.makeTempFile();
  await Deno.symlink(outside, files.folder.in("b.js.br"));
  const linked = await files.get("/b.js", accept);
  await Deno.remove(outside);
  assertEquals([linked.body, linked.header("content-encoding")], [
    "plain",
    undefined,
  ]);
  const etag = stale.header("etag");
  // One that is created later is found.
  await files.age("a.js.gz", new Date("2024-06-01T00:00:00Z"));
  const found = await files.get("/a.js", accept);
  assertEquals([found.body, found.header("content-encoding")], [
    SIBLINGS["a.js.gz"],
    "gzip",
  ]);
  assertNotEquals(found.header("etag"), etag);
});

Deno.test("StaticFileHandler never combines a range of the plain file with a compressed one", async () => {
  await using files = await site({ "a.txt": TEXT });
  const accept = "Accept-Encoding: gzip";
  const coded = await files.get("/a.txt", accept);
  assertEquals(coded.header("content-encoding"), "gzip");
  assertEquals(coded.header("accept-ranges"), undefined);
  const part = "Range: bytes=4-7";
  // The date doesn't show which of the two the client has.
  const date = `If-Range: ${coded.header("last-modified")}`;
  const whole = await files.get("/a.txt", accept, part, date);
  assertEquals([whole.status, decoded(whole)], [200, TEXT]);
  const tag = coded.header("etag")!;
  const byTag = await files.get("/a.txt", accept, part, `If-Range: ${tag}`);
  assertEquals([byTag.status, decoded(byTag)], [200, TEXT]);
  // Nor if it accepts no coding this time.
  for (const fields of [[], ["Accept-Encoding: identity"]]) {
    const plain = await files.get("/a.txt", part, date, ...fields);
    assertEquals([plain.status, plain.body], [200, TEXT]);
    const etag = `If-Range: ${plain.header("etag")}`;
    const resumed = await files.get("/a.txt", part, etag, ...fields);
    assertEquals([resumed.status, resumed.body], [206, "work"]);
  }
  // RFC 9110 §13.2.2: the preconditions come before the range.
  const same = await files.get("/a.txt", accept, part, `If-None-Match: ${tag}`);
  assertEquals(same.status, 304);
});

Deno.test("StaticFileHandler sends precompressed files of every type, with Vary only for those", async () => {
  await using files = await site({
    "a.bin": "plain",
    "a.bin.gz": GZIP,
    "b.bin": "plain",
  });
  const coded = await files.get("/a.bin", "Accept-Encoding: gzip");
  assertEquals([coded.header("content-encoding"), coded.body], [
    "gzip",
    GZIP,
  ]);
  assertEquals(coded.header("content-type"), "application/octet-stream");
  const plain = await files.get("/a.bin");
  assertEquals([plain.body, plain.header("vary")], [
    "plain",
    "Accept-Encoding",
  ]);
  const alone = await files.get("/b.bin", "Accept-Encoding: gzip");
  assertEquals([alone.body, alone.header("vary")], ["plain", undefined]);
});

Deno.test("StaticFileHandler ignores a date as a validator of a precompressed file", async () => {
  await using files = await site({ "a.js": "plain", "a.js.gz": GZIP });
  const plain = await files.get("/a.js");
  for (const coding of ["gzip", "identity"]) {
    const answer = await files.get(
      "/a.js",
      `Accept-Encoding: ${coding}`,
      "Range: bytes=3-",
      `If-Range: ${plain.header("last-modified")}`,
    );
    assertEquals([answer.status, answer.body], [200, "plain"]);
  }
});
