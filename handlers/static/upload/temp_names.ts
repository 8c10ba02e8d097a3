// The names of unfinished files: hidden, and impossible to guess. Pure, except for random numbers.

/** A name that no other file has. */
const PATTERN = /^\.httpserver-[0-9a-f]{32}\.part$/;

/**
 * Makes the name of an unfinished file. It has nothing of the file's own name, which may be as
 * long as a name can be.
 *
 * @returns The name.
 */
export function makeTempName(): string {
  const random = crypto.getRandomValues(new Uint8Array(16)).toHex();
  return `.httpserver-${random}.part`;
}

/**
 * Whether a name is one of an unfinished file.
 *
 * @param name The name, without a folder.
 * @returns `true` only for names that `makeTempName()` makes.
 */
export function isTempName(name: string): boolean {
  return PATTERN.test(name);
}
