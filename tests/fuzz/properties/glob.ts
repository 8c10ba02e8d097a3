// Globs, compared with a matcher that tries everything.

import { assertEquals } from "@std/assert";
import { compileCacheRules } from "../../../handlers/static/response/cache_control.ts";
import { compileGlob } from "../../../handlers/static/response/glob.ts";
import { ResponseHead } from "../../../handlers/response_head.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/glob.json" with { type: "json" };
import { soup, texts } from "../_random.ts";

const GLOBS = [
  "*.js",
  "assets/**",
  "/**/x/*.{js,css}",
  "a[!b-d]?",
  "\\*",
  "**/a",
  "{a,b{c,d}}",
];

const globs = texts(
  [..."* ** ? / a b ab [a] [!a] [a-c] {a,b} { } , [ ] - ! \\ **/ /**".split(
    " ",
  )],
  GLOBS,
  { most: 7, odd: ["\u{1f600}", "*", "/", "\\", "b"] },
);

const paths = soup(
  ["a", "b", "ab", "c", "/", "/", "x.js", "*", "\u{1f600}"],
  7,
  ["\\", "-"],
);

/** Whether a pattern without braces matches all of a path, by trying everything. */
function matches(pattern: string, path: string): boolean {
  const names = path.split("/");
  const trimmed = pattern.replace(/^\//, "").replace(/(^|\/)$/, "$1**");
  const words = pattern.includes("/") ? trimmed.split("/") : ["**", pattern];
  // Below a folder, not the folder itself.
  if (pattern.includes("/") && words.at(-1) === "**") words.push("*");
  return matchWords(words, names);
}

function matchWords(
  words: readonly string[],
  names: readonly string[],
): boolean {
  const [word, ...others] = words;
  if (word === undefined) return names.length === 0;
  if (word === "**") {
    return names.some((_, at) => matchWords(others, names.slice(at))) ||
      matchWords(others, []);
  }
  return names.length > 0 && matchName(word, [...names[0]!]) &&
    matchWords(others, names.slice(1));
}

function matchName(word: string, name: readonly string[]): boolean {
  if (word === "") return name.length === 0;
  const [first, ...rest] = name;
  if (word.startsWith("*")) {
    return matchName(word.slice(1), name) ||
      (first !== undefined && matchName(word, rest));
  }
  if (first === undefined) return false;
  if (word.startsWith("[")) {
    const found = /^\[(!?)([^/]+?)\]/u.exec(word)!;
    const [all, not, members] = found;
    return inSet([...members!], first) !== (not === "!") &&
      matchName(word.slice(all.length), rest);
  }
  const escaped = word.startsWith("\\") ? word.slice(1) : word;
  const [wanted] = [...escaped];
  return (word.startsWith("?") || wanted === first) &&
    matchName(escaped.slice(word.startsWith("?") ? 1 : wanted!.length), rest);
}

function inSet(members: readonly string[], character: string): boolean {
  for (let at = 0; at < members.length; at++) {
    if (members[at + 1] === "-" && at + 2 < members.length) {
      const [low, high] = [members[at]!, members[at + 2]!].map((c) =>
        c.codePointAt(0)!
      );
      const code = character.codePointAt(0)!;
      if (code >= low! && code <= high!) return true;
      at += 2;
    } else if (members[at] === character) return true;
  }
  return false;
}

const reference = property(
  "compileGlob() matches as a matcher that tries everything",
  (random) => ({ glob: globs(random), path: paths(random) }),
  ({ glob, path }) => {
    const { value } = attempt(() => compileGlob(glob), SyntaxError);
    // Braces have a separate property.
    if (value === undefined || glob.includes("{")) return;
    assertEquals(value(path), matches(glob, path));
  },
  1500,
);

const braces = property(
  "compileGlob() expands braces",
  (random) => ({
    parts: [globs(random), globs(random), globs(random), globs(random)],
    path: paths(random),
  }),
  ({ parts, path }) => {
    if (parts.length < 4 || parts.some((part) => /[{},\\[\]]/.test(part))) {
      return;
    }
    const [before, a, b, after] = parts as [string, string, string, string];
    const each = [before + a + after, before + b + after].map((glob) =>
      attempt(() => compileGlob(glob), SyntaxError).value
    );
    const { value } = attempt(
      () => compileGlob(`${before}{${a},${b}}${after}`),
      SyntaxError,
    );
    assertEquals(value === undefined, each.includes(undefined));
    assertEquals(value?.(path), value && each.some((one) => one!(path)));
  },
  400,
);

const cacheRules = property(
  "compileCacheRules() returns values that can be sent, or throws a SyntaxError",
  texts(
    [
      ...'*.js= **= immutable no-cache max-age=60 3600 , public private="x" max-age 1h = s-maxage='
        .split(" "),
      " ",
    ],
    ["*.js=immutable", "**=no-cache", "a/**=public, max-age=60"],
  ),
  (rule) => {
    const { value } = attempt(() => compileCacheRules([rule]), SyntaxError);
    const control = value?.("a/b.js");
    if (control === undefined) return;
    const head = new ResponseHead();
    head.begin("HTTP/1.1", 200, "OK");
    head.add("Cache-Control", control, true);
    assertEquals(head.text.split("\r\n").length, 3);
  },
);

/** Properties of globs and of cache rules. */
export const GLOB: Subject = {
  name: "glob",
  properties: [reference, braces, cacheRules],
  corpus,
};
