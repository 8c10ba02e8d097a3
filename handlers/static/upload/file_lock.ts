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
  for (const until = performance.now() + PATIENCE;;) {
    if (await file.tryLock(true)) break;
    if (performance.now() > until) return undefined;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  guard.move();
  return file;
}
