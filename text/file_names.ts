// The names under which some systems find one and the same file. Pure, so that the rules
// of each can be tested everywhere.

/** Characters that HFS+ passes over in names. */
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** The short form of a long name, such as "GIT~1" or "INDEX~12.HTM". */
const SHORT_NAME = /^[^.]{0,6}~\d{1,6}(?:\.[^.]{0,3})?$/;

/** Names that are devices in every folder, with any extension. */
const DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/i;

/**
 * Gives the form that all spellings of a path have in common on Windows and macOS.
 *
 * @param path Names between slashes.
 * @returns What can be compared with others, but not opened.
 *
 * @example One folder
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(foldPath("/CGI-Bin/x"), "/cgi-bin/x");
 * ```
 */
export function foldPath(path: string): string {
  // Both cases, since "ſ" becomes "s" only by way of "S"; composed last, since the new letter may
  // compose with the accent after it.
  return path.replace(IGNORED, "").normalize("NFD").toUpperCase().toLowerCase()
    .normalize("NFC");
}

/**
 * Whether Windows might find another file by a name: it is a stream, a short name or a
 * device, or ends with characters that Windows passes over. No listing shows such a name.
 *
 * @param name The name.
 * @returns `true` for what can't be trusted to be the file's own name.
 *
 * @example What stands for ".git"
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isWindowsAlias("GIT~1"));
 * assertFalse(isWindowsAlias("git"));
 * ```
 */
export function isWindowsAlias(name: string): boolean {
  return name.includes(":") || /[. ]$/.test(name) || SHORT_NAME.test(name) ||
    DEVICE.test(name);
}

/**
 * Whether a name begins with a dot, to any system.
 *
 * @param name The name.
 * @returns `true` also where characters stand before the dot that HFS+ passes over.
 *
 * @example A repository
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(beginsWithDot(".git") && beginsWithDot("\u200c.git"));
 * ```
 */
export function beginsWithDot(name: string): boolean {
  return name.startsWith(".") ||
    (name.charCodeAt(0) > 0x7f && name.replace(IGNORED, "").startsWith("."));
}
