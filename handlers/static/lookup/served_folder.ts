// Looks up paths in a served folder, and checks the policy for symlinks on the real path.
// The result is cached by inode, so most requests cost no more than the stat that they
// need anyway.

import { BoundedMap } from "../../../cache/bounded_map.ts";
import { normalizePath } from "../../../text/file_paths.ts";
import type { PrivateFiles } from "./private_files.ts";
import {
  isAbsent,
  isDenied,
  isOutOfReach,
  markFileError,
  statSync,
} from "../../file_stat.ts";

/** Which symlinks are followed: those that stay inside the directory, all, or none. */
export type SymlinkPolicy = "inside" | "follow" | "deny";

/** How many allowed paths are cached: those of a large site, in a few megabytes. */
const MAX_CHECKED = 16_384;

/** How long a check counts, in milliseconds: if a parent folder is moved, the file's stat doesn't show it. */
const CHECK_LIFETIME = 1_000;

/** How often a path is looked up again if it resolves to another file each time, because it is being saved over and over. */
export const MAX_TRIES = 5;

/** The file that a path resolved to when it was checked. */
interface Checked {
  readonly inode: number;
  readonly device: number;
  /** The file's ctime. */
  readonly changed: number | undefined;
  /** When the check expires, in milliseconds since the epoch. */
  readonly until: number;
}

/** A path that was looked up, and its stat result. */
export interface Look {
  readonly path: string;
  readonly info: Deno.FileInfo | null;
}

/** What `find()` looked up while a response is recorded. */
let looks: Look[] | undefined;
/** Whether a file could not be read meanwhile: that says nothing about the file itself. */
let spoiled = false;

/** Marks the recorded lookups as incomplete, because a file can't be read just now. */
export function spoilLooks(): void {
  spoiled = true;
}

/**
 * Records every path that `find()` looks up while a function runs. It must not be
 * asynchronous: the paths of other requests would be recorded too.
 *
 * @param work The function.
 * @returns Its result, and the paths; none if a file could not be read.
 */
export function recordLooks<T>(
  work: () => T,
): { readonly result: T; readonly looks: readonly Look[] } {
  const recorded: Look[] = looks = [];
  spoiled = false;
  try {
    const result = work();
    return { result, looks: spoiled ? [] : recorded };
  } finally {
    looks = undefined;
  }
}

/** A served folder. */
export class ServedFolder {
  /** The folder's path, without a trailing slash unless it is the root. */
  readonly path: string;
  readonly #symlinks: SymlinkPolicy;
  readonly #hidden: PrivateFiles | undefined;
  /** The folder's real path, to find private files in it, and when to look it up again. */
  #real = { path: "", until: 0 };
  readonly #checked = new BoundedMap<Checked>(MAX_CHECKED);

  /**
   * Creates a served folder, which need not exist yet.
   *
   * @param path The folder's absolute path.
   * @param symlinks Which symlinks in it are followed.
   * @param hidden The files that are never served, if there are any.
   */
  constructor(path: string, symlinks: SymlinkPolicy, hidden?: PrivateFiles) {
    this.path = path;
    this.#symlinks = symlinks;
    this.#hidden = hidden;
  }

  /**
   * Joins names to a path in the folder.
   *
   * @param segments The names below the folder.
   * @returns The path.
   */
  join(segments: readonly string[]): string {
    const { path } = this;
    return (path.endsWith("/") ? path : path + "/") + segments.join("/");
  }

  /**
   * Checks that the folder can be read. Deno also requires a permission for the real path,
   * so a folder that is a symlink needs both.
   *
   * @throws {Deno.errors.NotCapable} A Deno permission is missing.
   * @throws {Deno.errors.PermissionDenied} The operating system denies access.
   */
  checkReadable(): void {
    const { path } = this;
    let real: string;
    try {
      // "/." checks that names in the folder can be looked up.
      Deno.lstatSync(path + "/.");
      real = Deno.realPathSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw notCapable(path, path);
      if (!isDenied(error)) return;
      throw new Deno.errors.PermissionDenied(
        `Cannot serve "${path}": the server's user has no permission to enter it`,
        { cause: error },
      );
    }
    if (
      Deno.permissions.querySync({ name: "read", path: real }).state !==
        "granted"
    ) {
      // Prompts on a terminal.
      const { state } = Deno.permissions.requestSync({
        name: "read",
        path: real,
      });
      if (state !== "granted") throw notCapable(path, real);
    }
  }

  /**
   * Looks up a path.
   *
   * @param path A path in the folder.
   * @returns The stat result; `null` if it doesn't exist or may not be served.
   * @throws {Deno.errors.NotCapable} Deno may not read the folder itself.
   */
  find(path: string): Deno.FileInfo | null {
    const info = this.#findReadable(path);
    looks?.push({ path, info });
    return info;
  }

  #findReadable(path: string): Deno.FileInfo | null {
    try {
      return this.#find(path);
    } catch (error) {
      // The user excluded this path or a symlink's target, which is not an error.
      if (isOutOfReach(error) && this.#isReadable()) return null;
      spoilLooks();
      throw error;
    }
  }

  #find(path: string): Deno.FileInfo | null {
    for (let tries = 1;; tries++) {
      const info = statSync(path);
      if (info === null || this.allows(path, info)) return info;
      // If a file was just saved by renaming, the path resolves to another file by now.
      if (tries === MAX_TRIES || isSameFile(statSync(path), info)) return null;
    }
  }

  /**
   * Whether the file that a path resolves to may be served.
   *
   * @param path A path in the folder.
   * @param info The file's stat result.
   * @returns `true` if the policy for symlinks allows it, and it is not private.
   */
  allows(path: string, info: Deno.FileInfo): boolean {
    if (this.#hidden === undefined) {
      if (this.#symlinks === "follow") return true;
    } else if (this.#hidden.cover(path, info)) return false;
    const known = this.#checked.get(path);
    if (known !== undefined && isStillValid(known, info)) return true;
    if (!this.#isInside(path, info)) return false;
    this.#remember(path, info);
    return true;
  }

  /**
   * Whether a path below the folder, without symlinks in its names, is that of a private file.
   *
   * @param path The path.
   * @param info The stat result of the path, or of a symlink there; `null` if there is nothing.
   * @returns `true` if it must be neither served nor written.
   */
  isPrivate(path: string, info: Deno.FileInfo | null): boolean {
    const hidden = this.#hidden;
    return hidden !== undefined &&
      (hidden.cover(path, info) || hidden.cover(this.#realOf(path), null));
  }

  /**
   * Finds private entries of a folder by their names, which takes less time than to look up each.
   *
   * @param path The folder.
   * @returns Whether an entry is private; `undefined` if none can be.
   */
  privateIn(path: string): ((entry: Deno.DirEntry) => boolean) | undefined {
    const hidden = this.#hidden;
    if (hidden === undefined) return undefined;
    const folders = [path, realPathOf(path)].map((path) =>
      path.endsWith("/") ? path : path + "/"
    );
    const { haveLinks } = hidden;
    return ({ name, isSymlink }) => {
      if (folders.some((folder) => hidden.cover(folder + name, null))) {
        return true;
      }
      if (!isSymlink && !haveLinks) return false;
      const entry = folders[0] + name;
      return hidden.cover(realPathOf(entry), identityAt(entry));
    };
  }

  /** The path below the real folder. */
  #realOf(path: string): string {
    if (Date.now() >= this.#real.until) {
      const until = Date.now() + CHECK_LIFETIME;
      this.#real = { path: realPathOf(this.path), until };
    }
    const real = this.#real.path;
    const below = path.slice(this.path.length).replace(/^\//, "");
    return (real.endsWith("/") ? real : real + "/") + below;
  }

  #isInside(path: string, info: Deno.FileInfo): boolean {
    try {
      // Resolved each time: the folder may be a symlink that is switched.
      const root = Deno.realPathSync(this.path);
      const real = Deno.realPathSync(path);
      if (this.#hidden?.cover(real, null)) return false;
      const allowed = this.#symlinks === "follow" ||
        (this.#symlinks === "deny"
          ? real === withoutSlash(
            normalizePath(root + path.slice(this.path.length), Deno.build.os),
          )
          : isWithin(real, root));
      if (!allowed) return false;
      // If a symlink was switched meanwhile, `info` is of another file.
      const there = Deno.lstatSync(real);
      return there.ino === info.ino && there.dev === info.dev;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw markFileError(error);
    }
  }

  /** Whether Deno may read the folder, but perhaps not everything below it. */
  #isReadable(): boolean {
    const granted = (path: string) =>
      Deno.permissions.querySync({ name: "read", path }).state === "granted";
    try {
      return granted(this.path) && granted(Deno.realPathSync(this.path));
    } catch (error) {
      // If the folder is missing, so is everything below it.
      return isAbsent(error);
    }
  }

  #remember(path: string, { ino, dev, ctime }: Deno.FileInfo): void {
    // Without an inode, two files can't be distinguished.
    if (ino === null || ino === 0) return;
    this.#checked.set(path, {
      inode: ino,
      device: dev,
      changed: ctime?.getTime(),
      until: Date.now() + CHECK_LIFETIME,
    });
  }
}

/** The real path; the path itself if that can't be found. */
function realPathOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    // What is missing or out of reach is found by its own path, or not at all.
    return path;
  }
}

/** The stat result; `null` also if the file can't be looked up just now, so that nothing else can be sent of it. */
function identityAt(path: string): Deno.FileInfo | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

function notCapable(path: string, real: string): Error {
  const which = path === real ? "it" : `"${real}", its real path`;
  return new Deno.errors.NotCapable(
    `Cannot serve "${path}": Deno may not read ${which}; add --allow-read="${real}"`,
  );
}

/** Whether it is the same file as recently, and its ctime shows no change. */
function isStillValid(
  known: Checked,
  { ino, dev, ctime }: Deno.FileInfo,
): boolean {
  return known.inode === ino && known.device === dev &&
    known.changed === ctime?.getTime() && Date.now() < known.until;
}

function isSameFile(a: Deno.FileInfo | null, b: Deno.FileInfo): boolean {
  return a !== null && a.ino === b.ino && a.dev === b.dev;
}

/** Whether a real path is a folder or below it, comparing whole names. */
function isWithin(path: string, folder: string): boolean {
  if (!path.startsWith(folder)) return false;
  if (path.length === folder.length || /[/\\]$/.test(folder)) return true;
  return path[folder.length] === "/" || path[folder.length] === "\\";
}

function withoutSlash(path: string): string {
  return path.length > 1 && /[/\\]$/.test(path) ? path.slice(0, -1) : path;
}
