// Files that the kernel makes up when they are read, such as those in /proc: their size
// is 0, and only reading them shows how much there is.

import { markFileError } from "../file_stat.ts";
import { Slots } from "./compression_slots.ts";
import { readUpTo } from "./open_file.ts";
import { StreamFile } from "./stream_file.ts";

/** How much is read before the head is sent, in bytes; the rest of a longer file is streamed. */
const READ_FIRST = 256 * 1024;

/** How much of the rest is read at once, in bytes. */
const BLOCK = 64 * 1024;

/** How long a file may take to begin, in milliseconds: some wait for something to happen first. */
const PATIENCE = 2_000;

/** How many reads may wait like that; each holds one of the runtime's threads, even if its client has left. */
const MAX_WAITING = 16;

const waiting = new Slots(MAX_WAITING, 0);

/**
 * Reads a file whose size is unknown, and closes it when that is done.
 *
 * @param file The open file.
 * @returns The content, or a stream of it if it is long.
 * @throws {Deno.errors.TimedOut} There is nothing to read yet; see `isUnavailable()`.
 */
export async function readUnsized(
  file: Deno.FsFile,
): Promise<Uint8Array | StreamFile> {
  if (!waiting.tryTake()) {
    file.close();
    throw notYet();
  }
  const reading = readUpTo(file, READ_FIRST).finally(() => waiting.release());
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), PATIENCE);
  });
  let content: Uint8Array | "late";
  try {
    content = await Promise.race([reading, late]);
  } catch (error) {
    file.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  if (content === "late") {
    const close = () => file.close();
    reading.then(close, close);
    throw notYet();
  }
  if (content.length === READ_FIRST) {
    return new StreamFile(piecesOf(content, file), file);
  }
  file.close();
  return content;
}

function notYet(): Error {
  return markFileError(
    new Deno.errors.TimedOut("A file of unknown size has nothing to read yet"),
  );
}

async function* piecesOf(
  first: Uint8Array,
  file: Deno.FsFile,
): AsyncGenerator<Uint8Array> {
  yield first;
  for (;;) {
    const block = await readUpTo(file, BLOCK);
    if (block.length === 0) return;
    yield block;
  }
}
