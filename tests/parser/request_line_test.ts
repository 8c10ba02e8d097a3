// Numbers in comments are those of the list of CPython's behaviours.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  ParseError,
  parseRequestLine,
  type RequestLine,
} from "@x/httpserver/parser";

function fault(line: string): ParseError {
  return assertThrows(() => parseRequestLine(line), ParseError);
}

function parsed(line: string): RequestLine {
  const result = parseRequestLine(line);
  if (result === undefined) {
    throw new Error("Expected a line that is not blank");
  }
  return result;
}

/** Line, command, path, version, major, minor, simple. */
const GOOD: [string, string, string, string, number, number, boolean][] = [
  ["GET / HTTP/1.1\r\n", "GET", "/", "HTTP/1.1", 1, 1, false],
  ["GET /a?b#c HTTP/1.0\r\n", "GET", "/a?b#c", "HTTP/1.0", 1, 0, false],
  // 1, 36: any word is a method here; a handler answers 501 to an unknown one.
  ["XYZBOGUS / HTTP/1.1\r\n", "XYZBOGUS", "/", "HTTP/1.1", 1, 1, false],
  [
    "<script>alert(1)</script> / HTTP/1.1\r\n",
    "<script>alert(1)</script>",
    "/",
    "HTTP/1.1",
    1,
    1,
    false,
  ],
  ["get / HTTP/1.1\r\n", "get", "/", "HTTP/1.1", 1, 1, false],
  // 2: the line ends at the LF, whatever line end follows.
  ["XYZBOGUS / HTTP/1.1\n", "XYZBOGUS", "/", "HTTP/1.1", 1, 1, false],
  // 57: LF alone, and no line end at the end of the stream.
  ["GET / HTTP/1.0\n", "GET", "/", "HTTP/1.0", 1, 0, false],
  ["GET / HTTP/1.1", "GET", "/", "HTTP/1.1", 1, 1, false],
  // 8, 23: two words are HTTP/0.9.
  ["GET /\r\n", "GET", "/", "", 0, 9, true],
  ["GET /index.html\n", "GET", "/index.html", "", 0, 9, true],
  ["GET HTTP/1.1\r\n", "GET", "HTTP/1.1", "", 0, 9, true],
  // 26: three words with HTTP/0.9 are not.
  [
    "GET /index.html HTTP/0.9\r\n",
    "GET",
    "/index.html",
    "HTTP/0.9",
    0,
    9,
    false,
  ],
  // 55: any latin-1 white space separates words.
  ["GET\v/a\fHTTP/1.0\r\n", "GET", "/a", "HTTP/1.0", 1, 0, false],
  ["GET\t/a\x1cHTTP/1.1\r\n", "GET", "/a", "HTTP/1.1", 1, 1, false],
  ["GET\x1d/a\x1eHTTP/1.1\r\n", "GET", "/a", "HTTP/1.1", 1, 1, false],
  ["GET\x1f/a\x85HTTP/1.1\r\n", "GET", "/a", "HTTP/1.1", 1, 1, false],
  ["  GET   /a   HTTP/1.1  \r\n", "GET", "/a", "HTTP/1.1", 1, 1, false],
  ["GET /a\xa0 HTTP/1.1\r\n", "GET", "/a", "HTTP/1.1", 1, 1, false],
  // 56: leading zeros, further digits, and versions below 1.
  ["GET / HTTP/01.01\r\n", "GET", "/", "HTTP/01.01", 1, 1, false],
  ["GET / HTTP/1.10\r\n", "GET", "/", "HTTP/1.10", 1, 10, false],
  ["GET / HTTP/0.5\r\n", "GET", "/", "HTTP/0.5", 0, 5, false],
  ["GET / HTTP/1.2\r\n", "GET", "/", "HTTP/1.2", 1, 2, false],
  // 6, 7: ten digits are still a number.
  ["GET / HTTP/0000000001.1\r\n", "GET", "/", "HTTP/0000000001.1", 1, 1, false],
  [
    "GET / HTTP/1.1234567890\r\n",
    "GET",
    "/",
    "HTTP/1.1234567890",
    1,
    1234567890,
    false,
  ],
  // 64: slashes at the front become one, on both routes; backslashes stay.
  [
    "GET //evil.com/ HTTP/1.1\r\n",
    "GET",
    "/evil.com/",
    "HTTP/1.1",
    1,
    1,
    false,
  ],
  [
    "GET ////evil.com//b HTTP/1.1\r\n",
    "GET",
    "/evil.com//b",
    "HTTP/1.1",
    1,
    1,
    false,
  ],
  ["GET //evil.com/%2f..\r\n", "GET", "/evil.com/%2f..", "", 0, 9, true],
  ["GET // HTTP/1.1\r\n", "GET", "/", "HTTP/1.1", 1, 1, false],
  ["GET /\\evil HTTP/1.1\r\n", "GET", "/\\evil", "HTTP/1.1", 1, 1, false],
  // Other forms of the target (RFC 9112 3.2) are the handler's to judge.
  ["OPTIONS * HTTP/1.1\r\n", "OPTIONS", "*", "HTTP/1.1", 1, 1, false],
  [
    "GET http://h//a HTTP/1.1\r\n",
    "GET",
    "http://h//a",
    "HTTP/1.1",
    1,
    1,
    false,
  ],
  ["CONNECT h:443 HTTP/1.1\r\n", "CONNECT", "h:443", "HTTP/1.1", 1, 1, false],
  // Octets above ASCII stay characters of the same number.
  ["GET /\xe9\xff HTTP/1.1\r\n", "GET", "/\xe9\xff", "HTTP/1.1", 1, 1, false],
];

Deno.test("parseRequestLine() gives the parts of a line", {
  permissions: "none",
}, () => {
  for (const [line, command, path, version, major, minor, simple] of GOOD) {
    assertEquals(parseRequestLine(line), {
      command,
      path,
      version,
      major,
      minor,
      simple,
    }, line);
  }
});

/** Line, status, message, simple. */
const BAD: [string, number, string, boolean][] = [
  // 3
  ["GET / FUBAR\r\n", 400, "Bad request version ('FUBAR')", false],
  // 4
  ["GET / HTTP/9.9.9\r\n", 400, "Bad request version ('HTTP/9.9.9')", false],
  ["GET / HTTP/1\r\n", 400, "Bad request version ('HTTP/1')", false],
  // 5
  [
    "GET / HTTP/-9_9_9.+9_9_9\r\n",
    400,
    "Bad request version ('HTTP/-9_9_9.+9_9_9')",
    false,
  ],
  ["GET / HTTP/1.\r\n", 400, "Bad request version ('HTTP/1.')", false],
  ["GET / HTTP/.1\r\n", 400, "Bad request version ('HTTP/.1')", false],
  ["GET / HTTP/1/1.1\r\n", 400, "Bad request version ('HTTP/1/1.1')", false],
  // 6
  [
    "GET / HTTP/00000000001.1\r\n",
    400,
    "Bad request version ('HTTP/00000000001.1')",
    false,
  ],
  [
    "GET / HTTP/11111111111.0\r\n",
    400,
    "Bad request version ('HTTP/11111111111.0')",
    false,
  ],
  // 7
  [
    "GET / HTTP/1.00000000001\r\n",
    400,
    "Bad request version ('HTTP/1.00000000001')",
    false,
  ],
  // 9, 24
  ["CUSTOM /\r\n", 400, "Bad HTTP/0.9 request type ('CUSTOM')", true],
  ["POST /index.html\r\n", 400, "Bad HTTP/0.9 request type ('POST')", true],
  // 10
  ["GET / HTTP/9.9\r\n", 505, "Invalid HTTP version (9.9)", false],
  ["GET / HTTP/2.0\r\n", 505, "Invalid HTTP version (2.0)", false],
  ["GET / HTTP/02.1\r\n", 505, "Invalid HTTP version (02.1)", false],
  // 11
  [" / \r\n", 400, "Bad request syntax (' / ')", false],
  ["GET\r\n", 400, "Bad request syntax ('GET')", false],
  // 28
  [
    "GET /spaced out HTTP/1.1\r\n",
    400,
    "Bad request syntax ('GET /spaced out HTTP/1.1')",
    false,
  ],
  // 55: NBSP is white space too.
  [
    "GET /a\xa0b HTTP/1.1\r\n",
    400,
    "Bad request syntax ('GET /a\\xa0b HTTP/1.1')",
    false,
  ],
  // 56
  ["GET / http/1.1\r\n", 400, "Bad request version ('http/1.1')", false],
  ["GET / HTTP/1.\xb2\r\n", 400, "Bad request version ('HTTP/1.\xb2')", false],
  ["PRI * HTTP/2.0\r\n", 505, "Invalid HTTP version (2.0)", false],
  // The version is looked at before the number of words.
  ["GET / a b HTTP/3.0\r\n", 505, "Invalid HTTP version (3.0)", false],
  ["GET / a b\r\n", 400, "Bad request version ('b')", false],
  // Repr as Python's.
  ["GET / it's\r\n", 400, `Bad request version ("it's")`, false],
  // Stricter than CPython: a bare CR or a NUL.
  [
    "GET /a\rb HTTP/1.1\r\n",
    400,
    "Bad request syntax ('GET /a\\rb HTTP/1.1')",
    false,
  ],
  [
    "GET / HTTP/1.1\r\r\n",
    400,
    "Bad request syntax ('GET / HTTP/1.1\\r')",
    false,
  ],
  ["GET / HTTP/1.1\r", 400, "Bad request syntax ('GET / HTTP/1.1\\r')", false],
  [
    "GET\r/ HTTP/1.1\r\n",
    400,
    "Bad request syntax ('GET\\r/ HTTP/1.1')",
    false,
  ],
  [
    "GET /a\0 HTTP/1.1\r\n",
    400,
    "Bad request syntax ('GET /a\\x00 HTTP/1.1')",
    false,
  ],
  ["GET /a\0\r\n", 400, "Bad request syntax ('GET /a\\x00')", true],
  ["\0\r\n", 400, "Bad request syntax ('\\x00')", false],
  ["\r\r\n", 400, "Bad request syntax ('\\r')", false],
];

Deno.test("parseRequestLine() refuses a bad line with CPython's words", {
  permissions: "none",
}, () => {
  for (const [line, status, message, simple] of BAD) {
    const error = fault(line);
    assertEquals([error.status, error.message, error.simple], [
      status,
      message,
      simple,
    ], line);
  }
});

Deno.test("parseRequestLine() gives undefined for a blank line", {
  permissions: "none",
}, () => {
  // 54
  for (const line of ["\r\n", "\n", "", "  \t \r\n", "\x85\xa0\v\f\n"]) {
    assertEquals(parseRequestLine(line), undefined);
  }
});

Deno.test(
  "parseRequestLine() explains a bare CR",
  { permissions: "none" },
  () => {
    assertEquals(
      fault("GET /\r HTTP/1.1\r\n").explain,
      "A request line must not contain CR or NUL",
    );
  },
);

Deno.test("parseRequestLine() shortens what it repeats of the line", {
  permissions: "none",
}, () => {
  const word = "A".repeat(60_000);
  for (
    const line of [
      `${word}\r\n`,
      `${word} /\r\n`,
      `GET / ${word}\r\n`,
      `GET ${word}\r\n\r\n`,
    ]
  ) {
    const { message } = fault(line);
    assert(message.length < 200, message);
    assert(message.includes("AAA..."), message);
  }
});

Deno.test(
  "parseRequestLine() takes linear time",
  { permissions: "none" },
  () => {
    const n = 4_000_000;
    assertEquals(parsed(`GET ${"/".repeat(n)} HTTP/1.1\r\n`).path, "/");
    assertEquals(parsed(`GET${" ".repeat(n)}/ HTTP/1.1\r\n`).path, "/");
    assertEquals(parseRequestLine(`${" ".repeat(n)}\n`), undefined);
    assertEquals(fault("a ".repeat(n / 2)).status, 400);
    assertEquals(fault("GET / HTTP/" + "1".repeat(n)).status, 400);
    assertEquals(fault("GET " + "HTTP/1.1\r".repeat(n / 10)).status, 400);
  },
);
