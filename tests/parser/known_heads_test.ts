import { assert, assertEquals, assertThrows } from "@std/assert";
import { ParseError } from "../../parser/errors.ts";
import type { HeadFacts } from "../../parser/known_heads.ts";
import { parseHeadFacts, parseRequestHead } from "../../parser/request.ts";
import { parseRequestLine } from "../../parser/request_line.ts";
import { pureTest } from "../_lib/pure.ts";

function facts(block: string, version = "HTTP/1.1"): HeadFacts {
  const line = parseRequestLine(`GET / ${version}\r\n`)!;
  return parseHeadFacts(line, block, true, true);
}

pureTest(
  "parseHeadFacts() returns the same facts for a block that comes again",
  () => {
    const block = "Host: a\r\nAccept: b\r\n\r\n";
    const first = facts(block);
    assert(first.serial > 0);
    assert(facts(block) === first);
    assert(facts("Host: a\r\nAccept: c\r\n\r\n").serial !== first.serial);
  },
);

pureTest(
  "parseHeadFacts() keeps no block with credentials, a body, an expectation or a length",
  () => {
    const fields = [
      "Cookie: a=b",
      "cookie: a=b",
      "Authorization: Basic YTpi",
      "Proxy-Authorization: Basic YTpi",
      "Content-Length: 1",
      "Transfer-Encoding: chunked",
      "Expect: 100-continue",
      `X: ${"a".repeat(2_048)}`,
    ];
    for (const field of fields) {
      assertEquals(facts(`Host: a\r\n${field}\r\n\r\n`).serial, 0, field);
    }
  },
);

pureTest("parseHeadFacts() keeps a block for each version", () => {
  const block = "Host: known\r\n\r\n";
  const [newer, older] = [facts(block), facts(block, "HTTP/1.0")];
  assertEquals([newer.http11, older.http11], [true, false]);
  assert(newer.serial !== older.serial);
  assert(facts(block) === newer);
  assert(facts(block, "HTTP/1.0") === older);
});

pureTest(
  "parseHeadFacts() keeps a block without Host for HTTP/1.0 alone",
  () => {
    const block = "Accept: hostless\r\n\r\n";
    assert(facts(block, "HTTP/1.0").serial > 0);
    const line = parseRequestLine("GET / HTTP/1.1\r\n")!;
    assertEquals(parseHeadFacts(line, block, false, true).serial, 0);
    assertThrows(() => facts(block), ParseError, "Missing Host");
  },
);

pureTest("parseHeadFacts() refuses a bad block each time", () => {
  for (let times = 0; times < 3; times++) {
    assertThrows(() => facts("Host: a\r\nHost: b\r\n\r\n"), ParseError);
    assertThrows(() => facts("\r\n"), ParseError);
    assertThrows(() => facts("Host: a\r\nbad\r\n\r\n"), ParseError);
  }
});

pureTest("parseHeadFacts() forgets blocks beyond its bound", () => {
  const block = "Host: old\r\n\r\n";
  const { serial } = facts(block);
  for (let n = 0; n < 600; n++) facts(`Host: a\r\nX: ${n}\r\n\r\n`);
  assert(facts(block).serial !== serial);
});

pureTest("parseRequestHead() returns a new message for a known block", () => {
  const line = parseRequestLine("GET / HTTP/1.1\r\n")!;
  const block = "Host: message\r\n\r\n";
  const first = parseRequestHead(line, block);
  first.headers.add_header("X-Own", "1");
  assertEquals(parseRequestHead(line, block).headers.items(), [[
    "Host",
    "message",
  ]]);
});
