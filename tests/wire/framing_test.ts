// The end of a request's body, and attempts to hide a second request in it. Each
// transcript has a request after the body: it gets a single response if the framing is
// valid, and none otherwise. Behaviour 61: CPython responds to requests in a body.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { serve } from "../_serve.ts";
import {
  Echo,
  error,
  LAST,
  LAST_OK,
  ok,
  request,
  SMUGGLED,
  type Transcript,
  transcripts,
} from "./_transcript.ts";

const LENGTH = SMUGGLED.length;

/** SMUGGLED as chunks. */
const CHUNKED = `${LENGTH.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`;

transcripts([
  {
    name:
      "a body that looks like a request is not parsed as one (differs from CPython)",
    send: request("GET /a", [`Content-Length: ${LENGTH}`], SMUGGLED) + LAST,
    expect: ok("GET /a\n") + LAST_OK,
  },
  {
    name:
      "a chunked body that looks like a request is not parsed as one (differs from CPython)",
    send: request("GET /a", ["Transfer-Encoding: chunked"], CHUNKED) + LAST,
    expect: ok("GET /a\n") + LAST_OK,
  },
  {
    name:
      "a body with an unsupported method is not parsed as a request (differs from CPython)",
    send: request("PUT /a", [`Content-Length: ${LENGTH}`], SMUGGLED),
    expect: error("501", "Unsupported method ('PUT')"),
  },
  {
    name: "a body is read to its length",
    send: request("POST /a", ["Content-Length: 5"], "hello") + LAST,
    expect: ok("POST /a [hello]\n") + LAST_OK,
  },
  {
    name:
      "a chunked body is read to its last chunk, with extensions and trailers",
    send: request(
      "POST /a",
      ["Transfer-Encoding: Chunked"],
      '5;a=b;c="d"\r\nhello\r\n00001\r\n \r\nA\r\n0123456789\r\n0\r\nContent-Length: 7\r\nX-T: t\r\n\r\n',
    ) + LAST,
    expect: ok("POST /a [hello 0123456789]\n") + LAST_OK,
  },
  {
    name: "a body of HTTP/1.0 is read to its length",
    send: "POST /a HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello" + SMUGGLED,
    expect: ok("POST /a [hello]\n"),
  },
  {
    name: "a request without framing has no body",
    send: request("POST /a") + LAST,
    expect: ok("POST /a []\n") + LAST_OK,
  },
]);

/** A head whose framing is refused; nothing after it gets a response. */
function refused(
  name: string,
  fields: readonly string[],
  status: string,
  message: string,
  explain?: string,
): Transcript {
  return {
    name: `${name} is ${status} and closed (differs from CPython)`,
    send: request("POST /a", fields, CHUNKED) + SMUGGLED,
    expect: error(status, message, explain),
  };
}

const NUMBER = "Content-Length must be a decimal number";

transcripts([
  refused(
    "a Content-Length that differs",
    ["Content-Length: 5", "Content-Length: 6"],
    "400",
    "Bad Content-Length ('5,6')",
    "The values of Content-Length differ",
  ),
  refused(
    "a list of lengths that differ",
    ["Content-Length: 5, 6"],
    "400",
    "Bad Content-Length ('5, 6')",
    "The values of Content-Length differ",
  ),
  refused(
    "a length spelled in two ways",
    ["Content-Length: 5, 05"],
    "400",
    "Bad Content-Length ('5, 05')",
    "The values of Content-Length differ",
  ),
  ...["", "+5", "-5", "5a", "0x5", "5.0", "1e1", "5 5", "five", "\xb2"].map((
    value,
  ) =>
    refused(
      `Content-Length "${value}"`,
      [`Content-Length: ${value}`],
      "400",
      `Bad Content-Length ('${value}')`,
      NUMBER,
    )
  ),
  refused(
    "the same Content-Length twice",
    ["Content-Length: 5", "content-length: 5"],
    "400",
    "Bad Content-Length ('5,5')",
    "Content-Length must be given once",
  ),
  refused(
    "Content-Length with Transfer-Encoding",
    ["Content-Length: 5", "Transfer-Encoding: chunked"],
    "400",
    "Both Transfer-Encoding and Content-Length",
  ),
  refused(
    "Transfer-Encoding with Content-Length",
    ["Transfer-Encoding: chunked", "Content-Length: 5"],
    "400",
    "Both Transfer-Encoding and Content-Length",
  ),
  refused(
    "an unknown transfer coding",
    ["Transfer-Encoding: gzip"],
    "501",
    "Unsupported transfer coding ('gzip')",
  ),
  refused(
    "identity",
    ["Transfer-Encoding: identity"],
    "501",
    "Unsupported transfer coding ('identity')",
  ),
  refused(
    "a further coding before chunked",
    ["Transfer-Encoding: gzip, chunked"],
    "501",
    "Unsupported transfer coding ('gzip, chunked')",
  ),
  refused(
    "a coding after chunked",
    ["Transfer-Encoding: chunked, gzip"],
    "400",
    "Bad Transfer-Encoding ('chunked, gzip')",
    "The chunked coding must be the last one, and only once",
  ),
  refused(
    "chunked twice",
    ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    "400",
    "Bad Transfer-Encoding ('chunked, chunked')",
    "The chunked coding must be the last one, and only once",
  ),
  refused(
    "chunked with a parameter",
    ["Transfer-Encoding: chunked;a=b"],
    "400",
    "Bad Transfer-Encoding ('chunked;a=b')",
    "The chunked coding has no parameters",
  ),
  refused(
    "an empty Transfer-Encoding",
    ["Transfer-Encoding:"],
    "400",
    "Bad Transfer-Encoding ('')",
    "Transfer-Encoding names no coding",
  ),
  refused(
    "a coding in quotes",
    ['Transfer-Encoding: "chunked"'],
    "400",
    "Bad Transfer-Encoding ('\"chunked\"')",
    "A transfer coding must be a token",
  ),
  refused(
    "a coding with VT before it",
    ["Transfer-Encoding: \x0bchunked"],
    "400",
    "Bad header line ('Transfer-Encoding: \\x0bchunked')",
    "A header value must not contain control characters",
  ),
  refused(
    "a name with a blank after it",
    ["Transfer-Encoding : chunked"],
    "400",
    "Bad header line ('Transfer-Encoding : chunked')",
    "There must be no white space between a header name and its colon",
  ),
  refused(
    "a folded coding",
    ["Transfer-Encoding:", " chunked"],
    "400",
    "Bad header line (' chunked')",
    "A header line must not begin with white space",
  ),
  {
    name:
      "Transfer-Encoding on HTTP/1.0 is 400 and closed (differs from CPython)",
    send: "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED +
      SMUGGLED,
    expect: error("400", "Transfer-Encoding is not allowed before HTTP/1.1"),
  },
]);

const BAD_CHUNKS:
  readonly (readonly [name: string, body: string, explain: string])[] = [
    ["a malformed size", "zz\r\n", "Not a chunk size: 'zz'"],
    ["no size", "\r\nhello\r\n", "Not a chunk size: ''"],
    ["a size with a sign", "+5\r\nhello\r\n", "Not a chunk size: '+5'"],
    ["a size with 0x", "0x5\r\nhello\r\n", "Not a chunk size: '0x5'"],
    ["a blank after the size", "5 \r\nhello\r\n", "Not a chunk size: '5 '"],
    [
      "a size that ends with LF alone",
      "5\nhello\r\n",
      "The size of a chunk must be followed by CRLF",
    ],
    [
      "data that is longer than its size",
      "4\r\nhello\r\n",
      "The data of a chunk must be followed by CRLF",
    ],
    [
      "data that ends with LF alone",
      "5\r\nhello\n0\r\n\r\n",
      "The data of a chunk must be followed by CRLF",
    ],
    ["a size beyond 2^52", "ffffffffffffff\r\n", "A chunk is too large"],
    [
      "an endless extension",
      `5;${"a".repeat(300)}\r\nhello\r\n`,
      "The line of a chunk size is too long",
    ],
    [
      "a trailer without colon",
      "0\r\nX-T\r\n\r\n",
      "A header line must contain a colon",
    ],
  ];

transcripts(
  BAD_CHUNKS.map(([name, body, explain]) => ({
    name: `${name} in a chunked body is 400 to the handler that reads it`,
    send: request("POST /a", ["Transfer-Encoding: chunked"], body) + SMUGGLED,
    expect: error(
      "400",
      explain.startsWith("A header line")
        ? "Bad header line ('X-T')"
        : "Bad chunked body",
      explain,
    ),
  })),
);

transcripts(
  BAD_CHUNKS.map(([name, body]) => ({
    name:
      `${name} in a chunked body that nobody reads closes the connection after the response`,
    send: request("GET /a", ["Transfer-Encoding: chunked"], body) + SMUGGLED,
    expect: ok("GET /a\n"),
  })),
);

/** Responds with more than the buffers of a connection can hold. */
class Large extends Echo {
  override do_GET() {
    this.respond("x".repeat(5_000_000));
  }
}

Deno.test("a malformed body that nobody reads does not cut the pending response", async () => {
  await using server = serve(Large);
  using client = await server.connect();
  await client.write(
    request("GET /a", ["Transfer-Encoding: chunked"], "zz\r\n") + SMUGGLED,
  );
  await client.readUntil("\r\n\r\n");
  assert(await client.readToEnd() === "x".repeat(5_000_000));
  assertEquals(server.takeErrors(), []);
});

Deno.test("a client that disconnects during its body and the response is not an error", async () => {
  await using server = serve(Large);
  for (const field of ["Content-Length: 100", "Transfer-Encoding: chunked"]) {
    using client = await server.connect();
    await client.write(request("GET /a", [field]));
    await client.readUntil("\r\n\r\n");
  }
  await server.server.server_close();
  assertEquals(server.takeErrors(), []);
});

Deno.test("an unread body of 256 KiB is dropped, and the connection stays open", async () => {
  const body = SMUGGLED.repeat(Math.floor(262_144 / LENGTH));
  const size = (262_144).toString(16);
  const full = body.padEnd(262_144, "x");
  await using server = serve(Echo);
  for (
    const [field, sent] of [
      ["Content-Length: 262144", full],
      ["Transfer-Encoding: chunked", `${size}\r\n${full}\r\n0\r\n\r\n`],
    ] as const
  ) {
    using client = await server.connect();
    await client.write(request("GET /a", [field], sent));
    assertEquals((await client.answer()).body, "GET /a\n");
    await client.write(LAST);
    assertEquals((await client.answer()).body, "GET /last\n");
    await client.assertClosed();
  }
});

Deno.test("an unread body beyond 256 KiB closes the connection, and the response arrives whole", async () => {
  await using server = serve(Echo);
  const body = SMUGGLED.repeat(Math.ceil(400_000 / LENGTH));
  for (
    const [field, sent] of [
      [`Content-Length: ${body.length}`, body],
      [
        "Transfer-Encoding: chunked",
        `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      ],
    ] as const
  ) {
    using client = await server.connect();
    // Like most clients it sends while it reads; the server may close meanwhile.
    const writing = client.write(request("GET /a", [field], sent) + SMUGGLED)
      .catch(() => {});
    const response = await client.answer();
    assertEquals([response.status, response.body], [200, "GET /a\n"]);
    await writing;
    assertEquals(await client.readToEnd().catch(() => ""), "");
  }
});

Deno.test("an announced body that never comes does not delay the response", async () => {
  await using server = serve(Echo);
  for (const length of [10, 10_000_000]) {
    using client = await server.connect();
    await client.write(request("GET /a", [`Content-Length: ${length}`]));
    assertEquals((await client.answer()).body, "GET /a\n");
    await client.closeWrite();
    await client.assertClosed();
  }
});

Deno.test("Content-Length larger than the body gets 400", async () => {
  await using server = serve(Echo);
  using client = await server.connect();
  await client.write(request("POST /a", ["Content-Length: 10"], "hel"));
  await client.closeWrite();
  assertMatch(
    await client.readToEnd(),
    /^HTTP\/1\.1 400 Incomplete body\r\n/,
  );
});
