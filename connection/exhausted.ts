// Recognizes errors that mean the system has run out of descriptors or memory.

import { systemName } from "./runtime.ts";

/** The names of the errors. `isUnavailable()` in `handlers/file_stat.ts` adds those of disks. */
export const EXHAUSTED_CODES: ReadonlySet<string> = new Set([
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
]);

/** The numbers of the same errors, which differ between systems. */
const NUMBERS: ReadonlySet<number> = new Set(
  systemName() === "windows"
    // WSAEMFILE, WSAENOBUFS, ERROR_TOO_MANY_OPEN_FILES, ERROR_NOT_ENOUGH_MEMORY.
    ? [10_024, 10_055, 4, 8]
    : [24, 23, 12, systemName() === "linux" ? 105 : 55],
);

/**
 * Whether an error means that descriptors or memory have run out, so that retrying at once
 * would fail again.
 *
 * @param error The error.
 * @returns `true` for EMFILE, ENFILE, ENOBUFS and ENOMEM.
 */
export function isExhausted(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code } = error as Error & { readonly code?: unknown };
  if (typeof code === "string") return EXHAUSTED_CODES.has(code);
  // The runtime doesn't set `code` on every system error.
  const number = /\(os error (\d+)\)/.exec(error.message)?.[1];
  return number !== undefined && NUMBERS.has(Number(number));
}
