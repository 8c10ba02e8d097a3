import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { checkHeaderBlock, ParseError, scanFields } from "@x/httpserver/parser";
import { pureTest } from "../_lib/pure.ts";

const GOOD = [
  "\r\n",
  "\n",
  "Host: a\r\n\r\n",
  "Host:a\r\n\r\n",
  "Host:\r\n\r\n",
  "Host: \t a \t\r\n\r\n",
  "A: 1\r\nA: 2\r\na: 3\r\n\r\n",
  // Behaviour 57: LF alone, also mixed with CRLF.
  "Host: a\n\n",
  "Host: a\nB: b\r\n\n",
  // Every character of a token, and every octet that a value may have.
  "!#$%&'*+-.^_`|~09AZaz: 1\r\n\r\n",
  'A: \t !\x7e\x80\x85\x9f\xa0\xff:;,"\r\n\r\n',
  "A:: :\r\n\r\n",
];

pureTest("checkHeaderBlock() accepts well-formed blocks", () => {
  for (const block of GOOD) checkHeaderBlock(block);
});

const NO_END = "The header block does not end with one blank line";

const VALUE = "A header value must not contain control characters";

/** Block, explanation. */
const BAD: [string, string][] = [
  // Behaviour 58: CPython silently stops, skips or unfolds here.
  ["Host: a\r\nFoo bar\r\n\r\n", "A header line must contain a colon"],
  ["Foo\r\n\r\n", "A header line must contain a colon"],
  [
    "Foo : a\r\n\r\n",
    "There must be no white space between a header name and its colon",
  ],
  [
    "Foo\t: a\r\n\r\n",
    "There must be no white space between a header name and its colon",
  ],
  [
    "Transfer-Encoding : chunked\r\n\r\n",
    "There must be no white space between a header name and its colon",
  ],
  [": a\r\n\r\n", "A header line must begin with a name"],
  ["Host: a\r\n b\r\n\r\n", "A header line must not begin with white space"],
  [
    "Host: a\r\n\tb: c\r\n\r\n",
    "A header line must not begin with white space",
  ],
  [" Host: a\r\n\r\n", "A header line must not begin with white space"],
  [" \r\n\r\n", "A header line must not begin with white space"],
  ["From me: a\r\n\r\n", "A header name must be a token"],
  ["Na(me: a\r\n\r\n", "A header name must be a token"],
  ["N\xe4me: a\r\n\r\n", "A header name must be a token"],
  ["\x01: a\r\n\r\n", "A header name must be a token"],
  ["\x0bHost: a\r\n\r\n", "A header name must be a token"],
  ["\xa0Host: a\r\n\r\n", "A header name must be a token"],
  ['"A": a\r\n\r\n', "A header name must be a token"],
  // gh-114782
  ["A: b\rC: d\r\n\r\n", "A header line must not contain a bare CR"],
  ["A: b\r\r\n\r\n", "A header line must not contain a bare CR"],
  ["A\r: b\r\n\r\n", "A header line must not contain a bare CR"],
  ["A: b\r\n\r\r\n", "A header line must not contain a bare CR"],
  ["A: b\0\r\n\r\n", "A header line must not contain NUL"],
  ["\0A: b\r\n\r\n", "A header line must not contain NUL"],
  ["A: b\x07\r\n\r\n", VALUE],
  ["A:\x7f\n\n", VALUE],
  ["A: \x1b[31m\r\n\r\n", VALUE],
  ["A\x07: b\r\n\r\n", "A header name must be a token"],
  // The stream ended, or there is more than one block.
  ["", NO_END],
  ["\r", NO_END],
  ["Host: a", NO_END],
  ["Host: a\r", NO_END],
  ["Host: a\r\n", NO_END],
  ["Host: a\r\n\r", NO_END],
  ["Host: a\r\n\r\nB: b\r\n\r\n", NO_END],
  ["\r\n\r\n", NO_END],
];

pureTest("checkHeaderBlock() refuses a malformed block and says why", () => {
  for (const [block, explain] of BAD) {
    const error = assertThrows(() => checkHeaderBlock(block), ParseError);
    assertEquals(
      [error.status, error.explain],
      [400, explain],
      JSON.stringify(block),
    );
  }
});

pureTest(
  "checkHeaderBlock() refuses every control character except HTAB, in any position",
  () => {
    for (const code of [...Array(0x20).keys(), 0x7f]) {
      if (code === 0x09 || code === 0x0a) continue;
      const char = String.fromCharCode(code);
      for (
        const line of [
          `A: b${char}c`,
          `A:${char}`,
          `A: b${char}`,
          `A${char}: b`,
          `A${char}B: b`,
          `${char}A: b`,
          char,
        ]
      ) {
        // A CR before the line end is part of it.
        if (line === "\r") continue;
        for (const block of [`${line} \r\n\r\n`, `X: 1\r\n${line}\r\n\r\n`]) {
          const error = assertThrows(() => checkHeaderBlock(block), ParseError);
          assertEquals(error.status, 400, JSON.stringify(block));
        }
      }
    }
  },
);

pureTest("checkHeaderBlock() quotes the faulty line, shortened", () => {
  const error = assertThrows(
    () => checkHeaderBlock("A: 1\r\nno colon\r\n\r\n"),
    ParseError,
  );
  assertEquals(error.message, "Bad header line ('no colon')");
  const long = assertThrows(
    () => checkHeaderBlock("x".repeat(60_000) + "\r\n\r\n"),
    ParseError,
  );
  assert(long.message.length < 200);
});

pureTest("checkHeaderBlock() runs in linear time", () => {
  const n = 2_000_000;
  checkHeaderBlock(`A: ${" ".repeat(n)}b\r\n\r\n`);
  checkHeaderBlock("A: b\r\n".repeat(n / 10) + "\r\n");
  checkHeaderBlock(`A: ${"\xe9".repeat(n)}\r\n\r\n`);
  checkHeaderBlock(`A: ${"\xe9b".repeat(n / 4)}\r\n\r\n`);
  const hostile = [
    "a".repeat(n),
    `A: ${"\xe9".repeat(n)}\x07`,
    `A: ${"b\t".repeat(n / 4)}\x07`,
    ":".repeat(n),
    "a:".repeat(n),
    "a:\n".repeat(n / 3),
    "A: b\r\n".repeat(n / 10),
    " ".repeat(n),
    "\r".repeat(n),
  ];
  for (const block of hostile) {
    assertThrows(() => checkHeaderBlock(block), ParseError);
    assertThrows(() => checkHeaderBlock(`${block} x\r\n\r\n\0`), ParseError);
  }
});

pureTest("scanFields() returns the values of the five fields in order", () => {
  const fields = scanFields(
    "Host: a.example\r\nConnection: close\r\ncontent-length:5\r\nCONTENT-LENGTH:\t6 \r\n" +
      "TRANSFER-encoding: gzip , chunked\nconnection: \tUpgrade\t\r\nExpect:100-Continue\r\nhost: b\r\n\r\n",
  );
  assertEquals(fields, {
    hosts: 2,
    host: "a.example",
    contentLength: ["5", "6"],
    transferEncoding: ["gzip , chunked"],
    connection: ["close", "Upgrade"],
    expect: ["100-Continue"],
  });
});

pureTest(
  "scanFields() is not confused by similar names or by values",
  () => {
    const fields = scanFields(
      "X-Host: a\r\nHosts: b\r\nHos: c\r\nContent-Length-X: 1\r\nContent-Lengt: 1\r\n" +
        "Referer: Host: x\r\nTE: Transfer-Encoding: chunked\r\nContent_Length: 1\r\n\r\n",
    );
    assertEquals(fields, {
      hosts: 0,
      host: "",
      contentLength: [],
      transferEncoding: [],
      connection: [],
      expect: [],
    });
  },
);

pureTest("scanFields() shares one frozen empty list", () => {
  const first = scanFields("\r\n");
  const second = scanFields("Host: a\r\n\r\n");
  assertStrictEquals(first.contentLength, second.expect);
  assert(Object.isFrozen(first.connection));
});

pureTest("scanFields() keeps empty values", () => {
  const fields = scanFields(
    "Host:\r\nContent-Length:   \r\nTransfer-Encoding:\n\n",
  );
  assertEquals([fields.hosts, fields.host], [1, ""]);
  assertEquals([fields.contentLength, fields.transferEncoding], [[""], [""]]);
});

pureTest("scanFields() runs in linear time", () => {
  const n = 1_000_000;
  assertEquals(
    scanFields("Connection: a\r\n".repeat(n / 5) + "\r\n").connection.length,
    n / 5,
  );
  assertEquals(
    scanFields(`Host:${" ".repeat(n)}a${" ".repeat(n)}\r\n\r\n`).host,
    "a",
  );
  assertEquals(scanFields("c\n".repeat(n) + ":").connection, []);
});
