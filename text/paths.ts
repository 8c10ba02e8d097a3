// The part of SimpleHTTPRequestHandler.translate_path() that needs no file
// system: a request target becomes the names to walk down from the root. One
// pass with a stack does what Python's normpath() and its filter do together.

import { unquote } from "./quote.ts";

// With none of these in it, a path is nothing but names between slashes.
const NEEDS_WORK = /[%?#\\:]|\/[/.]/;

/** Cuts off a fragment, then a query, and decodes what is left. */
function decodePath(target: string): string {
  const [beforeHash = ""] = target.split("#", 1);
  const [beforeQuery = ""] = beforeHash.split("?", 1);
  return unquote(beforeQuery, "surrogatepass");
}

/**
 * Resolves "." and ".." by text alone, never going above the root. Python keeps
 * a leading ".." of a relative path and then drops it for not being a name,
 * which comes to the same.
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
 * Tells whether a word is a name and no more to Windows. A backslash anywhere
 * or a colon behind the first character gives it a directory or a drive.
 */
function isWindowsName(word: string): boolean {
  return word.charAt(1) !== ":" && !word.includes("\\");
}

/** The result of translateSegments(). */
export interface PathSegments {
  /** The names from the root downwards; none is empty, "." or "..". */
  segments: string[];
  /** Whether the decoded path ends with a slash. */
  trailingSlash: boolean;
}

/**
 * Turns the path of a request target into names below the served directory, as
 * Python's `translate_path` does. What is not a plain name is dropped, so no
 * result leads out of that directory.
 *
 * @param path The path as requested: encoded, perhaps with query and fragment.
 * @param os Whose rules decide what a plain name is.
 * @returns The names, and whether a slash ends the path.
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
 * Splits a path before its extension, like Python's `posixpath.splitext`. Dots
 * that begin a name do not begin an extension.
 *
 * @param path The path.
 * @returns The path without the extension, and the extension with its dot, or
 * an empty text.
 */
export function splitext(path: string): [root: string, extension: string] {
  let nameStart = path.lastIndexOf("/") + 1;
  while (path.charAt(nameStart) === ".") nameStart++;
  const dot = path.lastIndexOf(".");
  if (dot <= nameStart) return [path, ""];
  return [path.slice(0, dot), path.slice(dot)];
}
