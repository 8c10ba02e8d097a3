// A lock on a file that is to be replaced if it still has the expected content, so that of two
// uploads with the same If-Match only one succeeds, in any thread or process of this server.

import { isOutOfReach } from "../../file_stat.ts";

/** How long to wait for another upload's look at the file, in milliseconds, and how often to try. */
const PATIENCE = 5_000;
const PAUSE = 10;

/**
 * Locks a file.
 *
 * @param path The file.
 * @returns The lock; `undefined` if there is no file, or it can't be locked in time.
 */
export async function lockFile(path: string): Promise<Disposable | undefined> {
  using guard = new DisposableStack();
  let file: Deno.FsFile;
  try {
    file = guard.use(await Deno.open(path));
  } catch (error) {
    if (isOutOfReach(error)) return undefined;
    throw error;
  }
  if (!await lockOpened(file)) return undefined;
  guard.move();
  return file;
}

/**
 * Locks a file that is open, until it is closed.
 *
 * @param file The file.
 * @returns `false` if it is locked for too long.
 */
export async function lockOpened(file: Deno.FsFile): Promise<boolean> {
  const until = performance.now() + PATIENCE;
  while (!await file.tryLock(true)) {
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return true;
}
