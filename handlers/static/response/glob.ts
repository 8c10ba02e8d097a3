// Globs over canonical paths, such as "assets/**/*.{js,css}". They are not turned into a
// regular expression: with several stars, that can take time polynomial in the length of
// the client's path. Here the time is at most the product of the two lengths.

/** One part of a pattern: a character, or what matches in its place. */
type Token = string | RegExp | typeof ANY | typeof RUN | typeof TREE;

/** `?`: one character except a slash. */
const ANY = Symbol("?");
/** `*`: any number of characters except slashes. */
const RUN = Symbol("*");
/** Two stars and a slash: any number of whole segments. */
const TREE = Symbol("**/");

/** A character, an escaped one (group 1), or a set (group 2); a lone "[" is not closed. */
const PART = /\\(.?)|\[((?:![^/]|[^!/])[^\]/]*)\]|./gsu;

/** Limits the patterns that one glob expands to; braces multiply. */
const MAX_ALTERNATIVES = 256;

/**
 * Compiles a glob to a function that matches paths.
 *
 * - `*` matches any characters in one name, `?` exactly one;
 * - `[abc]` and `[a-z]` match one character in the set, `[!a-z]` one outside it;
 * - `{js,css}` matches either text; braces can be nested;
 * - `**` as a whole segment matches any number of segments, including none; at the end it
 *   matches everything below a folder, but not the folder itself;
 * - a backslash escapes the next character.
 *
 * A glob without a slash matches the last name at any depth: `*.js` applies to every
 * folder. A glob with a slash matches the whole path from the root, so `/*.js` applies to
 * the root only. A glob that ends with a slash matches everything below. Dotfiles are
 * matched like any other name.
 *
 * @param glob The glob.
 * @returns A function that takes a canonical path: names joined by single slashes.
 * @throws {SyntaxError} The glob is empty, has an unclosed bracket or brace, ends with a backslash, or expands to more than 256 patterns.
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
    const characters = [...path];
    return patterns.some((tokens) => matchTokens(tokens, characters));
  };
}

function fault(glob: string, problem: string): SyntaxError {
  return new SyntaxError(
    `Cannot read the glob ${JSON.stringify(glob)}: ${problem}`,
  );
}

/** Expands a glob to its alternatives without braces. */
function expandBraces(glob: string): string[] {
  const done: string[] = [];
  const pending = [glob];
  while (pending.length > 0) {
    const text = pending.pop()!;
    const choices = expandFirstBraces(text, glob);
    if (choices === undefined) done.push(text);
    else pending.push(...choices);
    if (pending.length + done.length > MAX_ALTERNATIVES) {
      throw fault(glob, `its braces expand to over ${MAX_ALTERNATIVES} globs`);
    }
  }
  return done;
}

/** Expands the first pair of braces; braces inside it stay in the choices. */
function expandFirstBraces(text: string, glob: string): string[] | undefined {
  let depth = 0;
  let start = 0;
  let choice = 0;
  const choices: string[] = [];
  for (const { 0: part, index } of text.matchAll(PART)) {
    if (part === "[") throw fault(glob, "a bracket is not closed");
    if (part === "{") {
      if (depth++ === 0) [start, choice] = [index, index + 1];
    } else if (part === "," && depth === 1) {
      choices.push(text.slice(choice, index));
      choice = index + 1;
    } else if (part === "}" && depth > 0 && --depth === 0) {
      choices.push(text.slice(choice, index));
      return choices.map((middle) =>
        text.slice(0, start) + middle + text.slice(index + 1)
      );
    }
  }
  if (depth > 0) throw fault(glob, "a brace is not closed");
  return undefined;
}

/** Parses a glob without braces. */
function parsePattern(text: string, glob: string): Token[] {
  if (text === "" || text === "/") throw fault(glob, "it is empty");
  const names = text.split("/");
  if (names.length === 1) return [TREE, ...parseName(text, glob)];
  if (names[0] === "") names.shift();
  const last = names.length - 1;
  // "assets/" means "assets/**".
  if (names[last] === "") names[last] = "**";
  return names.flatMap((name, index): Token[] => {
    if (name === "") throw fault(glob, "it has two slashes in a row");
    if (name === "**") return index < last ? [TREE] : [TREE, RUN];
    const tokens = parseName(name, glob);
    return index < last ? [...tokens, "/"] : tokens;
  });
}

function parseName(name: string, glob: string): Token[] {
  return [...name.matchAll(PART)].map(([part, escaped, set]): Token => {
    if (escaped === "") throw fault(glob, "it ends with a backslash");
    if (set !== undefined) return parseSet(set, glob);
    if (part === "*") return RUN;
    return part === "?" ? ANY : escaped ?? part;
  });
}

function parseSet(set: string, glob: string): RegExp {
  const negated = set.startsWith("!");
  const members = set.slice(negated ? 1 : 0).replace(/[\\\]^]/g, "\\$&");
  try {
    return new RegExp(`^[${negated ? "^" : ""}${members}]$`, "u");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw fault(glob, `[${set}] has a range that ends before its start`);
  }
}

/** A place to continue from: indexes into the tokens and the characters. */
interface Retry {
  readonly at: number;
  index: number;
}

/**
 * Only the last `*` of a segment and the last `**` are ever extended: a shorter match of
 * an earlier one leaves the later one everything that a longer match would.
 */
function matchTokens(
  tokens: readonly Token[],
  characters: readonly string[],
): boolean {
  let at = 0;
  let index = 0;
  let run: Retry | undefined;
  let tree: Retry | undefined;
  while (at < tokens.length || index < characters.length) {
    const token = tokens[at];
    if (token === TREE || token === RUN) {
      const retry = { at: ++at, index };
      if (token === TREE) [tree, run] = [retry, undefined];
      else run = retry;
    } else if (takes(token, characters[index])) {
      if (token === "/") run = undefined;
      at++;
      index++;
    } else if (run !== undefined && takes(ANY, characters[run.index])) {
      run.index++;
      ({ at, index } = run);
    } else if (tree !== undefined) {
      const slash = characters.indexOf("/", tree.index);
      if (slash < 0) return false;
      tree.index = slash + 1;
      ({ at, index } = tree);
      run = undefined;
    } else return false;
  }
  return true;
}

function takes(
  token: Token | undefined,
  character: string | undefined,
): boolean {
  if (character === undefined) return false;
  if (typeof token === "string") return token === character;
  if (character === "/") return false;
  return token === ANY || (token instanceof RegExp && token.test(character));
}
