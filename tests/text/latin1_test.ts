// Latin-1 in both directions.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { decodeLatin1, encodeLatin1, isAscii } from "../../text/latin1.ts";

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, index) => index);

Deno.test({
  name: "decodeLatin1() makes each byte the character of the same number",
  permissions: "none",
  fn() {
    const text = decodeLatin1(EVERY_BYTE);
    assertEquals(text.length, 256);
    for (let code = 0; code < 256; code++) {
      assertEquals(text.charCodeAt(code), code);
    }
  },
});

Deno.test({
  name: "decodeLatin1() reads only from start to end",
  permissions: "none",
  fn() {
    const bytes = encodeLatin1("GET /\xe9 HTTP/1.1");
    assertEquals(decodeLatin1(bytes, 4), "/\xe9 HTTP/1.1");
    assertEquals(decodeLatin1(bytes, 4, 6), "/\xe9");
    assertEquals(decodeLatin1(bytes, 4, 4), "");
    assertEquals(decodeLatin1(bytes.subarray(4), 1, 2), "\xe9");
    assertEquals(decodeLatin1(new Uint8Array()), "");
  },
});

Deno.test({
  name: "encodeLatin1() undoes decodeLatin1()",
  permissions: "none",
  fn() {
    assertEquals(encodeLatin1(decodeLatin1(EVERY_BYTE)), EVERY_BYTE);
    assertEquals(encodeLatin1(""), new Uint8Array());
  },
});

Deno.test({
  name: "encodeLatin1() throws for a character above U+00FF and names it",
  permissions: "none",
  fn() {
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
});

Deno.test({
  name: "isAscii() is true only where each character is below U+0080",
  permissions: "none",
  fn() {
    for (const text of ["", "abc", "\0\x7f"]) assert(isAscii(text));
    for (const text of ["\x80", "caf\xe9", "\uffff", "\u{1f600}"]) {
      assert(!isAscii(text));
    }
  },
});
