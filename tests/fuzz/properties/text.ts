// text/: quoting, escaping, dates, URLs, paths and names.

import { assert, assertEquals } from "@std/assert";
import { compareCodePoints } from "../../../text/compare.ts";
import { escapeHtml } from "../../../text/escape_html.ts";
import {
  beginsWithDot,
  foldPath,
  isWindowsAlias,
} from "../../../text/file_names.ts";
import {
  formatHttpDate,
  parseHttpDate,
  parseStrictHttpDate,
} from "../../../text/http_date.ts";
import { decodeLatin1, encodeLatin1 } from "../../../text/latin1.ts";
import { escapeControls } from "../../../text/log_text.ts";
import { splitext, translateSegments } from "../../../text/paths.ts";
import { quote, unquote } from "../../../text/quote.ts";
import { repr } from "../../../text/repr.ts";
import { urlsplit, urlunsplit } from "../../../text/url.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/text.json" with { type: "json" };
import {
  anyBytes,
  anyText,
  mutate,
  ODD,
  type Random,
  soup,
  texts,
  WIDE,
} from "../_random.ts";

/** Every character that ends a line, moves the cursor or is NUL. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;

/** The last second of the year 9999. */
const LAST_SECOND = 253_402_300_799;

const codings = property(
  "unquote() decodes every text that quote() encodes",
  anyText,
  (text) => {
    const quoted = quote(text);
    assert(/^[\w.~/%-]*$/.test(quoted), quoted);
    assertEquals(unquote(quoted, "surrogatepass"), text);
  },
);

const unquoting = property(
  "unquote() decodes parts of a text like the whole",
  soup(
    ["%41", "%C3%A9", "%c3", "%ED%A0%80", "%F0%9F%98%80", "%", "%2", "/"],
    8,
  ),
  (text) => {
    // Elsewhere the pieces could be parts of one character.
    const names = text.split("/").map((name) => unquote(name));
    assertEquals(names.join("/"), unquote(text));
  },
);

const latin1 = property(
  "encodeLatin1() and decodeLatin1() are inverse, and characters beyond latin-1 are refused",
  (random) => random.oneIn(4) ? anyText(random) : anyBytes(random),
  (text) => {
    const { value } = attempt(() => encodeLatin1(text), TypeError);
    assertEquals(value !== undefined, !/[^\0-\xff]/u.test(text));
    if (value !== undefined) assertEquals(decodeLatin1(value), text);
  },
);

const html = property(
  "escapeHtml() leaves no markup, and nothing is lost",
  anyText,
  (text) => {
    const escaped = escapeHtml(text);
    assert(!/[<>"']/.test(escaped), escaped);
    const entities: Record<string, string> = {
      "&amp;": "&",
      "&lt;": "<",
      "&gt;": ">",
      "&quot;": '"',
      "&#x27;": "'",
    };
    const back = escaped.replace(/&[^;]*;/g, (entity) => entities[entity]!);
    assertEquals(back, text);
    assert(!/[<>]/.test(escapeHtml(text, false)));
  },
);

const dates = property(
  "parseHttpDate() reads what formatHttpDate() writes",
  (random) => random.int(2 ** 32) * 60 + random.int(60) - 62_135_596_800,
  (seconds) => {
    if (seconds > LAST_SECOND || seconds < -62_135_596_800) return;
    const text = formatHttpDate(seconds);
    const year = new Date(seconds * 1000).getUTCFullYear();
    // Two-digit years belong to this or the last century, also with leading zeros.
    if (year < 100) return;
    assertEquals(parseHttpDate(text), seconds);
    assertEquals(parseStrictHttpDate(text), seconds);
  },
);

const DATES = [
  "Sun, 06 Nov 1994 08:49:37 GMT",
  "Sunday, 06-Nov-94 08:49:37 GMT",
  "Sun Nov  6 08:49:37 1994",
  "6 Nov 1994 08:49 +0000",
];

const looseDates = property(
  "parseHttpDate() returns whole seconds of the years 1 to 9999 or undefined",
  texts(
    [
      ..."Sun Mon Nov Feb 06 1 31 29 94 1994 2024 9999 00:00:00 24:60 08.49 GMT +0000 -0 UTC - , : +"
        .split(" "),
      " ",
    ],
    DATES,
  ),
  (text) => {
    const seconds = parseHttpDate(text);
    const strict = parseStrictHttpDate(text);
    if (strict !== undefined) assertEquals(strict, seconds);
    if (seconds === undefined) return;
    assert(Number.isInteger(seconds), String(seconds));
    assert(seconds >= -62_135_596_800 && seconds <= LAST_SECOND);
  },
);

const urlText = texts(
  ["http", "HTTPS", "file", "x+1", ":", "/", "//", "?", "#", "a", ".", "[::1]"],
  ["http://a.test:80/x;p?q#f", "//h/p", "/a//b?c?d#e#f", "file:///etc"],
);

const urls = property(
  "urlsplit() finds the same parts after urlunsplit() wrote them",
  urlText,
  (url) => {
    const parts = urlsplit(url);
    assertEquals(urlsplit(urlunsplit(parts)), parts);
  },
);

const literals = property(
  "repr() and escapeControls() return one printable line",
  (random) => ({ text: anyText(random), limit: random.int(8) }),
  ({ text, limit }) => {
    for (const shown of [repr(text), repr(text, limit)]) {
      assert(!/[\p{C}\p{Zl}\p{Zp}]/u.test(shown), shown);
      assertEquals(shown.at(0), shown.at(-1));
    }
    assert([...repr(text, limit)].length <= limit * 10 + 5);
    assert(!CONTROL.test(escapeControls(text)));
  },
);

const order = property(
  "compareCodePoints() orders like lists of code points",
  (random) => {
    const text = anyText(random);
    return [text, mutate(random, text, WIDE)] as const;
  },
  ([a, b]) => {
    const sign = Math.sign(compareCodePoints(a, b));
    assertEquals(sign, -Math.sign(compareCodePoints(b, a)) || 0);
    assertEquals(sign, compareLists(points(a), points(b)));
    assertEquals(compareCodePoints(a, a), 0);
  },
);

function points(text: string): number[] {
  return [...text].map((character) => character.codePointAt(0)!);
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (const [index, point] of a.entries()) {
    if (index >= b.length) return 1;
    if (point !== b[index]) return Math.sign(point - b[index]!);
  }
  return Math.sign(a.length - b.length);
}

/** Paths in ordinary and in misleading spellings. */
export const pathText: (random: Random) => string = texts(
  [
    ..."/ // . .. ... %2e %2E%2e %2f %2F %5c \\ %00 C: c%3a a b .git %2egit ~ ; ? # %3f %23 %25 %252e"
      .split(" "),
    "é",
    "\xc3\xa9",
    "%c3%a9",
    "%ff",
  ],
  ["/a/b/c.txt", "/../x", "/a/../../x", "/%2e%2e/x", "/a%2f..%2fb/", "/..%5cx"],
  { odd: [...ODD, "/", "/"] },
);

const segments = property(
  "translateSegments() returns names below the root",
  pathText,
  (path) => {
    for (const os of ["posix", "windows"] as const) {
      const { segments } = translateSegments(path, os);
      for (const name of segments) {
        assert(!["", ".", ".."].includes(name) && !name.includes("/"), name);
        if (os === "windows") {
          assert(!name.includes("\\") && name[1] !== ":", name);
        }
      }
    }
  },
);

const spellings = property(
  "translateSegments() returns the same names for every spelling of a path",
  (random) => ({ path: pathText(random), every: random.between(1, 3) }),
  ({ path, every }) => {
    const [plain = ""] = unquote(path).split(/[?#]/, 1);
    if (plain.includes("\ufffd") || plain.includes("%")) return;
    const other = Array.from(
      plain,
      (character, index) =>
        index % every === 0 ? encodeAll(character) : character,
    ).join("");
    assertEquals(
      translateSegments(other, "posix"),
      translateSegments(encodeURI(plain), "posix"),
    );
  },
);

function encodeAll(character: string): string {
  return Array.from(
    new TextEncoder().encode(character),
    (byte) => "%" + byte.toString(16).padStart(2, "0"),
  ).join("");
}

const extensions = property(
  "splitext() cuts a path in two before its last dot",
  soup(["a", ".", "/", "..", ".gz", "tar"], 8),
  (path) => {
    const [root, extension] = splitext(path);
    assertEquals(root + extension, path);
    assert(extension === "" || /^\.[^./]*$/.test(extension), extension);
    const name = path.slice(path.lastIndexOf("/") + 1);
    assertEquals(extension === "", !/[^.].*\./s.test(name));
  },
);

const fileNames = property(
  "foldPath() is idempotent and ignores case",
  soup(["a", "B", "/", "é", "e\u0301", "ß", "K", "ﬁ", "İ", ...WIDE], 6, WIDE),
  (path) => {
    const folded = foldPath(path);
    assertEquals(foldPath(folded), folded);
    assertEquals(foldPath(path.normalize("NFD")), folded);
  },
);

const dots = property(
  "beginsWithDot() and isWindowsAlias() find every spelling of a hidden name",
  (random) => ({
    before: random.list(
      3,
      (r) => r.pick(["\u200c", "\u200d", "\ufeff", "\u206a"]),
    ),
    name: random.pick([".git", ".env", ".htpasswd", "."]),
    after: random.pick(["", " ", ".", "..", ". .", "::$DATA", ":x", ":"]),
  }),
  ({ before, name, after }) => {
    assert(beginsWithDot(before.join("") + name));
    if (after !== "") assert(isWindowsAlias(name + after));
  },
);

/** Properties of `text/`. */
export const TEXT: Subject = {
  name: "text",
  properties: [
    codings,
    unquoting,
    latin1,
    html,
    dates,
    looseDates,
    urls,
    literals,
    order,
    segments,
    spellings,
    extensions,
    fileNames,
    dots,
  ],
  corpus,
};
