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
  /** The path under which the system reports changes; `null` if it doesn't. */
  readonly noticed: string | null;
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
   * @param noticed The path under which the system reports changes; `null` if it doesn't. Default:
   * its path.
   */
  note(
    path: string,
    info: FileState | null,
    names: readonly string[],
    now: number,
    noticed: string | null = path,
  ): void {
    if (path.length > MAX_PATH) return;
    const known = this.#files.get(path);
    const all = [...new Set([...known?.names ?? [], ...names])];
    const facts = known ??
      { state: stateOf(info), settled: isSettled(info, now), noticed };
    this.#files.delete(path);
    this.#files.set(path, { ...facts, names: all.slice(0, MAX_NAMES) });
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
    return count === 0 ? [] : [...this.#files.keys()].slice(-count);
  }

  /**
   * Lists the files whose changes the system doesn't report, the latest last.
   *
   * @param count How many at most.
   * @returns Their paths.
   */
  unwatched(count: number): string[] {
    const paths: string[] = [];
    for (const [path, { noticed }] of this.#files) {
      if (noticed === null) paths.push(path);
    }
    return paths.slice(-count);
  }

  /**
   * Returns the path under which the system reports changes of a file.
   *
   * @param path Its path.
   * @returns The path; `null` if the system doesn't report them.
   */
  noticed(path: string): string | null {
    return this.#files.get(path)?.noticed ?? null;
  }

  /**
   * Lists the known files that a change of some paths may have changed: the paths themselves, the
   * folders they are in, and everything below them.
   *
   * @param changed The paths; "all" for any.
   * @returns The paths of known files.
   */
  touchedBy(changed: ReadonlySet<string> | "all"): string[] {
    if (changed === "all") return [...this.#files.keys()];
    const touched = new Set(changed);
    for (const path of changed) {
      touched.add(path.slice(0, path.lastIndexOf("/")));
    }
    const isTouched = (path: string) =>
      touched.has(path) || isBelow(path, changed);
    const found: string[] = [];
    for (const [path, { noticed }] of this.#files) {
      const isElsewhere = noticed !== null && noticed !== path;
      if (isTouched(path) || (isElsewhere && isTouched(noticed))) {
        found.push(path);
      }
    }
    return found;
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
   * @param noticed The path under which the system reports changes; `null` if it doesn't. Default:
   * the same as before.
   * @returns Its URL paths.
   */
  update(
    path: string,
    info: FileState | null,
    now: number,
    noticed?: string | null,
  ): readonly string[] {
    const known = this.#files.get(path);
    if (known === undefined) return [];
    this.#files.set(path, {
      state: stateOf(info),
      settled: isSettled(info, now),
      names: known.names,
      noticed: noticed === undefined ? known.noticed : noticed,
    });
    return known.names;
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
