// The files that responses depended on, and their state at that time. A notice of the system only
// says where to look; a file has changed if its state has. Pure.

/** How many files are known. */
const MAX_FILES = 10_000;

/** The longest path that is known. */
const MAX_PATH = 1_024;

/** How many URL paths of a file are known. */
const MAX_NAMES = 8;

/** A change this soon after another one may leave the same times, in milliseconds: Deno rounds ctime to seconds. */
const SETTLED = 1_100;

/** The parts of a stat result that are compared. */
export interface FileState {
  readonly size: number;
  readonly mtime: Date | null;
  readonly ctime: Date | null;
  readonly ino: number | null;
  readonly isDirectory: boolean;
}

/** A file that a response depended on. */
interface Known {
  /** Its state, as text; empty if it doesn't exist. */
  readonly state: string;
  /** Whether a further change would change the state. */
  readonly settled: boolean;
  /** Its URL paths. */
  readonly names: readonly string[];
}

/** How a file compares to its known state. */
export type Verdict = "same" | "changed" | "removed";

/** Describes the state of a file. Of a folder only the time counts, which shows that an entry was added or removed. */
function stateOf(info: FileState | null): string {
  if (info === null) return "";
  const { size, mtime, ctime, ino, isDirectory } = info;
  const time = mtime?.getTime();
  return isDirectory
    ? `folder ${time}`
    : `${size} ${time} ${ctime?.getTime()} ${ino}`;
}

function isSettled(info: FileState | null, now: number): boolean {
  if (info === null) return true;
  const times = [info.mtime, info.ctime].map((time) => time?.getTime() ?? 0);
  return now - Math.max(...times) > SETTLED;
}

/** The files that responses depended on, the latest last. */
export class KnownFiles {
  readonly #files = new Map<string, Known>();

  /**
   * Adds a file. The state of one that is known stays, since its change may not be noticed yet.
   *
   * @param path Its path.
   * @param info Its stat result; `null` if it doesn't exist.
   * @param names Its URL paths, the canonical one first.
   * @param now The time, in milliseconds since the epoch.
   */
  note(
    path: string,
    info: FileState | null,
    names: readonly string[],
    now: number,
  ): void {
    if (path.length > MAX_PATH) return;
    const known = this.#files.get(path);
    const all = [...new Set([...known?.names ?? [], ...names])];
    const { state, settled } = known ??
      { state: stateOf(info), settled: isSettled(info, now) };
    this.#files.delete(path);
    this.#files.set(path, { state, settled, names: all.slice(0, MAX_NAMES) });
    if (this.#files.size <= MAX_FILES) return;
    for (const oldest of this.#files.keys()) {
      this.#files.delete(oldest);
      return;
    }
  }

  /**
   * Whether a file is known.
   *
   * @param path Its path.
   * @returns Whether it is.
   */
  has(path: string): boolean {
    return this.#files.has(path);
  }

  /**
   * Lists the files that were added last.
   *
   * @param count How many at most.
   * @returns Their paths.
   */
  latest(count: number): string[] {
    return [...this.#files.keys()].slice(-count);
  }

  /**
   * Lists the known files that a change of some paths may have changed: the paths themselves, the
   * folders they are in, and everything below them.
   *
   * @param changed The paths; "all" for any.
   * @returns The paths of known files.
   */
  touchedBy(changed: ReadonlySet<string> | "all"): string[] {
    const paths = [...this.#files.keys()];
    if (changed === "all") return paths;
    const touched = new Set(changed);
    for (const path of changed) {
      touched.add(path.slice(0, path.lastIndexOf("/")));
    }
    return paths.filter((path) => touched.has(path) || isBelow(path, changed));
  }

  /**
   * Compares a file to its known state.
   *
   * @param path Its path.
   * @param info Its stat result now; `null` if it doesn't exist.
   * @param noticed Whether the system reported a change of this very path.
   * @returns The result; "same" if the file is not known.
   */
  compare(path: string, info: FileState | null, noticed: boolean): Verdict {
    const known = this.#files.get(path);
    if (known === undefined) return "same";
    if (known.state === stateOf(info)) {
      return noticed && !known.settled ? "changed" : "same";
    }
    return info === null ? "removed" : "changed";
  }

  /**
   * Replaces the known state of a file.
   *
   * @param path Its path.
   * @param info Its stat result now; `null` if it doesn't exist.
   * @param now The time, in milliseconds since the epoch.
   * @returns Its URL paths.
   */
  update(path: string, info: FileState | null, now: number): readonly string[] {
    const known = this.#files.get(path);
    if (known === undefined) return [];
    const { names } = known;
    const settled = isSettled(info, now);
    this.#files.set(path, { state: stateOf(info), settled, names });
    return names;
  }
}

/** Whether a path is below one of the folders. */
function isBelow(
  path: string,
  folders: ReadonlySet<string>,
): boolean {
  for (
    let at = path.lastIndexOf("/");
    at > 0;
    at = path.lastIndexOf("/", at - 1)
  ) {
    if (folders.has(path.slice(0, at))) return true;
  }
  return false;
}
