import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  type BodyFraming,
  CHUNKED_BODY,
  connectionOptions,
  NO_BODY,
  ParseError,
  requestFraming,
  scanFields,
} from "@x/httpserver/parser";
import { pureTest } from "../_lib/pure.ts";

const DIFFER = "400 The values of Content-Length differ";

const ONCE = "400 Content-Length must be given once";

type Expected = "none" | "chunked" | number | `${400 | 501} ${string}`;

/** Fields without the blank line, the expected framing, and the minor version if not 1. */
const TABLE: [fields: string, expected: Expected, minor?: number][] = [
  ["", "none"],
  ["", "none", 0],
  // RFC 9112 §6.3 (6): a valid Content-Length.
  ["Content-Length: 5", 5],
  ["Content-Length: 5", 5, 0],
  ["Content-Length: 0", "none"],
  ["Content-Length: 00", "none"],
  ["Content-Length: 007", 7],
  [`Content-Length: ${"0".repeat(40)}7`, 7],
  ["Content-Length: 9007199254740991", 9007199254740991],
  // RFC 9112 §6.3 (5): more than one number, equal or not.
  ["Content-Length: 5, 5", ONCE],
  ["Content-Length: 5,5,5", ONCE],
  ["Content-Length: 0, 0", ONCE],
  ["Content-Length: 5\r\nContent-Length: 5", ONCE],
  ["Content-Length: 0\r\ncontent-length: 0", ONCE],
  ["Content-Length: 5\r\nContent-Length: 5", ONCE, 0],
  ["Content-Length: 5\r\nContent-Length: 5 ,\t5", ONCE],
  ["Content-Length: 5, 6", DIFFER],
  ["Content-Length: 5\r\nContent-Length: 6", DIFFER],
  ["Content-Length: 5\r\nContent-Length: 6", DIFFER, 0],
  ["Content-Length: 5, 05", DIFFER],
  ["Content-Length: 5\r\nContent-Length:", DIFFER],
  ["Content-Length: 5,", DIFFER],
  ["Content-Length: ,5", "400 Content-Length must be a decimal number"],
  ["Content-Length: ,", "400 Content-Length must be a decimal number"],
  // RFC 9112 §6.3 (5): an invalid one.
  ["Content-Length:", "400 Content-Length must be a decimal number"],
  ["Content-Length: -1", "400 Content-Length must be a decimal number"],
  ["Content-Length: +1", "400 Content-Length must be a decimal number"],
  ["Content-Length: 1.0", "400 Content-Length must be a decimal number"],
  ["Content-Length: 1e3", "400 Content-Length must be a decimal number"],
  ["Content-Length: 0x10", "400 Content-Length must be a decimal number"],
  ["Content-Length: 1_000", "400 Content-Length must be a decimal number"],
  ["Content-Length: 1 0", "400 Content-Length must be a decimal number"],
  ["Content-Length: 5;a", "400 Content-Length must be a decimal number"],
  ["Content-Length: \xb2", "400 Content-Length must be a decimal number"],
  ["Content-Length: \xa05", "400 Content-Length must be a decimal number"],
  ["Content-Length: \x0b5", "400 Content-Length must be a decimal number"],
  ["Content-Length: Infinity", "400 Content-Length must be a decimal number"],
  // A body of 2^53 bytes or more never ends.
  ["Content-Length: 9007199254740992", Infinity],
  ["Content-Length: 9007199254740993", Infinity],
  ["Content-Length: 18446744073709551616", Infinity],
  [`Content-Length: ${"9".repeat(400)}`, Infinity],
  // RFC 9112 §6.3 (4): chunked alone.
  ["Transfer-Encoding: chunked", "chunked"],
  ["transfer-encoding:CHUNKED", "chunked"],
  ["Transfer-Encoding: \t chunked \t", "chunked"],
  ["Transfer-Encoding: , chunked ,", "chunked"], // RFC 9110 §5.6.1.2: empty members
  ["Transfer-Encoding: chunked\r\nTransfer-Encoding:", "chunked"],
  ["Transfer-Encoding: chunked", "chunked", 2],
  // RFC 9112 §6.1: not before HTTP/1.1.
  ["Transfer-Encoding: chunked", "400 ", 0],
  ["Transfer-Encoding: identity", "400 ", 0],
  // RFC 9112 §6.3 (3): both.
  ["Transfer-Encoding: chunked\r\nContent-Length: 5", "400 "],
  ["Content-Length: 5\r\nTransfer-Encoding: chunked", "400 "],
  ["Content-Length: 0\r\nTransfer-Encoding: chunked", "400 "],
  ["Content-Length: 5\r\nTransfer-Encoding: gzip", "400 "],
  ["Content-Length: x\r\nTransfer-Encoding:", "400 "],
  // RFC 9112 §6.1: chunked twice or not last.
  [
    "Transfer-Encoding: chunked, chunked",
    "400 The chunked coding must be the last one, and only once",
  ],
  [
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "400 The chunked coding must be the last one, and only once",
  ],
  [
    "Transfer-Encoding: chunked, gzip",
    "400 The chunked coding must be the last one, and only once",
  ],
  [
    "Transfer-Encoding: chunked, identity",
    "400 The chunked coding must be the last one, and only once",
  ],
  [
    "Transfer-Encoding: chunked, gzip, chunked",
    "400 The chunked coding must be the last one, and only once",
  ],
  // RFC 9112 §6.1: unknown codings.
  ["Transfer-Encoding: gzip, chunked", "501 "],
  ["Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", "501 "],
  ["Transfer-Encoding: gzip", "501 "],
  ["Transfer-Encoding: identity", "501 "],
  ["Transfer-Encoding: xchunked", "501 "],
  ["Transfer-Encoding: chunkedx", "501 "],
  ["Transfer-Encoding: gzip;q=1, chunked", "501 "],
  // RFC 9112 §7: not a coding.
  ["Transfer-Encoding:", "400 Transfer-Encoding names no coding"],
  // RFC 9112 §7: not a coding.
  [
    "Transfer-Encoding: chunked;a=1",
    "400 The chunked coding has no parameters",
  ],
  ["Transfer-Encoding: chunked ;", "400 The chunked coding has no parameters"],
  ['Transfer-Encoding: "chunked"', "400 A transfer coding must be a token"],
  ["Transfer-Encoding: chunked\x0b", "400 A transfer coding must be a token"],
  ["Transfer-Encoding: \x0cchunked", "400 A transfer coding must be a token"],
  ["Transfer-Encoding: chunked\xa0", "400 A transfer coding must be a token"],
  ["Transfer-Encoding: gzip chunked", "400 A transfer coding must be a token"],
  ["Transfer-Encoding: ;", "400 A transfer coding must be a token"],
];

function framingOf(
  fields: string,
  minor: number,
  limited?: boolean,
): BodyFraming {
  const block = fields === "" ? "\r\n" : `${fields}\r\n\r\n`;
  return requestFraming(scanFields(block), { major: 1, minor }, limited);
}

function describe(fields: string, minor: number): Expected {
  try {
    const framing = framingOf(fields, minor);
    return framing.kind === "length" ? framing.length : framing.kind;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return `${error.status} ${error.explain ?? ""}` as Expected;
  }
}

pureTest("requestFraming() follows RFC 9112 §6", () => {
  for (const [fields, expected, minor = 1] of TABLE) {
    assertEquals(
      describe(fields, minor),
      expected,
      `${fields} (HTTP/1.${minor})`,
    );
  }
});

pureTest(
  "requestFraming() refuses a length of 2^53 or more if it is limited",
  () => {
    for (
      const length of [
        "9007199254740992",
        "18446744073709551616",
        "9".repeat(400),
      ]
    ) {
      const error = assertThrows(
        () => framingOf(`Content-Length: ${length}`, 1, true),
        ParseError,
      );
      assertEquals([error.status, error.explain], [
        400,
        "Content-Length is too large",
      ]);
    }
    assertEquals(framingOf("Content-Length: 9007199254740991", 1, true), {
      kind: "length",
      length: 9007199254740991,
    });
  },
);

pureTest("requestFraming() names the fault in the reason", () => {
  const reason = (fields: string, minor = 1) =>
    assertThrows(() => framingOf(fields, minor), ParseError).message;
  assertEquals(
    reason("Content-Length: 5\r\nContent-Length: x"),
    "Bad Content-Length ('5,x')",
  );
  assertEquals(
    reason("Transfer-Encoding: br"),
    "Unsupported transfer coding ('br')",
  );
  assertEquals(reason("Transfer-Encoding: ;"), "Bad Transfer-Encoding (';')");
  assertEquals(
    reason("Transfer-Encoding: chunked", 0),
    "Transfer-Encoding is not allowed before HTTP/1.1",
  );
  assertEquals(
    reason("Content-Length: 1\r\nTransfer-Encoding: chunked"),
    "Both Transfer-Encoding and Content-Length",
  );
  assert(reason(`Content-Length: ${"a".repeat(60_000)}`).length < 200);
});

pureTest("requestFraming() shares its constant results", () => {
  assertStrictEquals(framingOf("", 1), NO_BODY);
  assertStrictEquals(framingOf("Transfer-Encoding: chunked", 1), CHUNKED_BODY);
});

pureTest(
  "requestFraming() does not take a look-alike letter as part of chunked",
  () => {
    // U+212A KELVIN SIGN becomes "k" in lower case.
    const fields = { contentLength: [], transferEncoding: ["chun\u212Aed"] };
    const error = assertThrows(
      () => requestFraming(fields, { major: 1, minor: 1 }),
      ParseError,
    );
    assertEquals(error.status, 400);
  },
);

pureTest("requestFraming() runs in linear time", () => {
  const n = 500_000;
  assertEquals(describe(`Content-Length: ${"5,".repeat(n)}5`, 1), ONCE);
  assertEquals(framingOf(`Content-Length: ${"0".repeat(n)}5`, 1), {
    kind: "length",
    length: 5,
  });
  assertEquals(
    framingOf(`Transfer-Encoding: ${" ,".repeat(n)}chunked`, 1),
    CHUNKED_BODY,
  );
  assertEquals(
    describe(`Transfer-Encoding: a${" ".repeat(n)}b`, 1),
    "400 A transfer coding must be a token",
  );
});

pureTest(
  "connectionOptions() returns the tokens of all lines in lower case",
  () => {
    // Behaviours 12, 13; 59 is a deviation: the list is split.
    assertEquals([...connectionOptions(["close"])], ["close"]);
    assertEquals([...connectionOptions(["Keep-Alive, CLOSE"])], [
      "keep-alive",
      "close",
    ]);
    assertEquals([...connectionOptions([" , te,\tx ,,", "close"])], [
      "te",
      "x",
      "close",
    ]);
    assertEquals(connectionOptions(["closed, x-close"]).has("close"), false);
    assertEquals(connectionOptions([]).size, 0);
    assertEquals(connectionOptions([""]).size, 0);
  },
);
