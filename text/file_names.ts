// Different names that some systems resolve to the same file. Pure, so that the rules of
// each system can be tested everywhere.

/** Characters that HFS+ ignores in names. */
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** The 8.3 form of a long name, such as "GIT~1" or "INDEX~12.HTM". */
const SHORT_NAME = /^[^.]{0,6}~\d{1,6}(?:\.[^.]{0,3})?$/;

/** Names that are devices in every folder, with any extension. */
const DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/i;

/**
 * Returns the same string for all spellings of a path on Windows and macOS.
 *
 * @param path Names separated by slashes.
 * @returns A key to compare, not a path to open.
 *
 * @example One folder
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(foldPath("/CGI-Bin/x"), "/cgi-bin/x");
 * ```
 */
export function foldPath(path: string): string {
  // Upper case first, since "ſ" becomes "s" only through "S"; composed last, since the new
  // letter may compose with the accent after it.
  return path.replace(IGNORED, "").normalize("NFD").toUpperCase().toLowerCase()
    .normalize("NFC");
}

/**
 * Whether Windows might resolve a name to another file: it is a stream, a short name or a
 * device, or ends with characters that Windows ignores. No listing shows such names.
 *
 * @param name The name.
 * @returns `true` if the name may be an alias.
 *
 * @example An alias of ".git"
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isWindowsAlias("GIT~1"));
 * assertFalse(isWindowsAlias("git"));
 * ```
 */
export function isWindowsAlias(name: string): boolean {
  return name.includes(":") || /[. ]$/.test(name) || SHORT_NAME.test(name) ||
    isDeviceName(name);
}

/**
 * Whether a name is a device in every folder of Windows.
 *
 * @param name The name.
 * @returns `true` also for a name with an extension.
 *
 * @example The null device
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isDeviceName("nul.txt"));
 * assertFalse(isDeviceName("null.txt"));
 * ```
 */
export function isDeviceName(name: string): boolean {
  return DEVICE.test(name);
}

/**
 * Whether a name begins with a dot on any system.
 *
 * @param name The name.
 * @returns `true` also if the dot follows characters that HFS+ ignores.
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
