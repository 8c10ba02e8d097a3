// The share of the memory for caches that this thread gets, if several threads of a process
// serve the same site.

let threads = 1;

/**
 * Divides the memory for caches among several threads. Each of them calls it, before it
 * serves.
 *
 * @param count The number of threads.
 */
export function divideCaches(count: number): void {
  threads = count;
}

/**
 * The share of this thread.
 *
 * @param bytes The size for the whole process.
 * @returns The size for this thread.
 */
export function cacheShare(bytes: number): number {
  return Math.floor(bytes / threads);
}
