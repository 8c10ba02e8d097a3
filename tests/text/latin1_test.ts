// Latin-1 in both directions.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { decodeLatin1, encodeLatin1, isAscii } from "../../text/latin1.ts";
import { pureTest } from "../_lib/pure.ts";

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, index) => index);

pureTest(
  "decodeLatin1() maps each byte to the character of the same number",
  () => {
    const text = decodeLatin1(EVERY_BYTE);
    assertEquals(text.length, 256);
    for (let code = 0; code < 256; code++) {
      assertEquals(text.charCodeAt(code), code);
    }
  },
);

pureTest("decodeLatin1() reads only from start to end", () => {
  const bytes = encodeLatin1("GET /\xe9 HTTP/1.1");
  assertEquals(decodeLatin1(bytes, 4), "/\xe9 HTTP/1.1");
  assertEquals(decodeLatin1(bytes, 4, 6), "/\xe9");
  assertEquals(decodeLatin1(bytes, 4, 4), "");
  assertEquals(decodeLatin1(bytes.subarray(4), 1, 2), "\xe9");
  assertEquals(decodeLatin1(new Uint8Array()), "");
});

pureTest("decodeLatin1() decodes bytes that are UTF-8 one by one", () => {
  const rows: [bytes: number[], text: string][] = [
    [[0xef, 0xbb, 0xbf], "\xef\xbb\xbf"],
    [[0xc3, 0xa9], "\xc3\xa9"],
    [[0xef, 0xbf, 0xbd], "\xef\xbf\xbd"],
    [[0xe9], "\xe9"],
    [[0xc3], "\xc3"],
  ];
  const ascii = "Header-Field: value ";
  const before = [...ascii].map((character) => character.charCodeAt(0));
  for (const [bytes, text] of rows) {
    assertEquals(decodeLatin1(Uint8Array.from(bytes)), text);
    const long = Uint8Array.from([...before, ...bytes, ...before]);
    assertEquals(decodeLatin1(long), ascii + text + ascii);
    const first = Uint8Array.from([...bytes, ...before]);
    assertEquals(decodeLatin1(first), text + ascii);
  }
});

pureTest("decodeLatin1() decodes more bytes than a call has arguments", () => {
  const bytes = new Uint8Array(300_001).fill(0xe9);
  assertEquals(decodeLatin1(bytes), "\xe9".repeat(bytes.length));
});

pureTest("encodeLatin1() undoes decodeLatin1()", () => {
  assertEquals(encodeLatin1(decodeLatin1(EVERY_BYTE)), EVERY_BYTE);
  assertEquals(encodeLatin1(""), new Uint8Array());
});

pureTest(
  "encodeLatin1() throws for a character above U+00FF and names it",
  () => {
    const rows: [string, string][] = [
      ["a\u0100", "U+0100 at position 1"],
      ["\u20ac", "U+20AC at position 0"],
      ["ab\u{1f600}", "U+1F600 at position 2"],
      ["\ud800", "U+D800 at position 0"],
    ];
    for (const [text, state] of rows) {
      assertThrows(
        () => encodeLatin1(text),
        TypeError,
        `Cannot encode ${state} as Latin-1`,
      );
    }
  },
);

pureTest("isAscii() is true only if all characters are below U+0080", () => {
  for (const text of ["", "abc", "\0\x7f"]) assert(isAscii(text));
  for (const text of ["\x80", "caf\xe9", "\uffff", "\u{1f600}"]) {
    assert(!isAscii(text));
  }
});
