// The places in the list of unfinished files, of those that are not open just now.

/** The lists of the unfinished files, until those are gone. */
const listings = new Map<string, Disposable>();

/**
 * Keeps the place of an unfinished file in the list.
 *
 * @param path The file.
 * @param listed Its place.
 */
export function keepListed(path: string, listed: Disposable): void {
  listings.set(path, listed);
}

/**
 * Takes the place of an unfinished file in the list.
 *
 * @param path The file.
 * @returns The place; `undefined` if another thread has listed it.
 */
export function takeListed(path: string): Disposable | undefined {
  const listed = listings.get(path);
  listings.delete(path);
  return listed;
}
