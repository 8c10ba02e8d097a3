// Decides which request targets are in a CGI directory. Pure: the system's rules are an argument.

import { foldPath, isWindowsAlias } from "../../text/file_names.ts";
import { translateSegments } from "../../text/paths.ts";
import { withoutAuthority } from "../../text/target.ts";
import { collapseUrlPath } from "./collapse_path.ts";

/** The system whose rules decide which file names are equal. */
export type NameRules = "posix" | "windows" | "darwin";

/**
 * Finds the CGI directory of a request target.
 *
 * @param target The encoded target, optionally with a query and a fragment.
 * @param directories The CGI directories, such as "/cgi-bin".
 * @param rules The system whose rules decide which file names are equal.
 * @returns The directory as spelled in the target, and the rest of the path; `undefined` if the
 * target is not in a CGI directory.
 * @throws {RangeError} If the path goes above the root or contains a Windows alias.
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
  // `translate_path()` splits paths by other rules. Check its reading too: otherwise the source of
  // a script could be served as a file.
  const windows = rules === "windows";
  const { segments } = translateSegments(path, windows ? "windows" : "posix");
  if (windows && segments.some(isWindowsAlias)) {
    throw new RangeError(
      "Cannot find the script: the path contains a Windows alias; use the full file name",
    );
  }
  const fold = rules === "posix" ? (path: string) => path : foldPath;
  // Accept "cgi-bin" and "/cgi-bin/" too, since a mismatch would serve scripts as files.
  const sought = new Set(
    directories.map((name) => fold("/" + name.replace(/^\/+|\/+$/g, ""))),
  );
  return descend(collapsed, (path) => sought.has(fold(path))) ??
    descend("/" + segments.join("/"), (path) => sought.has(fold(path)));
}

/** Splits a path after the first directory that matches. */
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
