// Gives a file that was received its name, all at once. A name that is taken is found out by the
// system's own operation, not by a look before it, so two uploads can't both win.

import { isDenoError } from "../../../connection/runtime.ts";
import type { Refused } from "./interfaces.ts";
import { numberedName } from "./names.ts";

/** How many names are tried with the policy "rename". */
const MAX_NUMBER = 1_000;

/** The codes of file systems without hard links. */
const NO_LINKS: ReadonlySet<unknown> = new Set([
  "EACCES",
  "EMLINK",
  "ENOSYS",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EPERM",
]);

/**
 * Gives a file a name that must be free.
 *
 * @param temp The file's path.
 * @param path Its new path.
 * @returns `false` if the name is taken.
 */
export async function publishNew(
  temp: string,
  path: string,
): Promise<boolean> {
  try {
    await Deno.link(temp, path);
  } catch (error) {
    if (isTaken(error)) return false;
    if (!hasNoLinks(error)) throw error;
    return await reserveAndRename(temp, path);
  }
  await Deno.remove(temp);
  return true;
}

/**
 * Gives a file a name, or the first one with a number that is free.
 *
 * @param temp The file's path.
 * @param path Its new path.
 * @returns The name; or that too many are taken.
 */
export async function publishNumbered(
  temp: string,
  path: string,
): Promise<string | Refused> {
  const at = path.lastIndexOf("/") + 1;
  const wanted = path.slice(at);
  for (let number = 0; number <= MAX_NUMBER; number++) {
    const name = number === 0 ? wanted : numberedName(wanted, number);
    if (await publishNew(temp, path.slice(0, at) + name)) return name;
  }
  return { kind: "refused", status: 409, reason: "The name is taken" };
}

/**
 * Without hard links, an empty file reserves the name until the whole one replaces it. Only a
 * server that is killed in between leaves an empty file.
 */
async function reserveAndRename(temp: string, path: string): Promise<boolean> {
  try {
    const reserved = await Deno.open(path, { write: true, createNew: true });
    reserved.close();
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
  try {
    await Deno.rename(temp, path);
  } catch (error) {
    await Deno.remove(path);
    throw error;
  }
  return true;
}

function isTaken(error: unknown): boolean {
  return isDenoError(error, "AlreadyExists");
}

function hasNoLinks(error: unknown): boolean {
  return error instanceof Error &&
    (isDenoError(error, "NotSupported", "PermissionDenied") ||
      ("code" in error && NO_LINKS.has(error.code)));
}
