// What a path in a served folder leads to, and whether it may be shown. A path is judged
// by where it really leads; what was judged once is known by its inode, so that the
// usual request costs no more than the look at the file that it needs anyway.

import { normalize } from "@std/path";
import { BoundedMap } from "../../../cache/bounded_map.ts";
import {
  isAbsent,
  isDenied,
  isOutOfReach,
  markFileError,
  statSync,
} from "../../file_stat.ts";

/** Which symbolic links are followed: those that stay in the folder, all, or none. */
export type SymlinkPolicy = "inside" | "follow" | "deny";

/** How many judged paths are remembered: a large site's, in a few megabytes. */
const MAX_JUDGED = 16_384;

/** How long a judgement counts, in milliseconds: a folder above may be moved, of which the file shows nothing. */
const JUDGED_FOR = 1_000;

/** How often a path is looked up if it resolves to another file each time, such as one that is saved again and again. */
export const MAX_TRIES = 5;

/** What a path led to when it was judged. */
interface Judged {
  readonly inode: number;
  readonly device: number;
  /** When anything about the file was changed. */
  readonly changed: number | undefined;
  /** Until when it counts, in milliseconds since the epoch. */
  readonly until: number;
}

/** A served folder. */
export class ServedFolder {
  /** The folder's path, without a slash at its end but for the root's. */
  readonly path: string;
  readonly #symlinks: SymlinkPolicy;
  readonly #judged = new BoundedMap<Judged>(MAX_JUDGED);

  /**
   * Takes a folder, which need not be there yet.
   *
   * @param path The folder's absolute path.
   * @param symlinks Which symbolic links in it are followed.
   */
  constructor(path: string, symlinks: SymlinkPolicy) {
    this.path = path;
    this.#symlinks = symlinks;
  }

  /**
   * The path of something in the folder.
   *
   * @param segments Its names below the folder.
   * @returns The path.
   */
  join(segments: readonly string[]): string {
    const { path } = this;
    return (path.endsWith("/") ? path : path + "/") + segments.join("/");
  }

  /**
   * Makes sure that the folder can be read. Deno asks for permission to each file by its
   * real path, too: a folder that is a symlink needs both.
   *
   * @throws {Deno.errors.NotCapable} A permission of Deno's is missing.
   * @throws {Deno.errors.PermissionDenied} The operating system denies it.
   */
  checkReadable(): void {
    const { path } = this;
    let real: string;
    try {
      // The slash: what matters is whether a name in it can be looked up.
      Deno.lstatSync(path + "/.");
      real = Deno.realPathSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw notCapable(path, path);
      if (!isDenied(error)) return;
      throw new Deno.errors.PermissionDenied(
        `Cannot serve "${path}": the user that runs the server may not enter it`,
        { cause: error },
      );
    }
    if (
      Deno.permissions.querySync({ name: "read", path: real }).state !==
        "granted"
    ) {
      // Asks on a terminal.
      const { state } = Deno.permissions.requestSync({
        name: "read",
        path: real,
      });
      if (state !== "granted") throw notCapable(path, real);
    }
  }

  /**
   * Looks up what a path leads to.
   *
   * @param path A path in the folder.
   * @returns What is there; `null` where nothing is, or nothing that may be shown.
   * @throws {Deno.errors.NotCapable} If Deno may not read the folder itself.
   */
  find(path: string): Deno.FileInfo | null {
    try {
      return this.#find(path);
    } catch (error) {
      // The user excluded this path, or a symlink's target: no fault of the program.
      if (isOutOfReach(error) && this.#isReadable()) return null;
      throw error;
    }
  }

  #find(path: string): Deno.FileInfo | null {
    for (let tries = 1;; tries++) {
      const info = statSync(path);
      if (info === null || this.allows(path, info)) return info;
      // Where a file is saved by renaming, another one has its name by now.
      if (tries === MAX_TRIES || isSameFile(statSync(path), info)) return null;
    }
  }

  /**
   * Whether what a path leads to may be shown.
   *
   * @param path A path in the folder.
   * @param info What it leads to, as just seen.
   * @returns `true` where the policy for symbolic links allows it.
   */
  allows(path: string, info: Deno.FileInfo): boolean {
    if (this.#symlinks === "follow") return true;
    const known = this.#judged.get(path);
    if (known !== undefined && isStillJudged(known, info)) return true;
    if (!this.#leadsInside(path, info)) return false;
    this.#remember(path, info);
    return true;
  }

  #leadsInside(path: string, info: Deno.FileInfo): boolean {
    try {
      // Asked anew each time: the folder may be a link that is pointed elsewhere.
      const root = Deno.realPathSync(this.path);
      const real = Deno.realPathSync(path);
      const allowed = this.#symlinks === "deny"
        ? real === withoutSlash(normalize(root + path.slice(this.path.length)))
        : isWithin(real, root);
      if (!allowed) return false;
      // What was seen before a link was turned is not what this path leads to.
      const there = Deno.lstatSync(real);
      return there.ino === info.ino && there.dev === info.dev;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw markFileError(error);
    }
  }

  /** Whether Deno may read the folder, if perhaps not everything below it. */
  #isReadable(): boolean {
    const granted = (path: string) =>
      Deno.permissions.querySync({ name: "read", path }).state === "granted";
    try {
      return granted(this.path) && granted(Deno.realPathSync(this.path));
    } catch (error) {
      // Then there is nothing below it.
      return isAbsent(error);
    }
  }

  #remember(path: string, { ino, dev, ctime }: Deno.FileInfo): void {
    // Without an inode two files can't be told apart.
    if (ino === null || ino === 0) return;
    this.#judged.set(path, {
      inode: ino,
      device: dev,
      changed: ctime?.getTime(),
      until: Date.now() + JUDGED_FOR,
    });
  }
}

function notCapable(path: string, real: string): Error {
  const which = path === real ? "it" : `"${real}", which it leads to`;
  return new Deno.errors.NotCapable(
    `Cannot serve "${path}": Deno may not read ${which}; add --allow-read="${real}"`,
  );
}

/** Whether it is the same file as before, not long ago, and nothing has moved it since. */
function isStillJudged(
  known: Judged,
  { ino, dev, ctime }: Deno.FileInfo,
): boolean {
  return known.inode === ino && known.device === dev &&
    known.changed === ctime?.getTime() && Date.now() < known.until;
}

function isSameFile(a: Deno.FileInfo | null, b: Deno.FileInfo): boolean {
  return a !== null && a.ino === b.ino && a.dev === b.dev;
}

/** Whether one real path is another, or below it, by whole names. */
function isWithin(path: string, folder: string): boolean {
  if (!path.startsWith(folder)) return false;
  if (path.length === folder.length || /[/\\]$/.test(folder)) return true;
  return path[folder.length] === "/" || path[folder.length] === "\\";
}

function withoutSlash(path: string): string {
  return path.length > 1 && /[/\\]$/.test(path) ? path.slice(0, -1) : path;
}
