// Which names may be created. The rules are the same on every system, so that a folder that was
// filled on one can be copied to any other. Pure.

import {
  beginsWithDot,
  isDeviceName,
  isWindowsAlias,
} from "../../../text/file_names.ts";
import type { Refused } from "./interfaces.ts";

/** The longest name of common file systems, in bytes of UTF-8. */
const MAX_NAME = 255;

/** The most names of a path: deep enough for `node_modules`, and far below any system's limit. */
const MAX_DEPTH = 64;

/** The longest path, in bytes of UTF-8: Linux has 4,096 for all of it, with the served folder. */
const MAX_PATH = 2_048;

/** Control characters, and those that reorder text, so that a name looks like another. */
const UNPRINTABLE =
  // deno-lint-ignore no-control-regex
  /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb]/;

/** What a name's bytes become that are not UTF-8. */
const NOT_UTF8 = /[\ufffd\p{Surrogate}]/u;

/** Characters that Windows doesn't allow in names. */
const NOT_ON_WINDOWS = /[<>:"|?*]/;

const encoder = new TextEncoder();

/**
 * Checks the path of a file that is to be created.
 *
 * @param names The decoded names below the served folder.
 * @param os The operating system.
 * @param reserves Whether a name in the served folder is reserved.
 * @returns Why it is refused; `undefined` if it may be created.
 *
 * @example A dotfile
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(refuseNames(["a", "b.txt"], "posix"), undefined);
 * assertEquals(refuseNames([".ssh", "config"], "posix")?.status, 403);
 * ```
 */
export function refuseNames(
  names: readonly string[],
  os: "posix" | "windows",
  reserves: (name: string) => boolean = () => false,
): Refused | undefined {
  if (names.length === 0) return refused(400, "The file has no name");
  if (reserves(names[0]!)) return refused(403, "The name is reserved");
  if (names.length > MAX_DEPTH) return refused(400, "Too many folders");
  for (const name of names) {
    const fault = refuseName(name, os);
    if (fault !== undefined) return fault;
  }
  return sizeOf(names.join("/")) > MAX_PATH
    ? refused(400, "The path is too long")
    : undefined;
}

function refuseName(
  name: string,
  os: "posix" | "windows",
): Refused | undefined {
  if (name === "" || name === "." || name === "..") {
    return refused(400, "A name is empty");
  }
  if (/[/\\]/.test(name)) return refused(400, "A name has a slash");
  if (NOT_UTF8.test(name)) return refused(400, "A name is not UTF-8");
  if (UNPRINTABLE.test(name)) {
    return refused(400, "A name has a control character");
  }
  if (sizeOf(name) > MAX_NAME) return refused(400, "A name is too long");
  if (beginsWithDot(name)) {
    return refused(403, "Names must not begin with a dot");
  }
  if (/[. ]$/.test(name) || isDeviceName(name)) {
    return refused(400, "A name is reserved");
  }
  return os === "windows" && (NOT_ON_WINDOWS.test(name) || isWindowsAlias(name))
    ? refused(400, "A name is not allowed on Windows")
    : undefined;
}

/**
 * Returns the name of another file if a name is taken.
 *
 * @param name The name.
 * @param number Which attempt it is, from 1.
 * @returns The name with the number before its extension, at most 255 bytes long.
 *
 * @example The first one
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(numberedName("a.tar.gz", 1), "a (1).tar.gz");
 * assertEquals(numberedName("README", 2), "README (2)");
 * ```
 */
export function numberedName(name: string, number: number): string {
  const extension = /(?:\.tar)?\.[^.]{1,16}$/.exec(name.slice(1))?.[0] ?? "";
  const suffix = ` (${number})${extension}`;
  let stem = name.slice(0, name.length - extension.length);
  while (sizeOf(stem + suffix) > MAX_NAME) {
    // By whole characters, not by halves of surrogate pairs.
    stem = [...stem].slice(0, -1).join("");
  }
  return stem.trimEnd() + suffix;
}

function sizeOf(text: string): number {
  return encoder.encode(text).length;
}

function refused(status: number, reason: string): Refused {
  return { kind: "refused", status, reason };
}
