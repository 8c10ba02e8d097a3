// Files that the kernel makes up when they are read, such as those in /proc. Some have
// nothing to read before something happens: nobody may wait for that.

import { markFileError } from "../../file_stat.ts";
import { openSource, type SourceFile } from "../../source.ts";
import { Slots } from "./slots.ts";

/** How long a file may take to begin, in milliseconds. */
const PATIENCE = 2_000;

/** How many files may be waited for; each holds one of the runtime's threads, even after its client has left. */
const MAX_WAITING = 16;

const waiting = new Slots(MAX_WAITING, 0);

/**
 * Opens a file of unknown size for reading, as `openSource()` does.
 *
 * @param file The open file, which is closed with the result, or if this fails.
 * @returns The source; its size is `Infinity` if there is more than can be read beforehand.
 * @throws {Deno.errors.TimedOut} There is nothing to read yet; see `isUnavailable()`.
 */
export async function openUnsized(file: Deno.FsFile): Promise<SourceFile> {
  if (!waiting.tryTake()) {
    file.close();
    throw notYet();
  }
  const opening = openSource(file, 0).finally(() => waiting.release());
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE);
  });
  const source = await Promise.race([opening, late])
    .finally(() => clearTimeout(timer));
  if (source !== undefined) return source;
  opening.then(
    (source) => source.close(),
    // The file is closed, and the client has its response.
    () => undefined,
  );
  throw notYet();
}

function notYet(): Error {
  return markFileError(
    new Deno.errors.TimedOut("A file of unknown size has nothing to read yet"),
  );
}
