// Watches the folders of a site, and opens the watch again after a folder was deleted and made
// again, or its symlink was switched: the system watches inodes, not paths.

import { isAbsent } from "../../file_stat.ts";
import { isIgnored, isIgnoredFolder } from "./names.ts";
import { planWatches } from "./watch_plan.ts";

const SEPARATOR = Deno.build.os === "windows" ? "\\" : "/";

/** What a watcher reports. */
export interface WatchListener {
  /** Called for each change: the paths, "all" if the system has lost some. */
  changed(paths: readonly string[] | "all"): void;
  /** Called if the system can't watch a folder. */
  failed(folder: string, error: unknown): void;
  /** Whether a path counts even if its name is ignored. */
  isWanted(path: string): boolean;
}

/** A folder to watch. */
export interface WatchedFolder {
  /** Its path. */
  readonly path: string;
  /** Whether the folders in it are not watched. */
  readonly flat?: boolean | undefined;
}

/** A watched folder. */
class Root {
  readonly path: string;
  readonly #flat: boolean;
  readonly #listener: WatchListener;
  #real = "";
  /** Which folder is watched; empty for none. */
  #identity = "";
  #alone = new Set<string>();
  #watchers: Deno.FsWatcher[] = [];

  constructor({ path, flat }: WatchedFolder, listener: WatchListener) {
    this.path = path;
    this.#flat = flat ?? false;
    this.#listener = listener;
  }

  /** Watches the folder that is there now. Returns whether it is another one than before. */
  open(): boolean {
    const identity = this.#look();
    if (identity === this.#identity) return false;
    this.#identity = identity;
    if (identity === "") this.close();
    else this.#watch();
    return true;
  }

  close(): void {
    this.#identity = "";
    this.#closeWatches();
  }

  #closeWatches(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close();
  }

  #look(): string {
    try {
      this.#real = Deno.realPathSync(this.path);
      const { dev, ino, birthtime } = Deno.statSync(this.#real);
      // A new folder may get the inode of one that was just deleted.
      return `${dev} ${ino} ${birthtime?.getTime()} ${this.#real}`;
    } catch (error) {
      if (isAbsent(error)) return "";
      throw error;
    }
  }

  /**
   * Watches the folder. Deno shares the watches of a path, so the old ones, which may be silent, are
   * closed first.
   */
  #watch(): void {
    this.#closeWatches();
    try {
      const { alone, whole } = this.#flat
        ? { alone: [this.#real], whole: [] }
        : planWatches(this.#real, Deno.build.os);
      this.#alone = new Set(this.#flat ? [] : alone);
      for (
        const [paths, recursive] of [[alone, false], [whole, true]] as const
      ) {
        if (paths.length === 0) continue;
        const watcher = Deno.watchFs([...paths], { recursive });
        this.#watchers.push(watcher);
        this.#read(watcher).catch((error) => this.#fail(error));
      }
    } catch (error) {
      this.#closeWatches();
      // If a folder was removed meanwhile, the next look tries again.
      if (isAbsent(error)) this.#identity = "";
      else this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#listener.failed(this.path, error);
  }

  async #read(watcher: Deno.FsWatcher): Promise<void> {
    for await (const event of watcher) this.#note(event);
  }

  #note({ kind, paths, flag }: Deno.FsEvent): void {
    if (flag === "rescan") return this.#listener.changed("all");
    // Reading a file is reported too.
    if (kind === "access") return;
    const changed: string[] = [];
    let grown = false;
    for (const real of paths) {
      const below = withSlashes(real.slice(this.#real.length));
      // The watches of a process get each other's events.
      if (!real.startsWith(this.#real) || !/^(?:$|\/)/.test(below)) continue;
      // The watch is silent from now on, even if the folder is made again.
      if (below === "" && kind !== "modify") this.close();
      const path = this.path + below;
      const names = below.split("/").filter((name) => name !== "");
      if (isIgnored(names) && !this.#listener.isWanted(path)) continue;
      changed.push(path);
      grown ||= kind !== "modify" && this.#isNewFolder(real);
    }
    if (changed.length > 0) this.#listener.changed(changed);
    if (grown && this.#identity !== "") {
      this.#watch();
      this.#listener.changed([this.path]);
    }
  }

  /** Whether a path is a folder that appeared in one that is watched alone. */
  #isNewFolder(path: string): boolean {
    const at = path.lastIndexOf(SEPARATOR);
    if (!this.#alone.has(path.slice(0, at) || "/")) return false;
    if (isIgnoredFolder(path.slice(at + 1))) return false;
    try {
      return Deno.lstatSync(path).isDirectory;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }
}

/** Paths below a served folder have slashes on Windows too. */
function withSlashes(path: string): string {
  return SEPARATOR === "/" ? path : path.replaceAll(SEPARATOR, "/");
}

/** Whether a folder is watched with another one. */
function isWatchedBy(folder: WatchedFolder, other: WatchedFolder): boolean {
  if (other.flat) return false;
  return folder.path === other.path
    ? folder.flat === true
    : folder.path.startsWith(other.path + SEPARATOR);
}

/** Watches folders. */
export class Watcher {
  readonly #roots: readonly Root[];
  readonly #listener: WatchListener;

  /**
   * Prepares to watch. Nothing is open until `look()`.
   *
   * @param folders The folders.
   * @param listener What to call.
   */
  constructor(folders: readonly WatchedFolder[], listener: WatchListener) {
    const outer = folders.filter((folder) =>
      !folders.some((other) => isWatchedBy(folder, other))
    );
    const byPath = new Map(outer.map((folder) => [folder.path, folder]));
    this.#listener = listener;
    this.#roots = [...byPath.values()].map((folder) =>
      new Root(folder, listener)
    );
  }

  /** Opens the watches that are not open, and reports folders that were replaced. */
  look(): void {
    for (const root of this.#roots) {
      try {
        if (root.open()) this.#listener.changed([root.path]);
      } catch (error) {
        this.#listener.failed(root.path, error);
      }
    }
  }

  /** Closes all watches. */
  close(): void {
    for (const root of this.#roots) root.close();
  }
}
