// The memory that everything cached about files takes: contents, compressed forms, prepared
// responses and listings, of all sites of the process.

import { ByteBudget } from "./byte_budget.ts";

/**
 * The budget unless a site sets another one, in bytes. A site's text takes about as much again in
 * its compressed forms and once more as prepared responses, so this holds some 40 MiB of files.
 */
const DEFAULT_SIZE = 128 * 1024 * 1024;

/** The budget of all caches. */
export const cacheBudget: ByteBudget = new ByteBudget(DEFAULT_SIZE);

/** The size for the process, and whether a site has set it. */
let size = DEFAULT_SIZE;
let isSet = false;
/** How many threads share it. */
let threads = 1;

/**
 * Sets the size of the caches. Sites share them, since they may serve the same files, so the
 * largest size of all sites counts.
 *
 * @param bytes The size for one more site; 0 turns caching off.
 */
export function setCacheSize(bytes: number): void {
  size = isSet ? Math.max(size, bytes) : bytes;
  isSet = true;
  divideCaches(threads);
}

/**
 * Divides the size among several threads that serve the same site. Each of them calls it.
 *
 * @param count The number of threads.
 */
export function divideCaches(count: number): void {
  threads = count;
  cacheBudget.max = Math.floor(size / threads);
}
