// The names of archives, and of the files and folders in them. Pure.

/** The formats of archives. */
export type ArchiveFormat = "zip" | "tar";

/** The name of an archive of a folder without a name, such as the root of a disk. */
const NAMELESS = "site";

/** Characters that a quoted file name can contain without escapes, and that every system allows. */
const UNSAFE = /[^\w .()+,=@~!#$&'\-]/gu;

// RFC 8187 §3.2.1: attr-char.
const EXTENDED = /[^\w!#$&+.^`|~\-]/gu;

/**
 * Names the folder in an archive that contains everything.
 *
 * @param names The names of the folder's URL path.
 * @param path The folder's path in the file system, for the root of the site.
 * @returns The name, which no system takes for a drive or an absolute path.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(rootName(["a", "photos"], "/srv/a/photos/"), "photos");
 * assertEquals(rootName([], "/srv/www"), "www");
 * assertEquals(rootName([], "/"), "site");
 * ```
 */
export function rootName(names: readonly string[], path: string): string {
  const name = names.at(-1) ?? path.split(/[/\\]/).findLast((n) => n !== "") ??
    "";
  const safe = safeName(name.replace(/^([A-Za-z]):/, "$1_"));
  return safe === "" || safe === "." || safe === ".." ? NAMELESS : safe;
}

/**
 * Replaces backslashes in a name by underscores: readers on Windows would take them for
 * slashes, so a file could end up in another folder. Other names that Windows can't have
 * are kept, since other systems can, and readers on Windows know what to do.
 *
 * @param name The name.
 * @returns The name in the archive.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(safeName("..\\..\\a.txt"), ".._.._a.txt");
 * assertEquals(safeName("a:b?.txt"), "a:b?.txt");
 * ```
 */
export function safeName(name: string): string {
  return name.replaceAll("\\", "_");
}

/**
 * Returns the names of a folder's entries in the archive.
 *
 * @param names Their names in the file system, in order.
 * @returns The names in the archive, in the same order; no two are equal.
 */
export function safeNames(names: readonly string[]): readonly string[] {
  if (!names.some((name) => name.includes("\\"))) return names;
  const taken = new Set(names);
  return names.map((name) => {
    if (!name.includes("\\")) return name;
    let safe = safeName(name);
    while (taken.has(safe)) safe += "_";
    taken.add(safe);
    return safe;
  });
}

/**
 * Formats Content-Disposition (RFC 6266) for a download.
 *
 * @param name The file's name.
 * @returns The value, in ASCII. If the name isn't, it is there twice (RFC 6266 §4.3).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(attachment("a.zip"), 'attachment; filename="a.zip"');
 * assertEquals(
 *   attachment("é.zip"),
 *   `attachment; filename="_.zip"; filename*=UTF-8''%C3%A9.zip`,
 * );
 * ```
 */
export function attachment(name: string): string {
  const plain = name.replace(UNSAFE, "_");
  const value = `attachment; filename="${plain}"`;
  if (plain === name) return value;
  const extended = name.toWellFormed().replace(EXTENDED, escapeCharacter);
  return `${value}; filename*=UTF-8''${extended}`;
}

const encoder = new TextEncoder();

function escapeCharacter(character: string): string {
  let escaped = "";
  for (const byte of encoder.encode(character)) {
    escaped += "%" + byte.toString(16).toUpperCase().padStart(2, "0");
  }
  return escaped;
}
