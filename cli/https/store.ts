// Reads and writes the files of certificates. A file is either complete or not there, and one process
// at a time makes an authority.

import { parentOf } from "./folders.ts";

/** How long to wait for another process that makes one, in milliseconds. It takes some milliseconds. */
const MAX_WAIT = 5_000;

/** How often to look whether it is done, in milliseconds. */
const POLL = 20;

/** The largest file, in bytes; these have a few kilobytes. */
const MAX_FILE = 1024 * 1024;

/** The name of the file that is locked. */
const LOCK = "lock";

/**
 * Reads a file.
 *
 * @param path The path.
 * @returns The text; `undefined` if the file doesn't exist.
 * @throws {Error} If it can't be read.
 */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    if ((await Deno.stat(path)).size > MAX_FILE) return "";
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Writes a file, so that a reader sees the old or the new content.
 *
 * @param path The path.
 * @param text The content.
 * @param mode The permissions of the file.
 * @throws {Error} If it can't be written.
 */
export async function writeAtomically(
  path: string,
  text: string,
  mode: number,
): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.writeTextFile(temporary, text, { createNew: true, mode });
    await Deno.rename(temporary, path);
  } catch (error) {
    await removeIfThere(temporary);
    throw error;
  }
}

/**
 * Creates the folder if necessary, and runs a function while no other process does.
 *
 * @typeParam Result What it returns.
 * @param folder The folder.
 * @param run The function.
 * @returns Its result.
 * @throws {Deno.errors.TimedOut} If another process doesn't finish in time.
 */
export async function locked<Result>(
  folder: string,
  run: () => Promise<Result>,
): Promise<Result> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  // The system unlocks it when the process ends, however that happens.
  using file = await Deno.open(`${folder}/${LOCK}`, {
    write: true,
    create: true,
    mode: 0o600,
  });
  for (const start = Date.now(); !await file.tryLock(true);) {
    if (Date.now() - start > MAX_WAIT) {
      throw new Deno.errors.TimedOut(
        `another process has locked ${folder}/${LOCK} for ${
          MAX_WAIT / 1000
        } seconds`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  try {
    return await run();
  } finally {
    await file.unlock();
  }
}

/**
 * Checks that files can be written to a folder, which may not exist yet. Leaves nothing behind.
 *
 * @param folder The folder.
 * @throws {Error} If they can't.
 */
export async function checkWritable(folder: string): Promise<void> {
  let dir = folder;
  while (!await isThere(dir) && parentOf(dir) !== dir) dir = parentOf(dir);
  await Deno.remove(await Deno.makeTempDir({ dir, prefix: ".httpserver-" }));
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Removes certificates of servers that were written long ago.
 *
 * @param folder The folder.
 * @param pattern Matches their names.
 * @param before When they must have been written, in milliseconds since 1970.
 */
export async function removeOld(
  folder: string,
  pattern: RegExp,
  before: number,
): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!pattern.test(name)) continue;
    const path = `${folder}/${name}`;
    const info = await Deno.stat(path).catch((error) => {
      // Another process has removed it.
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    });
    const modified = info?.mtime?.getTime() ?? Infinity;
    if (modified < before) await removeIfThere(path);
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
