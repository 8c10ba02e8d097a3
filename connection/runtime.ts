// What differs between runtimes. A handler also runs without `Deno`: see
// `handlers/fetch/`. Nothing here does more than look.

/** The names of Deno's error classes. */
export type DenoErrorName = keyof typeof Deno.errors;

/** Deno's error classes; none in other runtimes. */
const classes: Partial<typeof Deno.errors> = typeof Deno === "undefined"
  ? {}
  : Deno.errors;

/**
 * Whether an error is of one of these classes.
 *
 * @param error The error.
 * @param names The names of Deno's error classes.
 * @returns Always `false` in other runtimes.
 */
export function isDenoError(
  error: unknown,
  ...names: readonly DenoErrorName[]
): boolean {
  return names.some((name) => {
    const known = classes[name];
    return known !== undefined && error instanceof known;
  });
}

/**
 * Creates an error of one of Deno's classes.
 *
 * @param name The name of the class.
 * @param message The message.
 * @returns In other runtimes, an `Error` of that name.
 */
export function denoError(name: DenoErrorName, message: string): Error {
  const known = classes[name];
  if (known !== undefined) return new known(message);
  const error = new Error(message);
  error.name = name;
  return error;
}

/** The runtime as `name/version`, for the `Server` field. */
export function runtimeName(): string {
  if (typeof Deno !== "undefined") return `Deno/${Deno.version.deno}`;
  // Such as "Node.js/24", "Bun/1.2.0" or "Cloudflare-Workers".
  return globalThis.navigator?.userAgent ?? "JavaScript";
}

/** The operating system; only the numbers of its errors depend on it. */
export function systemName(): string {
  return typeof Deno === "undefined" ? "linux" : Deno.build.os;
}

/**
 * Shows a value that was thrown but is no `Error`.
 *
 * @param value The value.
 * @returns What `Deno.inspect()` shows, or the value as a string.
 */
export function inspect(value: unknown): string {
  return typeof Deno === "undefined" ? String(value) : Deno.inspect(value);
}
