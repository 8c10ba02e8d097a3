// Python's repr() of a str. Characters that Python calls printable stay; the
// Unicode categories "other" and "separator" (but the space) are what it does
// not call so. The tables of V8 and of Python may differ by a Unicode version.

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
 * Escapes one character in the shortest of Python's forms.
 *
 * @param character One character, which may be a surrogate pair.
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

/** Cuts text after so many characters, and marks the cut with "...". */
function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  // A character has at most two units, so this piece is long enough.
  const characters = [...text.slice(0, limit * 2 + 2)];
  if (characters.length <= limit) return text;
  return characters.slice(0, limit).join("") + "...";
}

/**
 * Shows text as a Python string literal, like Python's `repr`.
 *
 * @param text The text to show.
 * @param limit How many characters of the text to show at most; if there are
 * more, "..." stands for the rest. No limit if omitted.
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
