// Reads a file of rules if it has changed, and says why one that exists isn't used.

import {
  isMissing,
  isOutOfReach,
  isSettled,
  isUnavailable,
  markFileError,
  statSync,
} from "../../file_stat.ts";
import type { ServedFolder } from "../lookup/served_folder.ts";

/** The largest file of rules, in bytes: it is parsed while no other request is served. */
const MAX_FILE = 1024 * 1024;

/** A file of rules, as it was read last. */
export interface ReadFile {
  /** What tells whether it has changed. */
  readonly state: string;
  /** Whether a further change would show. */
  readonly settled: boolean;
  /** Its text; empty if it is missing. */
  readonly text: string;
  /** Why it is not used. */
  readonly fault?: string;
}

/** There is no file. */
export const MISSING: ReadFile = { state: "", settled: true, text: "" };

/**
 * Reads a file of rules.
 *
 * @param folder The folder that contains it.
 * @param path Its path.
 * @param known The file as it was read last.
 * @returns The file; `undefined` if it has not changed, or can't be read just now.
 * @throws {Error} The file system fails in an unexpected way.
 */
export function readRules(
  folder: ServedFolder,
  path: string,
  known: ReadFile | undefined,
): ReadFile | undefined {
  try {
    const info = statSync(path);
    if (info === null) return unusable(path, "the file can't be read");
    if (info.isDirectory) return unused("it is a directory");
    // Reading a FIFO would wait for its writer.
    if (!info.isFile) return unused("it is not a regular file");
    if (!folder.allows(path, info)) {
      // It may have been replaced since it was looked up.
      return statSync(path)?.ino === info.ino
        ? unusable(path, "the file is private")
        : undefined;
    }
    const { size, mtime, ctime, ino, dev } = info;
    const state = [size, mtime?.getTime(), ctime?.getTime(), ino, dev]
      .join(" ");
    if (known?.state === state && known.settled) return undefined;
    const settled = isSettled(info);
    return size > MAX_FILE
      ? { state, settled, text: "", fault: "the file is larger than 1 MiB" }
      : { state, settled, text: Deno.readTextFileSync(path) };
  } catch (error) {
    if (isUnavailable(markFileError(error))) return undefined;
    if (isMissing(error)) return MISSING;
    if (!isOutOfReach(error)) throw error;
    return unused("the file can't be read");
  }
}

function unused(fault: string): ReadFile {
  return { ...MISSING, fault };
}

/** What is at a path that can't be followed, or may not be. */
function unusable(path: string, otherwise: string): ReadFile {
  return Deno.lstatSync(path).isSymlink
    ? unused("the symlink is broken, or its target may not be served")
    : unused(otherwise);
}
