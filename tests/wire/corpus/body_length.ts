// RFC 9112 §6: Content-Length, Transfer-Encoding, and both together.

import {
  badBody,
  body,
  chunked,
  closed,
  get,
  kept,
  lines,
  onSite,
  post,
  refused,
  shown,
  SMUGGLED,
  type WireCase,
} from "./_case.ts";

const SMUGGLED_LENGTH = `Content-Length: ${SMUGGLED.length}`;

/** SMUGGLED as one chunk, and the last chunk. */
const SMUGGLED_CHUNKS = `${
  SMUGGLED.length.toString(16)
}\r\n${SMUGGLED}\r\n0\r\n\r\n`;

/** Fields that are refused, regardless of what follows. */
function bad(name: string, fields: readonly string[], status = 400): WireCase {
  return refused(name, post(fields, SMUGGLED_CHUNKS) + SMUGGLED, status);
}

const LENGTHS: readonly WireCase[] = [
  body("a body has its length", post(["Content-Length: 5"], "hello"), "hello"),
  body("a body may be empty", post(["Content-Length: 0"], ""), ""),
  body("a request without framing has no body", post([], ""), ""),
  body(
    "a body may contain any octets",
    post(["Content-Length: 6"], "\0\r\n\xff\n\r"),
    "\0\r\n\xff\n\r",
  ),
  body(
    "a body may look like a request",
    post([SMUGGLED_LENGTH], SMUGGLED),
    SMUGGLED,
  ),
  body(
    "a body may look like chunks",
    post(["Content-Length: 10"], "5\r\nhello\r\n"),
    "5\r\nhello\r\n",
  ),
  body(
    "a body may consist of empty lines",
    post(["Content-Length: 4"], "\r\n\r\n"),
    "\r\n\r\n",
  ),
  body(
    "zeros before a length do not count",
    post(["Content-Length: 005"], "hello"),
    "hello",
  ),
  body(
    "a length with zeros is not octal",
    post(["Content-Length: 010"], "0123456789"),
    "0123456789",
  ),
  body(
    "forty zeros before a length do not count",
    post([`Content-Length: ${"0".repeat(40)}2`], "ab"),
    "ab",
  ),
  body("several zeros are no length", post(["Content-Length: 000"], ""), ""),
  body(
    "a body of 20,000 octets is whole",
    post(["Content-Length: 20000"], "b".repeat(20_000)),
    "b".repeat(20_000),
  ),
  closed(
    "HTTP/1.0 may have a body",
    lines("POST /a HTTP/1.0", "Content-Length: 2") + "ab",
    "POST /a HTTP/1.0 [ab]",
  ),
  kept(
    "GET may have a body",
    lines("GET /a HTTP/1.1", "Host: a", SMUGGLED_LENGTH) + SMUGGLED,
    `GET /a HTTP/1.1 [${SMUGGLED}]`,
  ),
  kept(
    "HEAD may have a body",
    lines("HEAD /a HTTP/1.1", "Host: a", "Content-Length: 2") + "ab",
    "HEAD /a HTTP/1.1 [ab]",
  ),
  kept(
    "OPTIONS may have a body",
    lines("OPTIONS * HTTP/1.1", "Host: a", "Content-Length: 2") + "ab",
    "OPTIONS * HTTP/1.1 [ab]",
  ),
  kept(
    "DELETE may have a body",
    lines("DELETE /a HTTP/1.1", "Host: a", "Content-Length: 2") + "ab",
    "DELETE /a HTTP/1.1 [ab]",
  ),
  kept(
    "GET may have a chunked body",
    lines("GET /a HTTP/1.1", "Host: a", "Transfer-Encoding: chunked") +
      "2\r\nab\r\n0\r\n\r\n",
    "GET /a HTTP/1.1 [ab]",
  ),
  kept(
    "a request that begins in a body is content",
    get(`Content-Length: ${"GET /b HTTP/1.1\r\nHost: a\r\n".length}`) +
      "GET /b HTTP/1.1\r\nHost: a\r\n",
    "GET /a HTTP/1.1 [GET /b HTTP/1.1\r\nHost: a\r\n]",
  ),
  kept(
    "the octet after a body begins the next request",
    post(["Content-Length: 3"], "abcGET /b HTTP/1.1\r\nHost: a\r\n\r\n"),
    "POST /a HTTP/1.1 [abc]",
    "GET /b HTTP/1.1 []",
  ),
  ...[
    "Content_Length: 5",
    "ContentLength: 5",
    "Content-Length-: 5",
    "X-Content-Length: 5",
    "Content.Length: 5",
  ].map((field) => body(`${shown(field)} is no length`, post([field], ""), "")),
  // §6.3 (5): an invalid length.
  ...[
    "",
    " ",
    "+5",
    "-5",
    "-0",
    "5.0",
    "5.",
    ".5",
    "5e0",
    "0x5",
    "0o5",
    "0b1",
    "1_0",
    "1 0",
    "5\t5",
    "5;a=b",
    "5,",
    ",5",
    ",",
    "5, 5",
    "5,5",
    "5, 5, 5",
    "0, 0",
    "5, 6",
    "5, 05",
    "five",
    "NaN",
    "Infinity",
    "\xb2",
    "\xa05",
    "5\xa0",
    '"5"',
    "'5'",
    "-123456789123456789123456789",
  ].map((value) =>
    bad(`Content-Length ${shown(value)} is refused`, [
      `Content-Length: ${value}`,
    ])
  ),
  bad("a Content-Length with VT before it is refused", ["Content-Length: \v5"]),
  bad("a Content-Length with NUL after it is refused", ["Content-Length: 5\0"]),
  bad("the same Content-Length twice is refused", [
    "Content-Length: 5",
    "Content-Length: 5",
  ]),
  bad("Content-Length 0 twice is refused", [
    "Content-Length: 0",
    "Content-Length: 0",
  ]),
  bad("the same Content-Length in other letters is refused", [
    "Content-Length: 5",
    "content-length: 5",
  ]),
  bad("two lengths are refused", ["Content-Length: 5", "Content-Length: 6"]),
  bad("two lengths with fields between them are refused", [
    "Content-Length: 5",
    "X: y",
    "Content-Length: 6",
  ]),
  bad("a length and an empty one are refused", [
    "Content-Length: 5",
    "Content-Length:",
  ]),
  bad("an empty length and another are refused", [
    "Content-Length:",
    "Content-Length: 5",
  ]),
  refused(
    "two lengths are refused in HTTP/1.0",
    lines("POST /a HTTP/1.0", "Content-Length: 4", SMUGGLED_LENGTH) + SMUGGLED,
  ),
];

const TOO_LARGE: WireCase["site"] = { seen: [], statuses: [400], open: false };

/** Too large to be read at once: a handler that tries gets 413, and nothing is allocated. */
const HUGE: readonly WireCase[] = [
  ...[
    "9007199254740992",
    "9223372036854775808",
    "18446744073709551616",
    "99999999999999999999",
    "9".repeat(400),
  ].map((length) =>
    onSite(
      badBody(
        `a Content-Length of ${length.length} digits, ${
          length.slice(0, 20)
        }, never ends`,
        post([`Content-Length: ${length}`], SMUGGLED),
        413,
      ),
      TOO_LARGE,
    )
  ),
  ...["9007199254740991", "4294967296", "2147483648"].map((length) =>
    badBody(
      `a Content-Length of ${length} is a length`,
      post([`Content-Length: ${length}`], SMUGGLED),
      413,
    )
  ),
];

const CODINGS: readonly WireCase[] = [
  ...[
    "chunked",
    "Chunked",
    "CHUNKED",
    "\tchunked",
    "chunked \t",
    ", chunked",
    "chunked,",
    " , chunked , ",
  ].map((value) =>
    body(
      `the coding ${shown(value)} is chunked`,
      post([`Transfer-Encoding: ${value}`], "2\r\nab\r\n0\r\n\r\n"),
      "ab",
    )
  ),
  body(
    "a coding and an empty one are chunked",
    post(["Transfer-Encoding: chunked", "Transfer-Encoding:"], "0\r\n\r\n"),
    "",
  ),
  kept(
    "chunks in HTTP/1.2 are chunks",
    lines("POST /a HTTP/1.2", "Host: a", "Transfer-Encoding: chunked") +
      "0\r\n\r\n",
    "POST /a HTTP/1.2 []",
  ),
  ...[
    "Transfer_Encoding: chunked",
    "TransferEncoding: chunked",
    "X-Transfer-Encoding: chunked",
    "TE: chunked",
  ].map((field) =>
    body(
      `${shown(field)} is not a coding`,
      post([field, "Content-Length: 2"], "ab"),
      "ab",
    )
  ),
  // §6.1, §6.3 (4): another coding, or chunked in a wrong place.
  ...[
    "gzip",
    "identity",
    "deflate",
    "pigeons",
    "xchunked",
    "chunkedx",
    "chunkedchunked",
    "gzip, chunked",
    "identity, chunked",
    "gzip;a=b, chunked",
  ].map((value) =>
    bad(`the coding ${shown(value)} is unknown`, [
      `Transfer-Encoding: ${value}`,
    ], 501)
  ),
  bad("another coding in a line before chunked is unknown", [
    "Transfer-Encoding: gzip",
    "Transfer-Encoding: chunked",
  ], 501),
  ...[
    "",
    " ",
    ",",
    "chunked, chunked",
    "chunked, gzip",
    "chunked, identity",
    "chunked, gzip, chunked",
    "chunked;",
    "chunked;a=b",
    "chunked; q=1",
    '"chunked"',
    "chunked chunked",
    "gzip chunked",
    "chunked\xa0",
    "\xa0chunked",
    "chunked\x85",
    "chun\xe9ked",
    "chunked=",
    ";",
    "=chunked",
  ].map((value) =>
    bad(`the coding ${shown(value)} is malformed`, [
      `Transfer-Encoding: ${value}`,
    ])
  ),
  ...["\v", "\f", "\0", "\x1f", "\x7f"].flatMap((char) => [
    bad(`${shown(char)} before chunked is refused`, [
      `Transfer-Encoding: ${char}chunked`,
    ]),
    bad(`${shown(char)} after chunked is refused`, [
      `Transfer-Encoding: chunked${char}`,
    ]),
  ]),
  bad("chunked in two lines is refused", [
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: chunked",
  ]),
  bad("chunked and then identity in two lines is refused", [
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: identity",
  ]),
  bad("empty codings in three lines are refused", [
    "Transfer-Encoding:",
    "Transfer-Encoding:",
    "Transfer-Encoding:",
  ]),
  // §6.1: not before HTTP/1.1.
  refused(
    "a coding in HTTP/1.0 is refused",
    lines("POST /a HTTP/1.0", "Host: a", "Transfer-Encoding: chunked") +
      SMUGGLED_CHUNKS,
  ),
  {
    name: "a coding in HTTP/0.9 is refused",
    send: lines("GET /a HTTP/0.9", "Transfer-Encoding: chunked") +
      SMUGGLED_CHUNKS,
    seen: [],
    statuses: [400],
    open: false,
  },
  refused(
    "a coding and a length in HTTP/1.0 are refused",
    lines(
      "POST /a HTTP/1.0",
      "Transfer-Encoding: chunked",
      "Content-Length: 5",
    ) + "hello",
  ),
  refused(
    "a coding and keep-alive in HTTP/1.0 are refused",
    lines(
      "POST /a HTTP/1.0",
      "Transfer-Encoding: chunked",
      "Connection: keep-alive",
    ) + SMUGGLED_CHUNKS,
  ),
];

const BOTH: readonly WireCase[] = [
  bad("a length before chunked is refused", [
    "Content-Length: 5",
    "Transfer-Encoding: chunked",
  ]),
  bad("a length after chunked is refused", [
    "Transfer-Encoding: chunked",
    "Content-Length: 5",
  ]),
  bad("a length of 0 beside chunked is refused", [
    "Content-Length: 0",
    "Transfer-Encoding: chunked",
  ]),
  bad("a length that fits the chunks is refused beside them", [
    `Content-Length: ${SMUGGLED_CHUNKS.length}`,
    "Transfer-Encoding: chunked",
  ]),
  bad("a length beside Chunked in capitals is refused", [
    "Content-Length: 5",
    "Transfer-Encoding: CHUNKED",
  ]),
  bad("a length beside chunked in an empty list is refused", [
    "Content-Length: 5",
    "Transfer-Encoding: , chunked",
  ]),
  bad("a length beside an unknown coding is refused", [
    "Content-Length: 5",
    "Transfer-Encoding: gzip",
  ]),
  bad("a length beside identity is refused", [
    "Content-Length: 5",
    "Transfer-Encoding: identity",
  ]),
  bad("a length beside an empty coding is refused", [
    "Content-Length: 5",
    "Transfer-Encoding:",
  ]),
  bad("a malformed length beside chunked is refused", [
    "Content-Length: x",
    "Transfer-Encoding: chunked",
  ]),
  bad("a length, Connection: close and chunked are refused", [
    "Content-Length: 5",
    "Connection: close",
    "Transfer-Encoding: chunked",
  ]),
  refused(
    "a length that ends within the last chunk is refused",
    post(["Content-Length: 4", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
  ),
  refused(
    "a length that ends after the last chunk is refused",
    post(["Content-Length: 6", "Transfer-Encoding: chunked"], "0\r\n\r\nX"),
  ),
  refused(
    "a length and chunks that each hide a request are refused",
    post(
      [SMUGGLED_LENGTH, "Transfer-Encoding: chunked"],
      "0\r\n\r\n" + SMUGGLED,
    ),
  ),
  body(
    "a coding in a body is content",
    chunked(
      `${
        "Content-Length: 5".length.toString(16)
      }\r\nContent-Length: 5\r\n0\r\n\r\n`,
    ),
    "Content-Length: 5",
  ),
];

export const BODY_LENGTH: readonly WireCase[] = [
  ...LENGTHS,
  ...HUGE,
  ...CODINGS,
  ...BOTH,
];
