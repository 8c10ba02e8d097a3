// The part of SimpleHTTPRequestHandler.translate_path() that needs no file system: splits a
// request target into names below the root. One pass with a stack does the work of Python's
// normpath() and its filter.

import { unquote } from "./quote.ts";

// Without any of these, a path consists of names between slashes.
const NEEDS_WORK = /[%?#\\:]|\/[/.]/;

/** Cuts off the fragment and query, and decodes the rest. */
function decodePath(target: string): string {
  const [beforeHash = ""] = target.split("#", 1);
  const [beforeQuery = ""] = beforeHash.split("?", 1);
  return unquote(beforeQuery, "surrogatepass");
}

/**
 * Resolves "." and ".." textually, never going above the root. Python keeps a leading ".."
 * and drops it later, with the same result.
 */
function normalize(path: string): string[] {
  const names: string[] = [];
  for (const word of path.split("/")) {
    if (word === "..") names.pop();
    else if (word !== "" && word !== ".") names.push(word);
  }
  return names;
}

/**
 * Whether a word is a plain name on Windows: a backslash anywhere, or a colon as second
 * character, makes it a path or a drive.
 */
function isWindowsName(word: string): boolean {
  return word.charAt(1) !== ":" && !word.includes("\\");
}

/** The result of translateSegments(). */
export interface PathSegments {
  /** The names from the root down; never empty, "." or "..". */
  segments: string[];
  /** Whether the decoded path ends with a slash. */
  trailingSlash: boolean;
}

/**
 * Splits the path of a request target into names below the served directory, like Python's
 * `translate_path`. Words that are not plain names are dropped, so the result is always
 * inside the directory.
 *
 * @param path The requested path: encoded, possibly with query and fragment.
 * @param os The system whose rules define plain names.
 * @returns The names, and whether the path ends with a slash.
 */
export function translateSegments(
  path: string,
  os: "posix" | "windows",
): PathSegments {
  if (path.startsWith("/") && !NEEDS_WORK.test(path)) {
    const trailingSlash = path.endsWith("/");
    const names = path.slice(1, trailingSlash ? -1 : undefined);
    return { segments: names === "" ? [] : names.split("/"), trailingSlash };
  }
  const decoded = decodePath(path);
  const names = normalize(decoded);
  return {
    segments: os === "windows" ? names.filter(isWindowsName) : names,
    trailingSlash: decoded.endsWith("/"),
  };
}

/**
 * Splits the extension off a path, like Python's `posixpath.splitext`. Leading dots of a
 * name don't begin an extension.
 *
 * @param path The path.
 * @returns The path without the extension, and the extension with its dot or "".
 */
export function splitext(path: string): [root: string, extension: string] {
  let nameStart = path.lastIndexOf("/") + 1;
  while (path.charAt(nameStart) === ".") nameStart++;
  const dot = path.lastIndexOf(".");
  if (dot <= nameStart) return [path, ""];
  return [path.slice(0, dot), path.slice(dot)];
}
