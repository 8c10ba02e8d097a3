// Tells that the system has run out of something from what one client has caused.

/** EMFILE, ENFILE, ENOBUFS and ENOMEM by name: the process or the system has no descriptor or memory left. */
const CODES: ReadonlySet<string> = new Set([
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
]);

/** The same by number, which differs between systems. */
const NUMBERS: ReadonlySet<number> = new Set(
  Deno.build.os === "windows"
    // WSAEMFILE, WSAENOBUFS, ERROR_TOO_MANY_OPEN_FILES, ERROR_NOT_ENOUGH_MEMORY.
    ? [10_024, 10_055, 4, 8]
    : [24, 23, 12, Deno.build.os === "linux" ? 105 : 55],
);

/**
 * Whether an error says that descriptors or memory have run out, so that trying again at
 * once would fail in the same way.
 *
 * @param error The error.
 * @returns `true` for EMFILE, ENFILE, ENOBUFS and ENOMEM.
 */
export function isExhausted(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code } = error as Error & { readonly code?: unknown };
  if (typeof code === "string") return CODES.has(code);
  // The runtime does not set `code` on every error of the system.
  const number = /\(os error (\d+)\)/.exec(error.message)?.[1];
  return number !== undefined && NUMBERS.has(Number(number));
}
