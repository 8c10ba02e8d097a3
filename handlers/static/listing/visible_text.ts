// Names as they are shown: no character in them may hide, or turn others around.

// Control characters, and those that set the direction of text by force: with U+202E,
// "exe.jpg" is what one reads of "\u202Egpj.exe".
const UNSEEN = /[\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;
const EACH_UNSEEN = new RegExp(UNSEEN, "gu");

/**
 * Makes the unseen characters of a name visible.
 *
 * @param name The name.
 * @returns The name with a picture for each ASCII control character, and the number of
 * other unseen characters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(visibleText("a\nb"), "a\u240ab");
 * assertEquals(visibleText("\u202Egpj.exe"), "[U+202E]gpj.exe");
 * ```
 */
export function visibleText(name: string): string {
  return UNSEEN.test(name) ? name.replace(EACH_UNSEEN, picture) : name;
}

function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
}
