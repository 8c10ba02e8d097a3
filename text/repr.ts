// Python's repr() of a str. Printable characters stay: those outside the Unicode categories
// "other" and "separator", and the space. V8's and Python's tables may differ by a Unicode
// version.

const SPECIAL = /[[\\'\p{C}\p{Z}]--[ ]]/v;
const ESCAPED = /[[\\\p{C}\p{Z}]--[ ]]/gv;
const ESCAPED_OR_QUOTE = /[['\\\p{C}\p{Z}]--[ ]]/gv;

const NAMED: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["'", "\\'"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/**
 * Escapes one character in Python's shortest form.
 *
 * @param character One character, possibly a surrogate pair.
 * @returns The escape, such as "\\n", "\\xa0" or "\\u2028".
 */
export function escapeCharacter(character: string): string {
  const named = NAMED.get(character);
  if (named !== undefined) return named;
  const code = character.codePointAt(0)!;
  const digits = code.toString(16);
  if (code < 0x100) return "\\x" + digits.padStart(2, "0");
  if (code < 0x10000) return "\\u" + digits.padStart(4, "0");
  return "\\U" + digits.padStart(8, "0");
}

/** Truncates text after this many characters, and appends "...". */
function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  // A character has at most two code units, so this piece is long enough.
  const characters = [...text.slice(0, limit * 2 + 2)];
  if (characters.length <= limit) return text;
  return characters.slice(0, limit).join("") + "...";
}

/**
 * Formats text as a Python string literal, like Python's `repr`.
 *
 * @param text The text.
 * @param limit The maximum number of characters to show, followed by "..." if there are
 * more. Default: no limit.
 * @returns The literal with its quotation marks.
 */
export function repr(text: string, limit?: number): string {
  const shown = limit === undefined ? text : shorten(text, limit);
  if (!SPECIAL.test(shown)) return `'${shown}'`;
  if (shown.includes("'") && !shown.includes('"')) {
    return `"${shown.replace(ESCAPED, escapeCharacter)}"`;
  }
  return `'${shown.replace(ESCAPED_OR_QUOTE, escapeCharacter)}'`;
}
