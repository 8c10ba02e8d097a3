// Globs over canonical paths, such as "assets/**/*.{js,css}". They are matched by going
// through them, not by a regular expression: the path is the client's, and a pattern
// with several stars as an expression can take time that grows by a power of its
// length. Here it grows by the product of the two lengths at most.

import { compareCodePoints } from "../../../text/compare.ts";

/** What one place of a pattern takes: one character, any one, or any number. */
type Token = string | typeof ANY | typeof RUN | CharacterSet;

/** A set of characters, `[a-z]` or `[!a-z]`. */
interface CharacterSet {
  readonly ranges: readonly (readonly [first: string, last: string])[];
  readonly negated: boolean;
}

const ANY = Symbol("?");
const RUN = Symbol("*");
const TREE = Symbol("**");

/** A segment of a pattern: what its name must look like, or any number of segments. */
type Segment = readonly Token[] | typeof TREE;

/** How many patterns the braces of one may stand for; they multiply. */
const MAX_ALTERNATIVES = 256;

/**
 * Makes a function that tells whether a path matches a glob.
 *
 * - `*` takes any characters of one name, `?` one of them;
 * - `[abc]`, `[a-z]` and `[!a-z]` take one character of a set, or one outside it;
 * - `{js,css}` takes either text; braces may be nested;
 * - `**` as a whole segment takes any number of segments, none too; at the end it takes
 *   what is below a folder, and not the folder;
 * - a backslash takes away the meaning of the character after it.
 *
 * A glob without a slash matches the last name wherever it is, so `*.js` is for every
 * folder. One with a slash matches the whole path from the root; a slash at its
 * beginning says just that, so `/*.js` is for the root alone. One that ends with a slash
 * matches everything below. A dot at the start of a name is a character as any other.
 *
 * @param glob The glob.
 * @returns A function of a canonical path: names with one slash between them.
 * @throws {SyntaxError} The glob is empty, has an open bracket or brace, a backslash at its end, or stands for more than 256 patterns.
 *
 * @example Any folder, and one
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(compileGlob("*.js")("lib/app.js"));
 * assert(compileGlob("assets/**")("assets/a/b.css"));
 * assertFalse(compileGlob("/*.js")("lib/app.js"));
 * ```
 */
export function compileGlob(glob: string): (path: string) => boolean {
  const patterns = expandBraces(glob).map((text) => parsePattern(text, glob));
  return (path) => {
    const names = path.split("/");
    return patterns.some((pattern) => matchSegments(pattern, names));
  };
}

function fault(glob: string, what: string): SyntaxError {
  return new SyntaxError(
    `Cannot read the glob ${JSON.stringify(glob)}: ${what}`,
  );
}

/** Writes a glob with braces as those without that it stands for. */
function expandBraces(glob: string): string[] {
  const done: string[] = [];
  const open = [glob];
  while (open.length > 0) {
    const text = open.pop()!;
    const parts = splitFirstBraces(text, glob);
    if (parts === undefined) done.push(text);
    else {
      for (const choice of parts.choices) {
        open.push(parts.before + choice + parts.after);
      }
    }
    if (open.length + done.length > MAX_ALTERNATIVES) {
      throw fault(glob, `its braces stand for over ${MAX_ALTERNATIVES} globs`);
    }
  }
  return done;
}

interface Braces {
  readonly before: string;
  readonly choices: readonly string[];
  readonly after: string;
}

/** Finds the first pair of braces, nested ones being a part of its choices. */
function splitFirstBraces(text: string, glob: string): Braces | undefined {
  let depth = 0;
  let start = 0;
  let choice = 0;
  const choices: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") at++;
    else if (character === "[") at = endOfSet(text, at, glob);
    else if (character === "{") {
      if (depth++ === 0) [start, choice] = [at, at + 1];
    } else if (character === "," && depth === 1) {
      choices.push(text.slice(choice, at));
      choice = at + 1;
    } else if (character === "}" && depth > 0 && --depth === 0) {
      choices.push(text.slice(choice, at));
      return {
        before: text.slice(0, start),
        choices,
        after: text.slice(at + 1),
      };
    }
  }
  if (depth > 0) throw fault(glob, "a brace is not closed");
  return undefined;
}

/** Where the bracket is that closes a set; one right at its beginning is a member. */
function endOfSet(text: string, start: number, glob: string): number {
  const first = start + (text[start + 1] === "!" ? 2 : 1);
  const end = text.indexOf("]", first + 1);
  if (end < 0 || text.slice(start, end).includes("/")) {
    throw fault(glob, "a bracket is not closed");
  }
  return end;
}

/** Parses a glob without braces. */
function parsePattern(text: string, glob: string): readonly Segment[] {
  if (text === "" || text === "/") throw fault(glob, "it is empty");
  const words = text.split("/");
  if (words.length === 1) return [TREE, parseName(text, glob)];
  if (words[0] === "") words.shift();
  // "assets/" stands for "assets/**".
  if (words.at(-1) === "") words[words.length - 1] = "**";
  const pattern = words.map((word) => {
    if (word === "") throw fault(glob, "two slashes follow each other");
    return word === "**" ? TREE : parseName(word, glob);
  });
  // What is below a folder is not the folder itself.
  return pattern.at(-1) === TREE ? [...pattern, [RUN]] : pattern;
}

function parseName(word: string, glob: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < word.length; at++) {
    let character = characterAt(word, at);
    if (character === "\\") {
      if (++at === word.length) throw fault(glob, "it ends with a backslash");
      character = characterAt(word, at);
      at += character.length - 1;
      tokens.push(character);
    } else if (character === "[") {
      const end = endOfSet(word, at, glob);
      tokens.push(parseSet(word.slice(at + 1, end), glob));
      at = end;
    } else if (character === "*") {
      if (tokens.at(-1) !== RUN) tokens.push(RUN);
    } else {
      tokens.push(character === "?" ? ANY : character);
      at += character.length - 1;
    }
  }
  return tokens;
}

/** The character at an index, which may be two UTF-16 units long. */
function characterAt(text: string, index: number): string {
  return String.fromCodePoint(text.codePointAt(index)!);
}

function parseSet(text: string, glob: string): CharacterSet {
  const negated = text.startsWith("!");
  const members = [...(negated ? text.slice(1) : text)];
  const ranges: [string, string][] = [];
  for (let at = 0; at < members.length; at++) {
    const first = members[at]!;
    // A hyphen at either end is itself.
    const isRange = members[at + 1] === "-" && at + 2 < members.length;
    const last = isRange ? members[at + 2]! : first;
    if (compareCodePoints(last, first) < 0) {
      throw fault(glob, `the range ${first}-${last} is empty`);
    }
    ranges.push([first, last]);
    if (isRange) at += 2;
  }
  return { ranges, negated };
}

/**
 * Matches items one by one, where some stand for any number of others. Only the last of
 * these is ever tried again with one more: what an earlier one took can stay as it is.
 */
function matchRuns<Pattern, Item>(
  pattern: readonly Pattern[],
  items: ArrayLike<Item>,
  isRun: (part: Pattern) => boolean,
  takes: (part: Pattern, item: Item) => boolean,
): boolean {
  let at = 0;
  let index = 0;
  let lastRun = -1;
  let retryFrom = 0;
  while (index < items.length) {
    if (at < pattern.length && isRun(pattern[at]!)) {
      lastRun = at++;
      retryFrom = index;
    } else if (at < pattern.length && takes(pattern[at]!, items[index]!)) {
      at++;
      index++;
    } else if (lastRun >= 0) {
      at = lastRun + 1;
      index = ++retryFrom;
    } else return false;
  }
  while (at < pattern.length && isRun(pattern[at]!)) at++;
  return at === pattern.length;
}

function matchSegments(
  pattern: readonly Segment[],
  names: readonly string[],
): boolean {
  return matchRuns(
    pattern,
    names,
    (segment) => segment === TREE,
    (segment, name) => segment !== TREE && matchName(segment, name),
  );
}

function matchName(tokens: readonly Token[], name: string): boolean {
  return matchRuns(tokens, [...name], (token) => token === RUN, takesCharacter);
}

function takesCharacter(token: Token, character: string): boolean {
  if (typeof token === "string") return token === character;
  if (typeof token === "symbol") return token === ANY;
  const inside = token.ranges.some(([first, last]) =>
    compareCodePoints(first, character) <= 0 &&
    compareCodePoints(character, last) <= 0
  );
  return inside !== token.negated;
}
