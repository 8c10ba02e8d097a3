// Where a file is to be stored: the folders of its path, those that are missing, and what there is
// under its name. No symlink is followed, not even one that stays inside: the policy for symlinks
// is about reading.

import { isMissing } from "../../file_stat.ts";
import type { ServedFolder } from "../lookup/served_folder.ts";
import type { Refused } from "./interfaces.ts";
import type { Existing } from "./plan.ts";

/** Where a file is to be stored. */
export interface UploadPlace {
  readonly kind: "place";
  /** The path of the file. */
  readonly path: string;
  /** The innermost folder of the path that exists. */
  readonly parent: string;
  /** The number of its file system. */
  readonly device: number;
  /** The paths of the missing folders, from the outermost one. */
  readonly missing: readonly string[];
  /** What is under the name. */
  readonly existing: Existing;
  /** Its stat result. */
  readonly info: Deno.FileInfo | null;
}

const SYMLINK: Refused = Object.freeze({
  kind: "refused",
  status: 403,
  reason: "Uploads don't follow symlinks",
});

/** The file of the users, for example. */
const PRIVATE: Refused = Object.freeze({
  kind: "refused",
  status: 403,
  reason: "The name is reserved",
});

/**
 * Finds the place of a file.
 *
 * @param folder The served folder.
 * @param names The names below it. They were checked.
 * @returns The place, or the reason for refusing it.
 */
export async function findPlace(
  folder: ServedFolder,
  names: readonly string[],
): Promise<UploadPlace | Refused> {
  const root = await look(Deno.stat(folder.path));
  if (!root?.isDirectory) return refused(404, "File not found");
  if (folder.isPrivate(folder.join(names), null)) return PRIVATE;
  let parent = folder.path;
  let { dev } = root;
  for (const [depth, name] of names.slice(0, -1).entries()) {
    const path = join(parent, name);
    const info = await look(Deno.lstat(path));
    if (info !== null && folder.isPrivate(path, info)) return PRIVATE;
    if (info === null) {
      const missing = names.slice(depth, -1).map((_, at) =>
        join(parent, names.slice(depth, depth + at + 1).join("/"))
      );
      return {
        kind: "place",
        path: join(parent, names.slice(depth).join("/")),
        parent,
        device: dev,
        missing,
        existing: "nothing",
        info: null,
      };
    }
    if (info.isSymlink) return SYMLINK;
    if (!info.isDirectory) {
      return refused(409, "A folder of the path is a file");
    }
    parent = path;
    dev = info.dev;
  }
  const path = join(parent, names.at(-1)!);
  const info = await look(Deno.lstat(path));
  if (info?.isSymlink) return SYMLINK;
  if (info !== null && folder.isPrivate(path, info)) return PRIVATE;
  return {
    kind: "place",
    path,
    parent,
    device: dev,
    missing: [],
    existing: kindOf(info),
    info,
  };
}

/**
 * Creates the missing folders of a place.
 *
 * @param place The place.
 * @returns Why they can't be created.
 */
export async function makeFolders(
  { missing }: UploadPlace,
): Promise<Refused | undefined> {
  for (const path of missing) {
    try {
      await Deno.mkdir(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      // Another upload was faster, or someone put a symlink there.
      const info = await look(Deno.lstat(path));
      if (info?.isSymlink) return SYMLINK;
      if (!info?.isDirectory) {
        return refused(409, "A folder of the path is a file");
      }
    }
  }
  return undefined;
}

async function look(
  stat: Promise<Deno.FileInfo>,
): Promise<Deno.FileInfo | null> {
  try {
    return await stat;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    // Such as a name that is too long for this file system.
    if (isMissing(error)) return null;
    throw error;
  }
}

function kindOf(info: Deno.FileInfo | null): Existing {
  if (info === null) return "nothing";
  return info.isFile ? "file" : info.isDirectory ? "folder" : "other";
}

function join(folder: string, name: string): string {
  return folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}

function refused(status: number, reason: string): Refused {
  return { kind: "refused", status, reason };
}
