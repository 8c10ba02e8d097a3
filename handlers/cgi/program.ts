// Checks that the kernel can execute a file. Otherwise (ENOEXEC) the C library would run it with
// /bin/sh. CPython calls execve(), which doesn't.

import { isDenied, markFileError } from "../file_stat.ts";

/** Magic numbers of programs: "#!", ELF and the variants of Mach-O. */
const MAGIC_NUMBERS: readonly (readonly number[])[] = [
  [0x23, 0x21],
  [0x7f, 0x45, 0x4c, 0x46],
  [0xfe, 0xed, 0xfa, 0xce],
  [0xfe, 0xed, 0xfa, 0xcf],
  [0xce, 0xfa, 0xed, 0xfe],
  [0xcf, 0xfa, 0xed, 0xfe],
  [0xca, 0xfe, 0xba, 0xbe],
];

/**
 * Whether a file is a program, by its first bytes.
 *
 * @param start The first four bytes, or fewer if the file is shorter.
 * @returns `true` for a binary, and for a script with a "#!" line.
 *
 * @example A script
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(beginsProgram(new TextEncoder().encode("#!/bin/sh")));
 * ```
 */
export function beginsProgram(start: Uint8Array): boolean {
  return MAGIC_NUMBERS.some((bytes) =>
    bytes.every((byte, index) => start[index] === byte)
  );
}

/**
 * Checks that a file is a program.
 *
 * @param path The file.
 * @throws {TypeError} If it is not a program.
 */
export function checkProgram(path: string): void {
  const start = new Uint8Array(4);
  let count: number;
  try {
    using file = Deno.openSync(path);
    count = file.readSync(start) ?? 0;
  } catch (error) {
    // Executable but not readable: a shell couldn't run it either.
    if (isDenied(error)) return;
    throw markFileError(error);
  }
  if (!beginsProgram(start.subarray(0, count))) {
    throw new TypeError(
      `Cannot run ${path}: it is not a binary; add a first line with #! and an interpreter`,
    );
  }
}
