// Finds the files and folders that go into an archive: those that the site serves by their
// URLs. Nothing is opened except to find out whether it can be.

import { joinPath } from "../../../text/file_paths.ts";
import {
  isOutOfReach,
  isSettled,
  markFileError,
  modifiedAt,
  statSync,
} from "../../file_stat.ts";
import { type HiddenPolicy, isHidden } from "../lookup/hidden.ts";
import type { ServedFolder } from "../lookup/served_folder.ts";
import type { ArchiveEntry } from "./layout.ts";
import { safeNames } from "./names.ts";
import { Pause } from "./pause.ts";

/** A file or folder to archive, in the state in which it was found. */
export interface WalkedEntry extends ArchiveEntry {
  /** The path in the file system. */
  readonly path: string;
  readonly dev: number;
  readonly ino: number | null;
  /** When content or metadata last changed, in milliseconds since the epoch. */
  readonly ctimeMs: number | null;
  /** Whether a further change would show in its times. */
  readonly settled: boolean;
}

/** What to archive. */
export interface WalkRequest {
  /** The served folder. */
  readonly folder: ServedFolder;
  /** The path of the folder to archive. */
  readonly path: string;
  /** The name of that folder in the archive. */
  readonly name: string;
  /** Whether dotfiles are archived. */
  readonly dotFiles: HiddenPolicy;
  /** Whether the folder is the root of the served folder, where `.well-known` is never hidden. */
  readonly root: boolean;
  /** Whether an entry of that folder is left out. */
  readonly omits?: ((name: string) => boolean) | undefined;
  /** The paths below the folder that are URLs of other folders. */
  readonly mounts: ReadonlySet<string>;
}

/** Limits of one archive, and of all archives that are being sent. */
export interface WalkLimits {
  /** The most entries: their facts take some 40 MB until a slow client has everything. */
  readonly entries: number;
  /** The most folders in each other. Symlinks can make paths of any depth. */
  readonly depth: number;
  /** The most characters of all paths together, each of which is kept twice. */
  readonly characters: number;
  /** The most symlinks: each takes some 0.1 ms to check, and those to folders can multiply. */
  readonly links: number;
  /** The most entries of all archives of this process: some 100 MB. */
  readonly total: number;
}

/** A folder with everything to archive. */
export interface Walked {
  /** Its stat result. */
  readonly info: Deno.FileInfo;
  /** The folder itself, and the files and folders in it. */
  readonly entries: readonly WalkedEntry[];
}

/** The limits. */
export const LIMITS: WalkLimits = Object.freeze({
  entries: 100_000,
  depth: 100,
  characters: 16 * 1024 * 1024,
  links: 10_000,
  total: 250_000,
});

/** The longest path in an archive, in UTF-16 units: zip has 65,535 bytes for it, and a unit takes up to 3. */
const MAX_NAME = 20_000;

/** Everyone may read it. */
const READABLE = 0o444;

/** A folder that has too much in it. */
export class TooLarge extends Error {
  /** The name of the error class. */
  override readonly name: string = "TooLarge";
}

/** How many entries are in memory, of all archives. */
let held = 0;

/**
 * Counts entries that are kept in memory.
 *
 * @param count How many.
 * @returns Disposed of when they are released.
 */
export function holdEntries(count: number): Disposable {
  held += count;
  let over = false;
  return {
    [Symbol.dispose]() {
      if (!over) held -= count;
      over = true;
    },
  };
}

/**
 * Finds everything to archive, with the folder itself first. Names are in the order of
 * their UTF-16 units, so an archive of the same files always has the same bytes.
 *
 * @param request What to archive.
 * @param limits The limits.
 * @returns What was found; `undefined` if the path is not a folder that can be read.
 * @throws {TooLarge} There is too much in it.
 * @throws {Error} A file can't be looked up just now, or other archives take all memory.
 */
export async function walk(
  request: WalkRequest,
  limits: WalkLimits = LIMITS,
): Promise<Walked | undefined> {
  const info = request.folder.find(request.path);
  if (!info?.isDirectory) return undefined;
  const walker = new Walker(request, limits);
  try {
    const found = await walker.walk(info);
    return found ? { info, entries: walker.entries } : undefined;
  } finally {
    held -= walker.entries.length;
  }
}

class Walker {
  readonly entries: WalkedEntry[] = [];
  readonly #request: WalkRequest;
  readonly #limits: WalkLimits;
  readonly #pause = new Pause();
  /** The folders that contain the current one, by identity. */
  readonly #above = new Set<string>();
  #characters = 0;
  #links = 0;

  constructor(request: WalkRequest, limits: WalkLimits) {
    this.#request = request;
    this.#limits = limits;
  }

  async walk(info: Deno.FileInfo): Promise<boolean> {
    const { path, name } = this.#request;
    const below = path.endsWith("/") ? path.slice(0, -1) : path;
    return await this.#addFolder(below || "/", name + "/", info);
  }

  /** Adds a folder with all below it. Returns `false` if it can't be read. */
  async #addFolder(
    path: string,
    name: string,
    info: Deno.FileInfo,
  ): Promise<boolean> {
    const identity = identityOf(path, info);
    // A symlink to a folder that contains it.
    if (this.#above.has(identity)) return false;
    if (this.#above.size === this.#limits.depth) {
      throw new TooLarge("Folders are too deep for an archive");
    }
    const children = await this.#readFolder(path);
    if (children === undefined) return false;
    this.#add(path, name, info);
    this.#above.add(identity);
    const names = safeNames(children.map((child) => child.name));
    for (const [index, child] of children.entries()) {
      await this.#addChild(child, path, name + names[index]!);
      await this.#pause.whenDue();
    }
    this.#above.delete(identity);
    return true;
  }

  async #addChild(
    { name, isSymlink }: Deno.DirEntry,
    folder: string,
    archived: string,
  ): Promise<void> {
    const path = joinPath(folder, name, Deno.build.os);
    const info = this.#look(path, isSymlink);
    if (info?.isDirectory) {
      await this.#addFolder(path, archived + "/", info);
    } else if (info?.isFile && canRead(path, info)) {
      this.#add(path, archived, info);
    }
  }

  /** Reads a folder's entries, sorted; `undefined` if that is not allowed. */
  async #readFolder(path: string): Promise<Deno.DirEntry[] | undefined> {
    const { dotFiles, root, omits, mounts } = this.#request;
    const top = this.#above.size === 0;
    const below = mounts.size === 0 ? "" : this.#below(path);
    const entries: Deno.DirEntry[] = [];
    try {
      for await (const entry of Deno.readDir(path)) {
        const { name, isFile, isDirectory, isSymlink } = entry;
        if (!isFile && !isDirectory && !isSymlink) continue;
        if (isHidden(top && root ? [name] : ["", name], dotFiles)) continue;
        if (top && root && omits?.(name)) continue;
        if (mounts.size > 0 && mounts.has(below + name)) continue;
        if (this.entries.length + entries.length >= this.#limits.entries) {
          throw tooMany();
        }
        entries.push(entry);
      }
    } catch (error) {
      if (error instanceof TooLarge) throw error;
      if (isOutOfReach(error)) return undefined;
      throw markFileError(error);
    }
    return entries.sort((a, b) => a.name < b.name ? -1 : 1);
  }

  /** The path of a folder below the archived one, with a slash at its end unless it is empty. */
  #below(path: string): string {
    const { length } = this.#request.path.replace(/\/$/, "");
    const rest = path.slice(length).replaceAll("\\", "/").replace(/^\//, "");
    return rest === "" ? "" : rest + "/";
  }

  /** The stat result of a path; `null` if the site doesn't serve it. */
  #look(path: string, isSymlink: boolean): Deno.FileInfo | null {
    if (isSymlink && ++this.#links > this.#limits.links) {
      throw new TooLarge("Too many symlinks for an archive");
    }
    try {
      // Without a symlink, it is in the folder. That is checked again when it is opened.
      const { folder } = this.#request;
      if (isSymlink) return folder.find(path);
      const info = statSync(path);
      return info === null || folder.isPrivate(path, info) ? null : info;
    } catch (error) {
      if (isOutOfReach(error)) return null;
      throw error;
    }
  }

  #add(path: string, name: string, info: Deno.FileInfo): void {
    const { entries, characters, total } = this.#limits;
    this.#characters += name.length;
    if (this.entries.length === entries) throw tooMany();
    if (this.#characters > characters || name.length > MAX_NAME) {
      throw new TooLarge("Paths are too long for an archive");
    }
    if (held >= total) {
      throw markFileError(
        new Deno.errors.Busy("Archives of too many files are being sent"),
      );
    }
    this.entries.push(entryOf(path, name, info));
    held++;
  }
}

function tooMany(): TooLarge {
  return new TooLarge("Too many files for an archive");
}

function entryOf(
  path: string,
  name: string,
  info: Deno.FileInfo,
): WalkedEntry {
  const { dev, ino, mode, ctime } = info;
  const mtimeMs = modifiedAt(info);
  return {
    path,
    name,
    size: info.isFile ? info.size : 0,
    mtimeMs,
    mode,
    dev,
    ino,
    ctimeMs: ctime?.getTime() ?? null,
    settled: mtimeMs !== null && isSettled(info),
  };
}

/** What a folder is recognized by: its real path if the file system has no inodes. */
function identityOf(path: string, { dev, ino }: Deno.FileInfo): string {
  return ino === null || ino === 0 ? Deno.realPathSync(path) : `${dev} ${ino}`;
}

/** Whether a file can be opened: one that can't would end each download in the middle. */
function canRead(path: string, { mode }: Deno.FileInfo): boolean {
  if (mode !== null && (mode & READABLE) === READABLE) return true;
  try {
    Deno.openSync(path).close();
    return true;
  } catch (error) {
    if (isOutOfReach(error)) return false;
    throw markFileError(error);
  }
}
