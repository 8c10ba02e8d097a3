// Virtual files, such as those in /proc. Some block until something happens, and requests
// must not wait for that.

import { markFileError } from "../../file_stat.ts";
import { openSource, type SourceFile } from "../../source.ts";
import { Slots } from "./slots.ts";

/** How long to wait for the first bytes, in milliseconds. */
const MAX_WAIT = 2_000;

/** How many files may block; each occupies one of the runtime's threads, even after its client has disconnected. */
const MAX_BLOCKED = 16;

// Requests wait for a slot: an empty file takes one only for a moment. Each waiting request has a
// connection, and those are bounded.
const blocked = new Slots(MAX_BLOCKED, Infinity);

/**
 * Opens a file of unknown size for reading; see `openSource()`.
 *
 * @param file The open file, which is closed with the result, or if this fails.
 * @returns The source; its size is `Infinity` if it is too large to be read in advance.
 * @throws {Deno.errors.TimedOut} There is nothing to read yet; see `isUnavailable()`.
 */
export async function openUnsized(file: Deno.FsFile): Promise<SourceFile> {
  let state: "waiting" | "opening" | "late" = "waiting";
  const opening = blocked.take()!.then(() => {
    if (state === "late") throw notYet();
    state = "opening";
    return openSource(file, 0);
  }).finally(() => blocked.release());
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), MAX_WAIT);
  });
  const source = await Promise.race([opening, late])
    .finally(() => clearTimeout(timer));
  if (source !== undefined) return source;
  if (state === "waiting") file.close();
  state = "late";
  opening.then(
    (source) => source.close(),
    // The file is closed, and the client already has its response.
    () => undefined,
  );
  throw notYet();
}

function notYet(): Error {
  return markFileError(
    new Deno.errors.TimedOut("A file of unknown size has nothing to read yet"),
  );
}
