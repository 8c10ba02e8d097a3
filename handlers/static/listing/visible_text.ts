// Makes names safe to show: no character in them may be invisible, or reorder others.

// Control characters, and those that force the direction of text: with U+202E,
// "\u202Egpj.exe" is shown as "exe.jpg".
const UNSEEN = /[\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;
const EACH_UNSEEN = new RegExp(UNSEEN, "gu");

/**
 * Makes the invisible characters of a name visible.
 *
 * @param name The name.
 * @returns The name, with symbols for ASCII control characters and code points for other
 * invisible characters.
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
