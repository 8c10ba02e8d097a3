import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  basicChallenge,
  parseBasicCredentials,
} from "../../../handlers/static/access/basic_auth.ts";
import { pureTest } from "../../_lib/pure.ts";

/** Base64 of the UTF-8 of a text. */
function encode(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

pureTest("parseBasicCredentials() returns user and password", () => {
  const rows: [string, string, string][] = [
    ["Aladdin:open sesame", "Aladdin", "open sesame"],
    ["a:b:c", "a", "b:c"],
    ["a:", "a", ""],
    [":b", "", "b"],
    [":", "", ""],
    ["j\xfcrgen:p\xe4ss\u20ac", "j\xfcrgen", "p\xe4ss\u20ac"],
    ["\u{1f600}:\ufeff", "\u{1f600}", "\ufeff"],
    ["\ufeffa:b", "\ufeffa", "b"],
  ];
  for (const [text, user, password] of rows) {
    for (const scheme of ["Basic ", "basic ", "BASIC  "]) {
      assertEquals(parseBasicCredentials(scheme + encode(text)), {
        user,
        password,
      });
    }
  }
});

pureTest(
  "parseBasicCredentials() returns undefined for malformed values",
  () => {
    for (
      const value of [
        null,
        "",
        "Basic",
        "Basic ",
        "Basic\tYTpi",
        "BasicYTpi",
        " Basic YTpi",
        "Basic YTpi ",
        "Basic YTpi YTpi",
        "Basic YTpi, Basic YTpi",
        "Bearer YTpi",
        "Digest YTpi",
        // Wrong alphabet or padding.
        "Basic YTpi!",
        "Basic YT-_",
        "Basic YT\npi",
        "Basic YTp",
        "Basic YTo",
        "Basic YTpiYw=",
        "Basic =YTpi",
        "Basic ====",
        "Basic YT=i",
        // No colon, a control character, or invalid UTF-8.
        "Basic " + encode("ab"),
        "Basic " + encode("a:b\n"),
        "Basic " + encode("a\0:b"),
        "Basic " + encode("a:\x7f"),
        "Basic " + btoa("\xff:b"),
        "Basic " + btoa("a:\xc3"),
        // The surrogate U+D800, which UTF-8 can't encode.
        "Basic " + btoa("a:\xed\xa0\x80"),
      ]
    ) {
      assertEquals(parseBasicCredentials(value), undefined, String(value));
    }
  },
);

pureTest("parseBasicCredentials() doesn't parse very long values", () => {
  const start = performance.now();
  for (const piece of ["YTpi", " ", "=", "Basic "]) {
    const value = "Basic " + piece.repeat(1_000_000);
    assertEquals(parseBasicCredentials(value), undefined);
  }
  assert(performance.now() - start < 5_000);
  const most = "Basic " + encode("a:" + "b".repeat(1000));
  assertEquals(parseBasicCredentials(most)?.password.length, 1000);
});

pureTest("basicChallenge() contains the realm", () => {
  assertEquals(basicChallenge(), 'Basic realm="Restricted", charset="UTF-8"');
  assertEquals(basicChallenge(""), 'Basic realm="", charset="UTF-8"');
  for (const realm of ['a"b', "a\\b", "a\r\nb", "\xe9", "\u20ac"]) {
    assertThrows(() => basicChallenge(realm), TypeError, "Cannot use");
  }
});
