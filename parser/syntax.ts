// The grammar that header fields share (RFC 9110 §5.6): tokens, optional white space,
// comma-separated lists. White space is SP and HTAB only. `String.prototype.trim` also
// removes VT, FF and NBSP, and parsers that disagree on white space enable request
// smuggling.

/** A token (RFC 9110 §5.6.2). */
export const TOKEN: RegExp = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** How much of the peer's text an error message quotes. */
export const QUOTED_LENGTH = 100;

/** Matches what a field value can't contain: CR, LF and NUL would end it early, and Latin-1 has no byte for other characters. */
// deno-lint-ignore no-control-regex
export const UNSENDABLE: RegExp = /[\0\r\n]|[^\x00-\xff]/;

/** The line end of HTTP. */
export const CRLF = "\r\n";

const SP = 0x20;
const HTAB = 0x09;

/**
 * Returns a part of a text without the surrounding optional white space (RFC 9110 §5.6.3).
 *
 * Character by character, since a regular expression for trailing white space takes
 * quadratic time on long runs of blanks.
 *
 * @param text The text.
 * @param start The start of the part.
 * @param end The end of the part.
 * @returns The part, trimmed.
 */
export function trimOws(
  text: string,
  start: number = 0,
  end: number = text.length,
): string {
  while (start < end && isOws(text.charCodeAt(start))) start++;
  while (end > start && isOws(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isOws(code: number): boolean {
  return code === SP || code === HTAB;
}

/**
 * Returns the members of a comma-separated list, over all lines of a field.
 *
 * Empty members are dropped (RFC 9110 §5.6.1.2). Quoted strings are not supported: the
 * lists read by this have none.
 *
 * @param values The values of the field's lines, in order.
 * @returns The members, trimmed.
 */
export function listMembers(values: readonly string[]): string[] {
  const members: string[] = [];
  for (const value of values) {
    for (const part of value.split(",")) {
      const member = trimOws(part);
      if (member !== "") members.push(member);
    }
  }
  return members;
}
