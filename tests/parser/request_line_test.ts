// Numbers in comments are behaviours of CPython, as listed in docs/parity.md.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  ParseError,
  parseRequestLine,
  type RequestLine,
} from "@x/httpserver/parser";
import { pureTest } from "../_lib/pure.ts";

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
  // 1, 36: any word is a method here; handlers respond with 501 to unknown ones.
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
  // 2: the line ends at the LF.
  ["XYZBOGUS / HTTP/1.1\n", "XYZBOGUS", "/", "HTTP/1.1", 1, 1, false],
  // 57: LF alone, and no line end at the end of the stream.
  ["GET / HTTP/1.0\n", "GET", "/", "HTTP/1.0", 1, 0, false],
  ["GET / HTTP/1.1", "GET", "/", "HTTP/1.1", 1, 1, false],
  // 8, 23: two words are HTTP/0.9.
  ["GET /\r\n", "GET", "/", "", 0, 9, true],
  ["GET /index.html\n", "GET", "/index.html", "", 0, 9, true],
  ["GET x/HTTP/1.1\r\n", "GET", "x/HTTP/1.1", "", 0, 9, true],
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
  // 55: any number of spaces and tabs separates words.
  ["  GET   /a   HTTP/1.1  \r\n", "GET", "/a", "HTTP/1.1", 1, 1, false],
  ["\tGET\t/a \tHTTP/1.1\t\r\n", "GET", "/a", "HTTP/1.1", 1, 1, false],
  // 56: versions below 1, and other minor ones of one digit.
  ["GET / HTTP/0.5\r\n", "GET", "/", "HTTP/0.5", 0, 5, false],
  ["GET / HTTP/1.2\r\n", "GET", "/", "HTTP/1.2", 1, 2, false],
  // 64: several leading slashes become one, in both parsers; backslashes stay.
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
  // Other forms of the target (RFC 9112 §3.2) are left to the handler.
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
  // Octets above ASCII become characters of the same number.
  ["GET /\xe9\xff HTTP/1.1\r\n", "GET", "/\xe9\xff", "HTTP/1.1", 1, 1, false],
];

pureTest("parseRequestLine() returns the parts of a line", () => {
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

pureTest(
  "parseRequestLine() uses the default version for a line without one",
  () => {
    // 8: with or without a blank after the target; Python's client sends one.
    for (const line of ["GET / \r\n", "GET /\r\n", "GET /\t \n", "GET /"]) {
      for (
        const [version, major, minor] of [["HTTP/1.1", 1, 1], [
          "HTTP/1.0",
          1,
          0,
        ]] as const
      ) {
        assertEquals(parseRequestLine(line, version), {
          command: "GET",
          path: "/",
          version,
          major,
          minor,
          simple: true,
        });
      }
    }
    // The version of the line takes precedence.
    assertEquals(
      parseRequestLine("GET / HTTP/1.0\r\n", "HTTP/1.1")?.version,
      "HTTP/1.0",
    );
    assertEquals(
      parseRequestLine("GET / HTTP/0.9\r\n", "HTTP/1.1")?.version,
      "HTTP/0.9",
    );
    const error = assertThrows(
      () => parseRequestLine("CUSTOM / \r\n", "HTTP/1.1"),
      ParseError,
    );
    assertEquals(error.message, "Bad HTTP/0.9 request type ('CUSTOM')");
  },
);

pureTest("parseRequestLine() refuses a malformed default version", () => {
  for (const version of ["", "1.1", "HTTP/2.0", "HTTP/1.10", "http/1.1"]) {
    assertThrows(
      () => parseRequestLine("GET /\r\n", version),
      TypeError,
      "the default version is",
    );
  }
});

pureTest(
  "parseRequestLine() reports the method of a line whose version or target is refused",
  () => {
    for (
      const line of [
        "HEAD * HTTP/1.1\r\n",
        "HEAD * HTTP/1.1\n",
        "HEAD / HTTP/2.0\r\n",
        "HEAD / HTTP/01.1\r\n",
        "HEAD / FUBAR\r\n",
      ]
    ) assertEquals(fault(line).command, "HEAD", line);
    assertEquals(fault("HEAD\r\n").command, "");
  },
);

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
  // 55: Python's other white space neither separates words nor ends a target.
  [
    "GET /a\xa0b HTTP/1.1\r\n",
    400,
    "Bad request syntax ('GET /a\\xa0b HTTP/1.1')",
    false,
  ],
  [
    "GET /admin\xa0 HTTP/1.1\r\n",
    400,
    "Bad request syntax ('GET /admin\\xa0 HTTP/1.1')",
    false,
  ],
  [
    "GET /admin\x85 HTTP/1.1\r\n",
    400,
    "Bad request syntax ('GET /admin\\x85 HTTP/1.1')",
    false,
  ],
  ["\xa0\r\n", 400, "Bad request syntax ('\\xa0')", false],
  [
    "GET\xa0/a\x85HTTP/1.1\r\n",
    400,
    "Bad request syntax ('GET\\xa0/a\\x85HTTP/1.1')",
    false,
  ],
  ["  \t \r\n", 400, "Bad request syntax ('  \\t ')", false],
  // No target, with versions spelled in any case.
  ["GET HTTP/1.1\r\n", 400, "Bad request syntax ('GET HTTP/1.1')", false],
  ["GET  HTTP/1.0 \n", 400, "Bad request syntax ('GET  HTTP/1.0 ')", false],
  ["GET http/1.1\r\n", 400, "Bad request syntax ('GET http/1.1')", false],
  ["GET HTTP/2\r\n", 400, "Bad request syntax ('GET HTTP/2')", false],
  ["POST HTTP/1.1\r\n", 400, "Bad request syntax ('POST HTTP/1.1')", false],
  // The version is empty.
  ["GET / \r\n", 400, "Bad request syntax ('GET / ')", false],
  ["GET /\t\n", 400, "Bad request syntax ('GET /\\t')", false],
  ["POST / \r\n", 400, "Bad request syntax ('POST / ')", false],
  // RFC 9112 §3.2.4: the asterisk is only valid with OPTIONS.
  ["GET * HTTP/1.1\r\n", 400, "Bad request syntax ('GET * HTTP/1.1')", false],
  ["HEAD * HTTP/1.0\n", 400, "Bad request syntax ('HEAD * HTTP/1.0')", false],
  [
    "options\t* HTTP/1.1\r\n",
    400,
    "Bad request syntax ('options\\t* HTTP/1.1')",
    false,
  ],
  [
    "CONNECT * HTTP/1.1\r\n",
    400,
    "Bad request syntax ('CONNECT * HTTP/1.1')",
    false,
  ],
  ["GET *\r\n", 400, "Bad request syntax ('GET *')", false],
  // 56, RFC 9112 §2.3: one digit each.
  ["GET / HTTP/01.01\r\n", 400, "Bad request version ('HTTP/01.01')", false],
  ["GET / HTTP/1.10\r\n", 400, "Bad request version ('HTTP/1.10')", false],
  ["GET / HTTP/1.01\r\n", 400, "Bad request version ('HTTP/1.01')", false],
  ["GET / HTTP/00.9\r\n", 400, "Bad request version ('HTTP/00.9')", false],
  [
    "GET / HTTP/0000000001.1\r\n",
    400,
    "Bad request version ('HTTP/0000000001.1')",
    false,
  ],
  [
    "GET / HTTP/1.1234567890\r\n",
    400,
    "Bad request version ('HTTP/1.1234567890')",
    false,
  ],
  ["GET / http/1.1\r\n", 400, "Bad request version ('http/1.1')", false],
  ["GET / HTTP/1.\xb2\r\n", 400, "Bad request version ('HTTP/1.\xb2')", false],
  ["PRI * HTTP/2.0\r\n", 505, "Invalid HTTP version (2.0)", false],
  // The version is checked before the number of words.
  ["GET / a b HTTP/3.0\r\n", 505, "Invalid HTTP version (3.0)", false],
  ["GET / a b\r\n", 400, "Bad request version ('b')", false],
  // Quoted like Python's repr().
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

pureTest("parseRequestLine() refuses a bad line with CPython's message", () => {
  for (const [line, status, message, simple] of BAD) {
    const error = fault(line);
    assertEquals([error.status, error.message, error.simple], [
      status,
      message,
      simple,
    ], line);
  }
});

pureTest("parseRequestLine() returns undefined for an empty line", () => {
  // 54
  for (const line of ["\r\n", "\n", ""]) {
    assertEquals(parseRequestLine(line), undefined);
  }
});

pureTest(
  "parseRequestLine() refuses control characters in any position",
  () => {
    const codes = [...Array(0x20).keys(), 0x7f].filter((code) => code !== 0x09);
    for (const code of codes) {
      const char = String.fromCharCode(code);
      for (
        const line of [
          `GET /a${char}b HTTP/1.1\r\n`,
          `GET /a${char} HTTP/1.1\r\n`,
          `GET${char}/a HTTP/1.1\r\n`,
          `${char}GET /a HTTP/1.1\r\n`,
          `GET /a HTTP/1.1${char}\r\n`,
          `GET /a${char}\r\n`,
          `${char}\r\n`,
        ]
      ) {
        const error = fault(line);
        assertEquals(error.status, 400, JSON.stringify(line));
        assert(
          error.explain?.startsWith("A request line must not contain "),
          JSON.stringify(line),
        );
      }
    }
  },
);

pureTest("parseRequestLine() explains a bare CR", () => {
  assertEquals(
    fault("GET /\r HTTP/1.1\r\n").explain,
    "A request line must not contain CR or NUL",
  );
});

pureTest("parseRequestLine() shortens the quoted line", () => {
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

pureTest("parseRequestLine() runs in linear time", () => {
  const n = 4_000_000;
  assertEquals(parsed(`GET ${"/".repeat(n)} HTTP/1.1\r\n`).path, "/");
  assertEquals(parsed(`GET${" ".repeat(n)}/ HTTP/1.1\r\n`).path, "/");
  assertEquals(fault(`${" ".repeat(n)}\n`).status, 400);
  assertEquals(fault("a ".repeat(n / 2)).status, 400);
  assertEquals(fault("GET / HTTP/" + "1".repeat(n)).status, 400);
  assertEquals(fault("GET " + "HTTP/1.1\r".repeat(n / 10)).status, 400);
});
