// Which targets lead into a folder of scripts. Pure: whose rules decide is an argument.

import { foldPath, isWindowsAlias } from "../../text/file_names.ts";
import { translateSegments } from "../../text/paths.ts";
import { withoutAuthority } from "../../text/target.ts";
import { collapseUrlPath } from "./collapse_path.ts";

/** Whose rules decide which names are the same. */
export type NameRules = "posix" | "windows" | "darwin";

/**
 * Finds the CGI directory that a request's target leads into.
 *
 * @param target The target, encoded, perhaps with query and fragment.
 * @param directories The CGI directories, such as "/cgi-bin".
 * @param rules Whose rules decide which names are the same.
 * @returns The directory as the target spells it, and what stands behind it; `undefined` for none.
 * @throws {RangeError} Where the path leads above the root, or holds an alias of Windows.
 *
 * @example A script
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(findCgiDirectory("/a/../cgi-bin/x?y", ["/cgi-bin"], "posix"), [
 *   "/cgi-bin",
 *   "x?y",
 * ]);
 * ```
 */
export function findCgiDirectory(
  target: string,
  directories: readonly string[],
  rules: NameRules,
): readonly [directory: string, rest: string] | undefined {
  const path = withoutAuthority(target);
  const collapsed = collapseUrlPath(path);
  // The files behind a path are found by other rules, Windows' among them. No path may be
  // a file's to them and a script's here: the script would be shown.
  const windows = rules === "windows";
  const { segments } = translateSegments(path, windows ? "windows" : "posix");
  if (windows && segments.some(isWindowsAlias)) {
    throw new RangeError("Cannot find a script by another name than its own");
  }
  const fold = rules === "posix" ? (path: string) => path : foldPath;
  // However its ends are written: else its scripts would be shown.
  const sought = new Set(
    directories.map((name) => fold("/" + name.replace(/^\/+|\/+$/g, ""))),
  );
  return descend(collapsed, (path) => sought.has(fold(path))) ??
    descend("/" + segments.join("/"), (path) => sought.has(fold(path)));
}

/** Splits a path behind the first of its folders that is one. */
function descend(
  path: string,
  isDirectory: (path: string) => boolean,
): readonly [directory: string, rest: string] | undefined {
  for (
    let slash = path.indexOf("/", 1);
    slash > 0;
    slash = path.indexOf("/", slash + 1)
  ) {
    const directory = path.slice(0, slash);
    if (isDirectory(directory)) return [directory, path.slice(slash + 1)];
  }
  return undefined;
}
