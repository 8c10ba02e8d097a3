// Percent-encoding. Expected values are those of CPython's urllib.parse.

import { assertEquals } from "@std/assert";
import { quote, unquote } from "../../text/quote.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest("quote() leaves letters, digits, _.-~ and slashes alone", () => {
  const text = "/AZ/az/09/_.-~";
  assertEquals(quote(text), text);
  assertEquals(quote(""), "");
});

pureTest("quote() escapes all other ASCII characters", () => {
  assertEquals(
    quote("\0\t\n !\"#$%&'()*+,:;<=>?@[\\]^`{|}\x7f"),
    "%00%09%0A%20%21%22%23%24%25%26%27%28%29%2A%2B%2C%3A%3B%3C%3D%3E%3F" +
      "%40%5B%5C%5D%5E%60%7B%7C%7D%7F",
  );
});

pureTest(
  "quote() escapes the UTF-8 of other characters, lone surrogates included",
  () => {
    const rows: [string, string][] = [
      ["\x80", "%C2%80"],
      ["\xe9", "%C3%A9"],
      ["\u07ff\u0800", "%DF%BF%E0%A0%80"],
      ["\u20ac", "%E2%82%AC"],
      ["\uffff", "%EF%BF%BF"],
      ["\u{1f600}", "%F0%9F%98%80"],
      ["\u{10ffff}", "%F4%8F%BF%BF"],
      ["\ud800", "%ED%A0%80"],
      ["a\udfff", "a%ED%BF%BF"],
    ];
    for (const [text, expected] of rows) assertEquals(quote(text), expected);
  },
);

pureTest(
  "quote() keeps the characters listed as safe, if they are ASCII",
  () => {
    assertEquals(quote("/a b", ""), "%2Fa%20b");
    assertEquals(quote("!@/:%", "!@/"), "!@/%3A%25");
    assertEquals(quote("%41", "%"), "%41");
    assertEquals(quote("\xe9", "\xe9"), "%C3%A9");
  },
);

pureTest("unquote() decodes escapes in either case", () => {
  const rows: [string, string][] = [
    ["", ""],
    ["/plain/path", "/plain/path"],
    ["%41%2f%2F%00", "A//\0"],
    ["a%20b+c", "a b+c"],
    ["%c3%A9", "\xe9"],
    ["%E2%82%AC", "\u20ac"],
    ["%F0%9F%98%80", "\u{1f600}"],
    ["%EF%BB%BFa", "\ufeffa"],
    ["%2541", "%41"],
  ];
  for (const [text, expected] of rows) {
    assertEquals(unquote(text), expected);
    assertEquals(unquote(text, "surrogatepass"), expected);
  }
});

pureTest(
  "unquote() keeps a percent sign without two hexadecimal digits",
  () => {
    for (const text of ["%", "%4", "%zz", "100%", "%-1", "% 1", "%+1"]) {
      assertEquals(unquote(text), text);
      assertEquals(unquote(text, "surrogatepass"), text);
    }
    assertEquals(unquote("%%41%4"), "%A%4");
  },
);

pureTest(
  "unquote() keeps characters that are not ASCII, also beside escapes",
  () => {
    assertEquals(unquote("\xe9%41\u{1f600}"), "\xe9A\u{1f600}");
    assertEquals(unquote("%C3\xa9"), "\ufffd\xa9");
    assertEquals(unquote("\ud800%41"), "\ud800A");
  },
);

pureTest(
  "unquote() replaces malformed UTF-8 by as many U+FFFD as Python",
  () => {
    const rows: [string, number][] = [
      ["%FF", 1],
      ["%80", 1],
      ["%C3", 1],
      ["%C0%80", 2],
      ["%E2%82", 1],
      ["%E0%80%80", 3],
      ["%ED%A0%80", 3],
      ["%F0%9F%98", 1],
      ["%F0%80%80%80", 4],
      ["%F4%90%80%80", 4],
      ["%F8%88%80%80%80", 5],
    ];
    for (const [text, count] of rows) {
      assertEquals(unquote(text), "\ufffd".repeat(count), text);
    }
    assertEquals(unquote("%C3a%A9%41"), "\ufffda\ufffdA");
  },
);

pureTest("unquote() keeps surrogates if asked to", () => {
  const rows: [string, string][] = [
    ["%ED%A0%80", "\ud800"],
    ["%ed%bf%bf", "\udfff"],
    ["a%41%ED%B0%80%C3%A9", "aA\udc00\xe9"],
    ["%ED%9F%BF", "\ud7ff"],
  ];
  for (const [text, expected] of rows) {
    assertEquals(unquote(text, "surrogatepass"), expected);
  }
});

pureTest(
  "unquote() replaces in the whole text if the surrogates do not form characters",
  () => {
    const replaced = "\ufffd\ufffd\ufffd";
    const rows: [string, string][] = [
      ["%FF", "\ufffd"],
      ["%ED%A0%80/%FF", replaced + "/\ufffd"],
      ["%FF%ED%A0%80", "\ufffd" + replaced],
      ["%ED%A0", "\ufffd\ufffd"],
      ["%C3%A9%C3", "\xe9\ufffd"],
    ];
    for (const [text, expected] of rows) {
      assertEquals(unquote(text, "surrogatepass"), expected);
    }
  },
);

pureTest("unquote() undoes quote() for each character", () => {
  for (let code = 0; code <= 0x10ffff; code += code < 0x900 ? 1 : 0x101) {
    const text = String.fromCodePoint(code);
    assertEquals(unquote(quote(text), "surrogatepass"), text);
  }
});
