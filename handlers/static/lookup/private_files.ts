// Files that are never served, such as that of the users. They are recognized by path, also if
// they don't exist yet, and by identity, which symlinks and hard links share.

import { normalizePath } from "../../../text/file_paths.ts";

/** How long the identities are not looked up again, in milliseconds: an editor replaces the file that it saves. */
const LOOK_AFTER = 1_000;

/** The parts of a stat result that identify a file. */
type Identity = Pick<Deno.FileInfo, "dev" | "ino">;

/** Files that are never served, and folders with everything in them. */
export class PrivateFiles {
  readonly #given: readonly string[];
  /** The given paths and their real ones, as `keyOf()` writes them. */
  #paths: ReadonlySet<string>;
  #identities: ReadonlySet<string> = new Set();
  #hasLinks = false;
  #lookAt = 0;

  /**
   * Prepares the files, which need not exist yet.
   *
   * @param paths Their absolute paths.
   */
  constructor(paths: readonly string[]) {
    this.#given = paths;
    this.#paths = new Set(paths.map(keyOf));
  }

  /**
   * Whether a path or a file is one of them, or is in one of the folders.
   *
   * @param path The absolute path.
   * @param info The stat result, if there is a file.
   * @returns `true` if it must not be served.
   */
  cover(path: string, info: Identity | null): boolean {
    this.#look();
    if (info !== null && this.#identities.has(identityOf(info) ?? "")) {
      return true;
    }
    let key = keyOf(path);
    while (!this.#paths.has(key)) {
      const end = key.lastIndexOf("/");
      if (end < 0 || key === "/") return false;
      key = end === 0 ? "/" : key.slice(0, end);
    }
    return true;
  }

  /** Whether one of the files has several names, so that a path doesn't tell which file it is. */
  get haveLinks(): boolean {
    this.#look();
    return this.#hasLinks;
  }

  /** Looks the files up, unless that was just done. */
  #look(): void {
    const now = Date.now();
    // The clock may have been set back.
    if (now < this.#lookAt && now > this.#lookAt - 2 * LOOK_AFTER) return;
    this.#lookAt = now + LOOK_AFTER;
    const paths = new Set(this.#given.map(keyOf));
    const identities = new Set<string>();
    this.#hasLinks = false;
    for (const path of this.#given) {
      const real = realPath(path);
      if (real === undefined) continue;
      paths.add(keyOf(real.path));
      const identity = real.info && identityOf(real.info);
      if (identity) identities.add(identity);
      if (real.info?.isFile && (real.info.nlink ?? 1) > 1) {
        this.#hasLinks = true;
      }
    }
    this.#paths = paths;
    this.#identities = identities;
  }
}

/** Text that is equal for the same file; `undefined` if the file system has no inodes. */
function identityOf({ dev, ino }: Identity): string | undefined {
  return ino === null || ino === 0 ? undefined : `${dev}:${ino}`;
}

/** A path with "/" between its names, and in lower case if the system usually ignores case. */
function keyOf(path: string): string {
  const { os } = Deno.build;
  const plain = os === "windows"
    ? normalizePath(path, os).replaceAll("\\", "/")
    : path;
  const key = plain.length > 1 && plain.endsWith("/")
    ? plain.slice(0, -1)
    : plain;
  return os === "windows" || os === "darwin" ? key.toLowerCase() : key;
}

/** The real path of a file, or that of a file which doesn't exist yet; `undefined` if that is not known. */
function realPath(
  path: string,
): { readonly path: string; readonly info: Deno.FileInfo | null } | undefined {
  // What Deno may not read can't be served. Don't prompt for it.
  if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") {
    return undefined;
  }
  try {
    return { path: Deno.realPathSync(path), info: Deno.statSync(path) };
  } catch {
    // It is missing, or can't be read now. Its path alone still counts.
  }
  try {
    const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
    const folder = Deno.realPathSync(path.slice(0, end) || "/");
    return {
      path: folder.replace(/[/\\]$/, "") + "/" + path.slice(end + 1),
      info: null,
    };
  } catch {
    return undefined;
  }
}
