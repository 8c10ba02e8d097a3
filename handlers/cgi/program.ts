// Whether the system itself can run a file. What it refuses (ENOEXEC), the C library
// would hand to /bin/sh instead; CPython calls execve(), which doesn't.

import { isDenied, markFileError } from "../file_stat.ts";

/** How programs begin: a script's first line, ELF, and the forms of Mach-O, one for many processors among them. */
const BEGINNINGS: readonly (readonly number[])[] = [
  [0x23, 0x21],
  [0x7f, 0x45, 0x4c, 0x46],
  [0xfe, 0xed, 0xfa, 0xce],
  [0xfe, 0xed, 0xfa, 0xcf],
  [0xce, 0xfa, 0xed, 0xfe],
  [0xcf, 0xfa, 0xed, 0xfe],
  [0xca, 0xfe, 0xba, 0xbe],
];

/**
 * Whether a file begins as programs do.
 *
 * @param start Its first four bytes, or all there are.
 * @returns `true` for a script with an interpreter's line, and for a binary.
 *
 * @example A script
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(beginsProgram(new TextEncoder().encode("#!/bin/sh")));
 * ```
 */
export function beginsProgram(start: Uint8Array): boolean {
  return BEGINNINGS.some((bytes) =>
    bytes.every((byte, index) => start[index] === byte)
  );
}

/**
 * Checks that a file is a program.
 *
 * @param path The file.
 * @throws {TypeError} Where it is none.
 */
export function checkProgram(path: string): void {
  const start = new Uint8Array(4);
  let count: number;
  try {
    using file = Deno.openSync(path);
    count = file.readSync(start) ?? 0;
  } catch (error) {
    // A program that may be run but not read: no shell could read it either.
    if (isDenied(error)) return;
    throw markFileError(error);
  }
  if (!beginsProgram(start.subarray(0, count))) {
    throw new TypeError(
      `Cannot run ${path}: it is no binary and has no first line with #!`,
    );
  }
}
