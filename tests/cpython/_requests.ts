// The requests of the differential test, in latin-1 text: valid, odd and broken ones. Add
// a request here for each difference that is found by other means.

import { TARGETS } from "./_targets.ts";

const REQUEST_LINES: readonly string[] = [
  // HTTP/0.9.
  "GET /a.txt",
  "GET /dir",
  "GET /dir/",
  "GET /nope",
  "GET //a.txt",
  "GET a.txt",
  "GET /a.txt HTTP/0.9",
  "HEAD /a.txt HTTP/0.9",
  "GET /dir HTTP/0.9",
  "POST /a.txt",
  "HEAD /a.txt",
  "get /a.txt",
  "FOO /",
  "GET",
  "FOO",
  "/",
  "GET ",
  // Methods.
  "POST / HTTP/1.0",
  "POST / HTTP/1.1",
  "PUT /a.txt HTTP/1.1",
  "DELETE /a.txt HTTP/1.1",
  "PATCH / HTTP/1.1",
  "OPTIONS * HTTP/1.1",
  "OPTIONS / HTTP/1.0",
  "TRACE / HTTP/1.1",
  "CONNECT h:80 HTTP/1.1",
  "FOO /a.txt HTTP/1.1",
  "custom / HTTP/1.0",
  "GETs / HTTP/1.0",
  "get /a.txt HTTP/1.1",
  "Get / HTTP/1.0",
  "GET\x01 / HTTP/1.0",
  "G\xcbT / HTTP/1.0",
  "<x> / HTTP/1.1",
  "F'OO / HTTP/1.1",
  'F"OO / HTTP/1.1',
  "F\\OO / HTTP/1.1",
  "send_head / HTTP/1.0",
  "__init__ / HTTP/1.0",
  "GET: / HTTP/1.0",
  "M".repeat(90) + " / HTTP/1.0",
  "M".repeat(5_000) + " / HTTP/1.0",
  // Versions.
  "GET /a.txt HTTP/1.10",
  "GET /a.txt HTTP/01.01",
  "GET /a.txt HTTP/0.5",
  "GET /a.txt HTTP/1.9",
  "GET /a.txt HTTP/0.10",
  "GET /a.txt HTTP/00.09",
  "GET /a.txt HTTP/1",
  "GET /a.txt HTTP/1.",
  "GET /a.txt HTTP/.1",
  "GET /a.txt HTTP/",
  "GET /a.txt HTTP",
  "GET /a.txt HTTP/1.1.1",
  "GET /a.txt HTTP/9.9.9",
  "GET /a.txt HTTP/-1.1",
  "GET /a.txt HTTP/+1.1",
  "GET /a.txt HTTP/1.-1",
  "GET /a.txt HTTP/-9_9_9.+9_9_9",
  "GET /a.txt HTTP/1_0.1",
  "GET /a.txt HTTP/11111111111.1",
  "GET /a.txt HTTP/1.11111111111",
  "GET /a.txt HTTP/1.1111111111",
  "GET /a.txt HTTP/0000000001.1",
  "GET /a.txt HTTP/1.\xb2",
  "GET /a.txt HTTP/1.a",
  "GET /a.txt HTTP/2.0",
  "GET /a.txt HTTP/3.0",
  "GET /a.txt HTTP/9.9",
  "PRI * HTTP/2.0",
  "GET /'\" HTTP/3.0",
  "GET /a.txt http/1.1",
  "GET /a.txt Http/1.1",
  "GET /a.txt FUBAR",
  "GET /a.txt HTTPS/1.1",
  'GET /a.txt "HTTP/1.1"',
  "GET /a.txt XHTTP/1.1",
  "GET /a.txt 1.1",
  "FOO /a.txt HTTP/2.0",
  "FOO /a.txt x",
  // White space and words.
  "GET  /a.txt   HTTP/1.0",
  "GET\t/a.txt\tHTTP/1.0",
  "GET /a.txt HTTP/1.0  ",
  " GET /a.txt HTTP/1.0",
  "\tGET /a.txt HTTP/1.0",
  "GET\v/a.txt\fHTTP/1.0",
  "GET /a.txt\x1cHTTP/1.0",
  "GET /a.txt\x85HTTP/1.0",
  "GET /a b HTTP/1.0",
  "GET /a.txt HTTP/1.0 x",
  "GET /spaced out HTTP/1.1",
  "GET /a\xa0b HTTP/1.0",
  "GET /a.txt\rHTTP/1.0",
  "GET /a.txt HTTP/1.1\r",
  "GET /a.txt HTTP/1.1\r\r",
  "GET /a.txt HTTP/1.0\r",
  "a b c d",
  "a b c d e f",
  "  ",
  "\t",
  " / ",
  "\r",
  "HTTP/1.1",
  "GET HTTP/1.1",
  "GET /a.txt, HTTP/1.1",
  "\xef\xbb\xbfGET / HTTP/1.0",
  "\x16\x03\x01\x02\x00\x01",
  '{"json": 1}',
  "\0",
  "\0 / HTTP/1.0",
];

const FIELDS: readonly string[] = [
  // Conditions; the files' modification time is Sun, 09 Sep 2001 01:46:40 GMT.
  "If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT",
  "If-Modified-Since: Sun, 09 Sep 2001 01:46:41 GMT",
  "If-Modified-Since: Sun, 09 Sep 2001 01:46:39 GMT",
  "If-Modified-Since: Sun, 09 Sep 2030 01:46:40 GMT",
  "If-Modified-Since: Sunday, 09-Sep-01 01:46:40 GMT",
  "If-Modified-Since: Sun Sep  9 01:46:40 2001",
  "If-Modified-Since: Sun, 09 Sep 2001 01:46:40 -0000",
  "If-Modified-Since: Sun, 09 Sep 2001 01:46:40 +0000",
  "If-Modified-Since: Mon, 09 Sep 2001 01:46:40 GMT",
  "If-Modified-Since: 09 Sep 2001 01:46:40 GMT",
  "If-Modified-Since: Sun, 9 Sep 2001 01:46:40 GMT",
  "If-Modified-Since: Sun, 09 Sep 2001 01:46:40 +0100",
  "If-Modified-Since: Sun, 09 Sep 2001 01:46:40 EST",
  "If-Modified-Since: Sun, 09 Sep 2001 01:46:40",
  "If-Modified-Since: Sun, 09 Sep 2001 01:46 GMT",
  "If-Modified-Since: Sun, 09 SEP 2001 01:46:40 gmt",
  "If-Modified-Since: Sun, 32 Sep 2001 01:46:40 GMT",
  "If-Modified-Since: Sun, 09 Sep 2001 25:46:40 GMT",
  "If-Modified-Since: Sun, 09 Sep 99999 01:46:40 GMT",
  "If-Modified-Since: Sun, 09 Sep 0001 01:46:40 GMT",
  "If-Modified-Since: 2001-09-09T01:46:40Z",
  "If-Modified-Since: 1000000000",
  "If-Modified-Since: garbage",
  "If-Modified-Since:",
  "If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT; length=5",
  "If-Modified-Since: x\r\nIf-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT",
  "If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT\r\nIf-Modified-Since: x",
  "If-Modified-Since: Sun, 09 Sep 2030 01:46:40 GMT\r\nIf-None-Match: *",
  'If-Modified-Since: Sun, 09 Sep 2030 01:46:40 GMT\r\nIf-None-Match: "x"',
  "If-Modified-Since: Sun, 09 Sep 2030 01:46:40 GMT\r\nIf-None-Match:",
  "if-modified-since: Sun, 09 Sep 2001 01:46:40 GMT",
  'If-None-Match: "x"',
  "If-Match: *",
  'If-Match: "x"',
  "If-Unmodified-Since: Sun, 09 Sep 2000 01:46:40 GMT",
  "Range: bytes=0-1",
  "Range: bytes=9-",
  'If-Range: "x"\r\nRange: bytes=0-1',
  // Connection and similar fields.
  "Connection: close",
  "Connection: Close",
  "connection: CLOSE",
  "Connection: keep-alive",
  "Connection: Keep-Alive",
  "Connection: x",
  "Connection:",
  "Connection: keep-alive, close",
  "Connection: close, x",
  "Connection: upgrade\r\nUpgrade: h2c",
  "Keep-Alive: timeout=5",
  "Proxy-Connection: keep-alive",
  "Connection: x\r\nConnection: close",
  // Expectations.
  "Expect: 100-continue",
  "Expect: 100-Continue",
  "Expect: something",
  "Expect:",
  "Expect: 100-continue, x",
  // Bodies.
  "Content-Length: 0",
  "Content-Length: 00",
  "Content-Length: -1",
  "Content-Length: x",
  "Content-Length: 1_0",
  "Content-Length:",
  "Content-Length: 99999999999999999999",
  "Transfer-Encoding: gzip",
  "Transfer-Encoding: identity",
  "Transfer-Encoding: chunked, gzip",
  // The form of lines.
  "X: y",
  "X:y",
  "X:",
  "X:  y  ",
  "X:\ty\t",
  "X: \xe9\xff",
  "X: a:b:c",
  "X: \x01\x7f",
  "X: y\r\nX: z",
  "Accept: */*\r\nAccept-Encoding: gzip, deflate, br",
  "Authorization: Basic eDp5",
  "Cookie: a=b",
  "Origin: http://evil.com",
  "User-Agent: " + "x".repeat(8_000),
  "X: " + "y".repeat(60_000),
  "no colon",
  "no colon\r\nConnection: close",
  "X : y",
  "X y: z",
  ": y",
  ":",
  "X: y\r\n folded",
  "X: y\r\n\tfolded",
  " X: y",
  "\tX: y",
  "X: a\rb",
  "X: a\rConnection: close",
  "X: a\0b",
  "X\0: y",
  "X\xe9: y",
  "X(: y",
  '"X": y',
  "From x",
  "X\r: y",
  "\rX: y",
  "X: y\r",
  "X: y\r\r",
  "X: y\nZ: z",
  "X: y\n",
  "=: y",
  "\x7f: y",
];

/** Fields and the body after them. */
const BODIES: readonly [fields: string, body: string][] = [
  ["Content-Length: 5", "hello"],
  ["Content-Length: 5\r\nContent-Length: 5", "hello"],
  ["Content-Length: 5\r\nContent-Length: 6", "hello"],
  ["Content-Length: 5, 5", "hello"],
  ["Content-Length: +5", "hello"],
  ["Content-Length: 0x5", "hello"],
  ["Content-Length: 35", "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"],
  ["Transfer-Encoding: Chunked", "0\r\n\r\n"],
  ["Transfer-Encoding: chunked", "zz\r\n\r\n"],
  [
    "Transfer-Encoding: chunked\r\nContent-Length: 5",
    "5\r\nhello\r\n0\r\n\r\n",
  ],
];

/** Complete requests, including the blank line. */
const WHOLE: readonly string[] = [
  // Line ends.
  "GET /a.txt HTTP/1.0\n\n",
  "GET /a.txt HTTP/1.1\nHost: a\n\n",
  "GET /a.txt HTTP/1.0\r\nX: y\n\r\n",
  "GET /a.txt HTTP/1.1\r\nHost: a\n\n",
  "GET /a.txt\n\n",
  "GET /a.txt HTTP/1.0\n\r\n",
  "\r\nGET / HTTP/1.0\r\n\r\n",
  "\r\n\r\nGET / HTTP/1.0\r\n\r\n",
  // HTTP/1.1 without Host.
  "GET /a.txt HTTP/1.1\r\n\r\n",
  "HEAD /a.txt HTTP/1.1\r\n\r\n",
  "GET /a.txt HTTP/1.1\r\nX: y\r\n\r\n",
  "GET http://h/a.txt HTTP/1.1\r\n\r\n",
  // Host in each of its forms.
  ...[
    "",
    " a b",
    " a,b",
    " a:99999",
    " [::1]:80",
    " a/b",
    ' "a"',
    " a\r\nHost: a",
    " a\r\nHost: b",
  ]
    .flatMap((host) =>
      ["HTTP/1.0", "HTTP/1.1"].map((version) =>
        `GET /a.txt ${version}\r\nHost:${host}\r\n\r\n`
      )
    ),
  // Several on one connection.
  "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\nGET /noext HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\nGET /dir HTTP/1.1\r\nHost: a\r\n\r\nGET /idx/ HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /nope HTTP/1.1\r\nHost: a\r\n\r\nGET /noext HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /noext HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /a.txt HTTP/1.0\r\n\r\nGET /noext HTTP/1.0\r\n\r\n",
  "GET /a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /noext HTTP/1.0\r\n\r\n",
  "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /noext HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\nGET /noext\r\n",
  "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\nFUBAR\r\n\r\n",
  "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/2.0\r\n\r\n",
  "GET /a.txt\r\nGET /noext\r\n\r\n",
  "GET /a.txt HTTP/0.9\r\n\r\nGET /noext\r\n",
  "HEAD /a.txt HTTP/1.1\r\nHost: a\r\n\r\nGET /noext HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n",
  // Limits, each exactly met and exceeded by one byte.
  `GET /${"a".repeat(65_536 - 16)} HTTP/1.0\r\n\r\n`.replace(
    /\r\n\r\n$/,
    "\r\n",
  ) + "\r\n",
  `GET /${"a".repeat(65_537 - 5)}`,
  `GET / HTTP/1.0\r\nX: ${"y".repeat(65_536 - 5)}\r\n\r\n`,
  `GET / HTTP/1.0\r\nX: ${"y".repeat(65_537 - 3)}`,
  `GET / HTTP/1.0\r\n${"X: y\r\n".repeat(99)}\r\n`,
  `GET / HTTP/1.0\r\n${"X: y\r\n".repeat(101)}`,
];

/** All requests. */
export function requests(): readonly string[] {
  const list: string[] = [];
  for (const target of TARGETS) {
    for (const method of ["GET", "HEAD"]) {
      list.push(`${method} ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
    }
    list.push(`GET ${target} HTTP/1.0\r\n\r\n`);
  }
  for (const line of REQUEST_LINES) list.push(`${line}\r\nHost: a\r\n\r\n`);
  for (const field of FIELDS) {
    for (const version of ["HTTP/1.0", "HTTP/1.1"]) {
      list.push(`GET /a.txt ${version}\r\nHost: a\r\n${field}\r\n\r\n`);
    }
    if (field.startsWith("If-")) {
      list.push(`GET /dir/ HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n`);
      list.push(`HEAD /idx/ HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n`);
    }
  }
  for (const [fields, body] of BODIES) {
    for (
      const line of [
        "GET /a.txt HTTP/1.0",
        "GET /a.txt HTTP/1.1",
        "POST / HTTP/1.1",
      ]
    ) {
      list.push(`${line}\r\nHost: a\r\n${fields}\r\n\r\n${body}`);
    }
  }
  return [...list, ...WHOLE];
}
