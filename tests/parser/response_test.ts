// The head of a response, as a client reads it.

import { assertEquals, assertThrows } from "@std/assert";
import { ParseError } from "../../parser/errors.ts";
import { parseResponseHead, parseStatusLine } from "../../parser/response.ts";
import { pureTest } from "../_lib/pure.ts";

const LINES: readonly (readonly [string, number, number, string])[] = [
  ["HTTP/1.1 200 OK\r\n", 1, 200, "OK"],
  ["HTTP/1.0 404 Not Found\n", 0, 404, "Not Found"],
  ["HTTP/1.1 200 \r\n", 1, 200, ""],
  ["HTTP/1.1 200\r\n", 1, 200, ""],
  ["HTTP/1.1 999 \xe9\tb\r\n", 1, 999, "\xe9\tb"],
];

for (const [line, minor, status, reason] of LINES) {
  pureTest(`parseStatusLine() parses ${JSON.stringify(line)}`, () => {
    assertEquals(parseStatusLine(line), { minor, status, reason });
  });
}

for (
  const line of [
    "",
    "\r\n",
    "HTTP/1.1 200 OK",
    "HTTP/1.1 20 OK\r\n",
    "HTTP/1.1 2000 OK\r\n",
    "HTTP/1.1 099 OK\r\n",
    "HTTP/1.1  200 OK\r\n",
    "HTTP/2.0 200 OK\r\n",
    "HTTP/2 200\r\n",
    "http/1.1 200 OK\r\n",
    "HTTP/1.1 200 O\rK\r\n",
    "HTTP/1.1 200 O\0K\r\n",
    " HTTP/1.1 200 OK\r\n",
    "ICY 200 OK\r\n",
  ]
) {
  pureTest(`parseStatusLine() rejects ${JSON.stringify(line)}`, () => {
    const error = assertThrows(() => parseStatusLine(line), ParseError);
    assertEquals(error.status, 502);
  });
}

/** Method, status, minor version, fields, the framing and whether the connection is kept. */
const HEADS:
  readonly (readonly [string, number, number, string, unknown, boolean])[] = [
    ["GET", 200, 1, "Content-Length: 5", { kind: "length", length: 5 }, true],
    ["GET", 200, 1, "Content-Length: 0", { kind: "none" }, true],
    ["GET", 200, 1, "Transfer-Encoding: Chunked", { kind: "chunked" }, true],
    ["GET", 200, 1, "Server: a", { kind: "close" }, false],
    ["GET", 200, 1, "Content-Length: 5\r\nConnection: a, Close", {
      kind: "length",
      length: 5,
    }, false],
    ["GET", 200, 0, "Content-Length: 5", { kind: "length", length: 5 }, false],
    ["GET", 200, 0, "Content-Length: 5\r\nConnection: Keep-Alive", {
      kind: "length",
      length: 5,
    }, true],
    ["HEAD", 200, 1, "Content-Length: 5", { kind: "none" }, true],
    ["HEAD", 200, 1, "Server: a", { kind: "none" }, true],
    ["GET", 204, 1, "Server: a", { kind: "none" }, true],
    ["GET", 304, 1, "Content-Length: 5", { kind: "none" }, true],
    ["GET", 103, 1, "Link: a", { kind: "none" }, true],
  ];

for (const [method, status, minor, fields, framing, keepAlive] of HEADS) {
  pureTest(
    `parseResponseHead() frames ${method}, ${status}, HTTP/1.${minor}, ${
      JSON.stringify(fields)
    }`,
    () => {
      const line = { minor, status, reason: "" };
      const head = parseResponseHead(line, `${fields}\r\n\r\n`, method);
      assertEquals(head.framing, framing);
      assertEquals(head.keepAlive, keepAlive);
    },
  );
}

for (
  const fields of [
    "Content-Length: 5\r\nTransfer-Encoding: chunked",
    "Content-Length: 5\r\nContent-Length: 6",
    "Content-Length: 5, 5",
    "Content-Length: +5",
    "Content-Length: 99999999999999999999",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: chunked, gzip",
    "Transfer-Encoding: ,",
    "A : b",
    "A",
  ]
) {
  pureTest(`parseResponseHead() rejects ${JSON.stringify(fields)}`, () => {
    const line = { minor: 1, status: 200, reason: "" };
    assertThrows(
      () => parseResponseHead(line, `${fields}\r\n\r\n`, "GET"),
      ParseError,
    );
  });
}
