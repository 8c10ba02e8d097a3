// `send_interim()`, over a socket and in memory.

import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  BaseHTTPRequestHandler,
  type InterimFields,
  StaticFileHandler,
} from "../../handlers/mod.ts";
import { quiet } from "../_lib/quiet.ts";
import { serve } from "../_serve.ts";
import { site } from "../static/_site.ts";
import { responding } from "./_responding.ts";

const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

const LINK = "</a.css>; rel=preload; as=style";

/** Sends hints, then responds. It lists what it logs. */
class Hinting extends BaseHTTPRequestHandler {
  static readonly logged: string[] = [];
  override protocol_version = "HTTP/1.1";
  override log_message(_template: string, ...args: unknown[]) {
    Hinting.logged.push(args.join(" "));
  }
  do_GET() {
    this.send_interim(103, { Link: LINK });
    this.respond();
  }
  respond() {
    this.send_response(200);
    this.send_header("Content-Length", 2);
    this.end_headers();
    this.wfile.write("ok");
  }
}

Deno.test("send_interim() sends at once, before the final response begins", async () => {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  class Slow extends Hinting {
    // Nothing else would flush this much.
    override wbufsize = 1_000_000;
    override async do_GET() {
      this.send_interim(102);
      await first.promise;
      this.send_interim(103, {
        Link: [LINK, "</b.js>; rel=preload; as=script"],
        "X-Wait": "a moment",
      });
      await second.promise;
      this.respond();
    }
  }
  Hinting.logged.length = 0;
  await using server = serve(Slow);
  using client = await server.connect();
  await client.write(REQUEST);
  assertEquals(
    await client.readUntil("\r\n\r\n"),
    "HTTP/1.1 102 Processing\r\n\r\n",
  );
  first.resolve();
  assertEquals(
    await client.readUntil("\r\n\r\n"),
    "HTTP/1.1 103 Early Hints\r\n" +
      `Link: ${LINK}\r\n` +
      "Link: </b.js>; rel=preload; as=script\r\n" +
      "X-Wait: a moment\r\n\r\n",
  );
  assertEquals(Hinting.logged, []);
  second.resolve();
  const { status, body } = await client.answer();
  assertEquals([status, body], [200, "ok"]);
  assertEquals(Hinting.logged, ["GET / HTTP/1.1 200 -"]);
});

Deno.test("send_interim() keeps the connection open, and each request gets its own", async () => {
  await using server = serve(Hinting);
  using client = await server.connect();
  // Three of them arrive together.
  await client.write(REQUEST.repeat(3));
  for (let round = 0; round < 3; round++) {
    const hints = await client.answer();
    assertEquals([hints.status, hints.fields], [103, [`Link: ${LINK}`]]);
    const final = await client.answer();
    assertEquals([final.status, final.body], [200, "ok"]);
    assertEquals(final.header("link"), undefined);
  }
  await client.write(
    REQUEST.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
  );
  assertEquals((await client.answer()).status, 103);
  assertEquals((await client.answer()).status, 200);
  await client.assertClosed();
});

Deno.test("send_interim() sends nothing to clients older than HTTP/1.1", async () => {
  await using server = serve(Hinting);
  assertMatch(
    await server.send("GET / HTTP/1.0\r\n\r\n"),
    /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/,
  );
  assertEquals(await server.send("GET /\r\n"), "ok");
});

Deno.test("send_interim() sends nothing from a handler with HTTP/1.0", async () => {
  class Old extends Hinting {
    override protocol_version = "HTTP/1.0";
  }
  await using server = serve(Old);
  assertMatch(await server.send(REQUEST), /^HTTP\/1\.0 200 OK\r\n/);
});

Deno.test("send_interim() lets a HEAD, a 204, an error and a chunked response follow", async () => {
  class Various extends Hinting {
    do_HEAD() {
      this.do_GET();
    }
    do_EMPTY() {
      this.send_interim(103);
      this.send_response(204);
      this.end_headers();
    }
    do_CHUNKED() {
      this.send_interim(103);
      this.send_response(200);
      this.endHeadersChunked();
      this.wfile.write("in chunks");
    }
    do_ERROR() {
      this.send_interim(103);
      this.send_error(404);
    }
  }
  const rows: [string, number, string | RegExp][] = [
    ["HEAD", 200, ""],
    ["EMPTY", 204, ""],
    ["CHUNKED", 200, "in chunks"],
    ["ERROR", 404, /Nothing matches/],
  ];
  await using server = serve(Various);
  using client = await server.connect();
  for (const [method, status, body] of rows) {
    await client.write(REQUEST.replace("GET", method));
    assertEquals((await client.answer()).status, 103);
    const final = await client.answer(method);
    assertEquals(final.status, status);
    if (typeof body === "string") assertEquals(final.body, body);
    else assertMatch(final.body, body);
  }
  await client.assertClosed();
});

Deno.test("a handler that throws after send_interim() sends 500", async () => {
  const broken = new Error("broken");
  class Broken extends Hinting {
    override do_GET() {
      this.send_interim(103, { Link: LINK });
      throw broken;
    }
  }
  await using server = serve(Broken);
  assertMatch(
    await server.send(REQUEST),
    /^HTTP\/1\.1 103 Early Hints\r\nLink: [^\r]+\r\n\r\nHTTP\/1\.1 500 /,
  );
  assertEquals(server.takeErrors(), [broken]);
});

Deno.test("send_interim(100) asks for the body once handle_expect_100() has not", async () => {
  class Asking extends Hinting {
    override handle_expect_100() {
      return true;
    }
    async do_POST() {
      this.send_interim(100);
      const body = await this.rfile.read();
      this.send_response(200);
      this.send_header("Content-Length", body.length);
      this.end_headers();
      this.wfile.write(body);
    }
  }
  await using server = serve(Asking);
  using client = await server.connect();
  for (let round = 0; round < 2; round++) {
    await client.write(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
    );
    assertEquals((await client.answer()).status, 100);
    await client.write("tea");
    assertEquals((await client.answer()).body, "tea");
  }
});

Deno.test("send_interim() comes before a prepared response each time", async () => {
  class Hints extends quiet(StaticFileHandler) {
    override do_GET() {
      this.send_interim(103, { Link: LINK });
      return super.do_GET();
    }
  }
  await using files = await site({ "index.html": "<p>page" }, {}, Hints);
  using client = await files.served.connect();
  for (let round = 0; round < 3; round++) {
    await client.write(REQUEST);
    assertEquals((await client.answer()).fields, [`Link: ${LINK}`]);
    const final = await client.answer();
    assertEquals([final.status, final.body], [200, "<p>page"]);
  }
});

Deno.test("send_interim() does not call overrides of send_header() and end_headers()", async () => {
  class Everywhere extends Hinting {
    override end_headers() {
      this.send_header("X-Everywhere", 1);
      super.end_headers();
    }
    override send_header(name: string, value: string | number) {
      super.send_header(name, name === "X-Everywhere" ? "yes" : value);
    }
  }
  await using server = serve(Everywhere);
  using client = await server.connect();
  await client.write(REQUEST);
  assertEquals((await client.answer()).fields, [`Link: ${LINK}`]);
  assertEquals((await client.answer()).header("x-everywhere"), "yes");
});

Deno.test("send_interim() takes names with values, pairs, Headers and a Map", async () => {
  const rows: [InterimFields, string][] = [
    [{}, ""],
    [[], ""],
    [{ Link: "<a>", Via: "x" }, "Link: <a>\r\nVia: x\r\n"],
    [{ Link: ["<a>", "<b>"] }, "Link: <a>\r\nLink: <b>\r\n"],
    [{ Link: [] }, ""],
    [
      [["Link", "<a>"], ["Via", "x"], ["Link", "<b>"]],
      "Link: <a>\r\nVia: x\r\nLink: <b>\r\n",
    ],
    [{ "X-Progress": 5 }, "X-Progress: 5\r\n"],
    [new Headers({ Link: "<a>" }), "link: <a>\r\n"],
    [new Map([["Link", "<é>"]]), "Link: <\xe9>\r\n"],
  ];
  for (const [fields, sent] of rows) {
    const { handler, wfile } = responding();
    handler.send_interim(103, fields);
    await wfile.flush();
    assertEquals(
      wfile.sentText,
      `HTTP/1.1 103 Early Hints\r\n${sent}\r\n`,
    );
  }
});

Deno.test("send_interim() rejects codes that are not interim", () => {
  for (const version of ["HTTP/1.1", "HTTP/1.0"]) {
    const { handler, wfile } = responding("GET", version);
    for (const code of [101, 99, 200, 103.5, NaN, -1]) {
      assertThrows(
        () => handler.send_interim(code),
        TypeError,
        `Cannot send interim status ${code}: the code must be an integer from 100 to 199, and not 101`,
      );
    }
    assertEquals(wfile.calls, []);
  }
});

Deno.test("send_interim() rejects invalid fields and sends nothing then", async () => {
  const rows: [InterimFields, string][] = [
    [{ "Li nk": "a" }, "the name must be a token"],
    [{ Link: "a\r\nEvil: 1" }, "the value must not contain CR"],
    [{ Link: ["a", "\u{1f375}"] }, "the value must not contain CR"],
    [{ "content-length": "0" }, '"content-length" in an interim response'],
    [
      [["Transfer-Encoding", "chunked"]],
      '"Transfer-Encoding" in an interim response',
    ],
    [{ Connection: "close" }, '"Connection" in an interim response'],
  ];
  for (const [fields, message] of rows) {
    const { handler, wfile } = responding();
    assertThrows(() => handler.send_interim(103, fields), TypeError, message);
    await wfile.flush();
    assertEquals(wfile.sentText, "");
    // The response is still possible.
    handler.send_interim(103);
    handler.send_response_only(204);
    handler.end_headers();
    await wfile.flush();
    assertEquals(
      wfile.sentText,
      "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    );
  }
});

Deno.test("send_interim() throws once the final response has begun, and leaves it alone", async () => {
  const { handler, wfile } = responding();
  const refused = () =>
    assertThrows(
      () => handler.send_interim(103),
      TypeError,
      "Cannot send interim status 103: the response with status 200 has begun",
    );
  handler.send_response_only(200);
  refused();
  handler.send_header("Content-Length", 2);
  refused();
  handler.end_headers();
  refused();
  handler.wfile.write("ok");
  refused();
  await wfile.flush();
  assertEquals(
    wfile.sentText,
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
  );
});

Deno.test("send_interim() sends nothing after the exchange", async () => {
  const late = Promise.withResolvers<void>();
  class Late extends Hinting {
    do_LATE() {
      this.respond();
      setTimeout(() => {
        // The client would take it for the start of the next response.
        this.send_interim(103);
        late.resolve();
      }, 20);
    }
    override do_GET() {
      this.respond();
    }
  }
  await using server = serve(Late);
  using client = await server.connect();
  await client.write(REQUEST.replace("GET", "LATE"));
  assertEquals((await client.answer()).status, 200);
  await late.promise;
  await client.write(REQUEST);
  assertEquals((await client.answer()).status, 200);
});

Deno.test("fetch() and node:http see the final response of send_interim()", async () => {
  const { get } = await import("node:http");
  await using server = serve(Hinting);
  const url = `http://127.0.0.1:${server.port}/`;
  assertEquals(await (await fetch(url)).text(), "ok");
  const hints = await new Promise((resolve, reject) => {
    let seen: unknown;
    get(url, { agent: false }, (response) => {
      response.resume();
      response.on("end", () => resolve([seen, response.statusCode]));
    }).on("information", ({ statusCode, rawHeaders }) => {
      seen = [statusCode, rawHeaders];
    }).on("error", reject);
  });
  assertEquals(hints, [[103, ["Link", LINK]], 200]);
});
