// Header lines of requests, over a socket. Numbers are behaviours of CPython, as listed
// in docs/parity.md.

import {
  Echo,
  error,
  LAST,
  ok,
  request,
  SMUGGLED,
  type Transcript,
  transcripts,
} from "./_transcript.ts";

/** Responds with the values of a field. */
class Fields extends Echo {
  override do_GET() {
    this.respond(JSON.stringify(this.headers.get_all("x-a") ?? null));
  }
}

/** A bad line among good ones; nothing after it is parsed as a request. */
function bad(
  name: string,
  line: string,
  explain: string,
  shown?: string,
): Transcript {
  return {
    name: `${name} is 400 (differs from CPython)`, // 58
    send: request("GET /", ["X-Before: b", line, "X-After: c"]) + SMUGGLED,
    expect: error("400", `Bad header line (${shown ?? `'${line}'`})`, explain),
  };
}

transcripts([
  bad("a line without colon", "X-A", "A header line must contain a colon"),
  bad(
    "white space before the colon",
    "X-A : 1",
    "There must be no white space between a header name and its colon",
  ),
  bad(
    "a tab before the colon",
    "X-A\t: 1",
    "There must be no white space between a header name and its colon",
    "'X-A\\t: 1'",
  ),
  bad(
    "a folded line",
    " folded",
    "A header line must not begin with white space",
  ),
  bad(
    "a line folded with a tab",
    "\tfolded",
    "A header line must not begin with white space",
    "'\\tfolded'",
  ),
  bad("an empty name", ": 1", "A header line must begin with a name"),
  bad("a name with a blank", "X A: 1", "A header name must be a token"),
  bad("a name with latin-1", "X-\xc4: 1", "A header name must be a token"),
  bad("a name in brackets", "(X): 1", "A header name must be a token"),
  bad(
    "a mail's From line",
    "From me Fri Jan  1",
    "A header line must contain a colon",
  ),
  bad(
    "a bare CR in a value",
    "X-A: 1\rX-B: 2",
    "A header line must not contain a bare CR",
    "'X-A: 1\\rX-B: 2'",
  ),
  bad(
    "a bare CR at the end of a value",
    "X-A: 1\r",
    "A header line must not contain a bare CR",
    "'X-A: 1\\r'",
  ),
  bad(
    "NUL in a value",
    "X-A: \x001",
    "A header line must not contain NUL",
    "'X-A: \\x001'",
  ),
  bad(
    "NUL in a name",
    "X\0: 1",
    "A header line must not contain NUL",
    "'X\\x00: 1'",
  ),
]);

transcripts([
  {
    name: "a folded first line is 400 (differs from CPython)",
    send: "GET / HTTP/1.1\r\n Host: a\r\n\r\n" + SMUGGLED,
    expect: error(
      "400",
      "Bad header line (' Host: a')",
      "A header line must not begin with white space",
    ),
  },
  {
    name: "values come without the white space around them, in order",
    send: request("GET /", [
      "X-A: \t1 \t",
      "x-a:2",
      "X-A:",
      "X-A: 3  4",
      "Connection: close",
    ]),
    expect: ok('["1","2","","3  4"]'),
    Handler: Fields,
  },
  {
    name: "a value of latin-1 is received and sent unchanged", // 19
    send: request("GET /", ["X-A: \xc4rger mit Unicode", "Connection: close"]),
    expect: ok('["\xc4rger mit Unicode"]'),
    Handler: class extends Fields {
      override respond(body: string) {
        this.send_response(200);
        this.send_header("Content-Length", body.length);
        this.end_headers();
        this.wfile.write(Uint8Array.from(body, (c) => c.charCodeAt(0)));
      }
    },
  },
  {
    name: "99 lines are accepted", // 53
    send: request("GET /", [...Array(97).fill("X-B: b"), "Connection: close"]),
    expect: ok("null"),
    Handler: Fields,
  },
  {
    name: "100 lines are 431", // 35, 53
    send: request("GET /", [...Array(98).fill("X-B: b"), "Connection: close"]) +
      SMUGGLED,
    expect: error("431", "Too many headers", "got more than 100 headers"),
  },
  {
    name: "lines without end are 431",
    send: "GET / HTTP/1.1\r\n" + "X-B: b\r\n".repeat(20_000),
    expect: error("431", "Too many headers", "got more than 100 headers"),
  },
  {
    name: "a line of 65536 bytes is accepted", // 52
    send: request("GET /", [
      `X-A: ${"a".repeat(65_536 - 7)}`,
      "Connection: close",
    ]),
    expect: ok(`["${"a".repeat(65_536 - 7)}"]`),
    Handler: Fields,
  },
  {
    name: "a line of 65537 bytes is 431", // 34, 52
    send: request("GET /", [`X-A: ${"a".repeat(65_537 - 7)}`]) + SMUGGLED,
    expect: error(
      "431",
      "Line too long",
      "got more than 65536 bytes when reading header line",
    ),
  },
  {
    name: "a line without end is 431",
    send: "GET / HTTP/1.1\r\nX-A: " + "a".repeat(300_000),
    expect: error(
      "431",
      "Line too long",
      "got more than 65536 bytes when reading header line",
    ),
  },
  {
    name: "a head beyond 256 KiB is 431 (differs from CPython)",
    send: request("GET /", Array(6).fill(`X-A: ${"a".repeat(60_000)}`)),
    expect: error(
      "431",
      "Headers too large",
      "got more than 262144 bytes of headers",
    ),
  },
]);

transcripts([
  {
    name: "no Host on HTTP/1.1 is accepted", // 61
    send: "GET / HTTP/1.1\r\n\r\n" + LAST,
    expect: ok("GET /\n") + ok("GET /last\n"),
  },
  {
    name: "no Host on HTTP/1.1 is 400 where requiresHost is set",
    send: "GET / HTTP/1.1\r\n\r\n" + SMUGGLED,
    expect: error("400", "Missing Host header"),
    Handler: class extends Echo {
      override requiresHost = true;
    },
  },
  {
    name: "two Hosts are 400 (differs from CPython)",
    send: request("GET /", ["Host: b"]) + SMUGGLED,
    expect: error("400", "More than one Host header"),
  },
  {
    name: "the same Host twice is 400 (differs from CPython)",
    send: request("GET /", ["host: a"]) + SMUGGLED,
    expect: error("400", "More than one Host header"),
  },
  {
    name: "a Host of two words is 400 (differs from CPython)",
    send: "GET / HTTP/1.1\r\nHost: a b\r\n\r\n" + SMUGGLED,
    expect: error("400", "Bad Host header ('a b')"),
  },
  {
    name: "no Host on HTTP/1.0 is fine",
    send: "GET / HTTP/1.0\r\n\r\n",
    expect: ok("GET /\n"),
  },
  {
    name: "an empty Host is fine",
    send: "GET / HTTP/1.1\r\nHost:\r\n\r\n" + LAST,
    expect: ok("GET /\n") + ok("GET /last\n"),
  },
]);
