import { assert, assertEquals, assertThrows } from "@std/assert";
import { compileGlob } from "../../../handlers/static/response/glob.ts";
import { pureTest } from "../../_lib/pure.ts";

function words(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}

/** Checks which paths a glob matches. */
function check(glob: string, yes: string, no: string): void {
  const matches = compileGlob(glob);
  for (const path of words(yes)) {
    assertEquals(matches(path), true, `${glob} should match ${path}`);
  }
  for (const path of words(no)) {
    assertEquals(matches(path), false, `${glob} should not match ${path}`);
  }
}

pureTest(
  "compileGlob() matches a glob without a slash against the last name",
  () => {
    check("*.js", "a.js .js a/b/c.js a.b.js", "a.jsx a.js/b js a.JS");
    check("index.html", "index.html a/index.html", "a.html index.html/a");
    check("*", "a a/b .hidden", "");
    check("**", "a a/b", "");
    check("a*b*c", "abc aXbYc x/abc aabbcc", "ab acb abcd");
    check("?.txt", "a.txt b/c.txt", "ab.txt .txt");
  },
);

pureTest("compileGlob() matches a glob with a slash from the root", () => {
  check("/*.js", "a.js", "a/b.js");
  check("/a", "a", "b/a a/b");
  check("a/b", "a/b", "x/a/b a/b/c a ab");
  check("a/*", "a/b a/.c", "a a/b/c b/a");
  check("a/*/c", "a/b/c", "a/c a/b/b/c");
});

pureTest("compileGlob() matches any number of segments with two stars", () => {
  check(
    "assets/**",
    "assets/a assets/a/b",
    "assets asset/a x/assets/a assetsx",
  );
  check("assets/", "assets/a assets/a/b", "asset/a x/assets/a");
  check(
    "**/test/*.ts",
    "test/a.ts x/test/a.ts x/y/test/a.ts",
    "test/x/a.ts a.ts",
  );
  check("a/**/b", "a/b a/x/b a/x/y/b a/b/b", "a/b/c ab b");
  check("**/a/**/b/**", "a/b/c x/a/x/b/x a/a/b/b", "a/b b/a a");
  check("a/**/**", "a/b a/b/c", "a");
  check("a/x**", "a/x a/xy", "a/x/y a/y");
});

pureTest("compileGlob() supports character sets", () => {
  check("[abc].x", "a.x b.x", "d.x ab.x .x");
  check("[a-c0-9]x", "bx 5x", "dx -x");
  check("[!a-c]x", "dx -x", "ax x");
  check("[]a]x", "]x ax", "bx");
  check("[!]]x", "ax", "]x");
  check("[a-]x", "ax -x", "bx");
  check("[*]x", "*x", "ax");
  check("a[=]b", "a=b", "ab");
  check("[{]x", "{x", "x");
});

pureTest("compileGlob() supports alternatives", () => {
  check("*.{js,css}", "a.js b/a.css", "a.jscss a.html");
  check("{a,b}/{c,d}", "a/c b/d", "a/b c");
  check("a{,b}c", "ac abc", "abbc");
  check("{a,b{1,2}}", "a b1 b2", "b b12");
  check("{a/b,c}", "a/b c x/c", "b");
  check("{a}", "a", "{a}");
  check("a}b", "a}b", "ab");
  check("a}{b,c}", "a}b a}c", "ab a}{b,c}");
  check("{[,],x}", ", x", "[");
});

pureTest("compileGlob() matches an escaped character literally", () => {
  check("\\*", "*", "a");
  check("a\\?", "a?", "ab");
  check("\\{a,b\\}", "{a,b}", "a b");
  check("\\[a]", "[a]", "a");
});

pureTest("compileGlob() treats characters beyond U+FFFF as one", () => {
  check("?.png", "\u{1f600}.png \xe9.png", "\u{1f600}\u{1f600}.png");
  check("\u{1f600}*", "\u{1f600}.png", "\u{1f601}.png");
  check("[\u{1f600}-\u{1f610}]\\\u{1f600}", "\u{1f601}\u{1f600}", "a\u{1f600}");
});

pureTest("compileGlob() throws for malformed globs", () => {
  for (
    const glob of [
      "",
      "/",
      "[",
      "a[b",
      "[]",
      "[!]",
      "[a/b]",
      "[z-a]",
      "{",
      "{a",
      "{a,{b}",
      "a\\",
      "a//b",
      "//",
      "{,a}",
      "{a,b}".repeat(9),
    ]
  ) {
    assertThrows(
      () => compileGlob(glob),
      SyntaxError,
      "Cannot read the glob",
      glob,
    );
  }
});

pureTest("compileGlob() matches long paths quickly", () => {
  const start = performance.now();
  const path = "a/".repeat(30_000) + "c";
  assertEquals(compileGlob("**/a/**/a/**/a/**/b")(path), false);
  assertEquals(compileGlob("*a*a*a*a*a*b")("a".repeat(60_000)), false);
  assertEquals(compileGlob("**/*a*b*/**/x")(path), false);
  assert(performance.now() - start < 5_000);
});
