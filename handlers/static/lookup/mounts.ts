// Folders at prefixes: `--base /app` is one folder at one prefix, several may lie beside
// and below each other. Whole names are compared, so "/application" is not below "/app".

/** A folder and the prefix that its files are found at. */
export interface Mount<Folder> {
  /** The names of the prefix; none for the root. See `parsePrefix()`. */
  readonly prefix: readonly string[];
  /** What is found there, such as a folder's path. */
  readonly folder: Folder;
}

/** What a path comes to among several mounts. */
export type MountMatch<Folder> =
  /** It is in a folder: what is left of it is looked up there. */
  | {
    readonly kind: "inside";
    readonly mount: Mount<Folder>;
    readonly segments: readonly string[];
  }
  /** It is the prefix itself, without the slash that links in the folder rely on. */
  | { readonly kind: "redirect"; readonly segments: readonly string[] }
  /** There is nothing: 404. */
  | { readonly kind: "outside" };

// deno-lint-ignore no-control-regex
const UNFIT = /[\\?#%\x00-\x1f\x7f]/;

/**
 * Reads a prefix, such as `/app` or `app/docs/`.
 *
 * @param text The prefix, not percent-encoded; slashes at its ends may be left out.
 * @returns Its names; none for `/`.
 * @throws {TypeError} A name is empty, "." or "..", or holds what has a meaning in a URL.
 *
 * @example Two names
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parsePrefix("/app/docs/"), ["app", "docs"]);
 * assertEquals(parsePrefix("/"), []);
 * ```
 */
export function parsePrefix(text: string): string[] {
  if (text === "" || text === "/") return [];
  const names = text.replace(/^\//, "").replace(/\/$/, "").split("/");
  const isUnfit = (name: string) =>
    name === "" || name === "." || name === ".." || UNFIT.test(name);
  if (names.some(isUnfit)) {
    throw new TypeError(
      `Cannot serve files at the prefix ${
        JSON.stringify(text)
      }: it is no plain path`,
    );
  }
  return names;
}

/**
 * Makes a function that finds the folder of a path: that of the longest prefix.
 *
 * @typeParam Folder What is mounted.
 * @param mounts The folders with their prefixes, in any order.
 * @returns A function of a path's names, and whether a slash ends it.
 * @throws {TypeError} Two of them have the same prefix.
 *
 * @example A site with its documentation
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const site = { prefix: [], folder: "site" };
 * const docs = { prefix: ["docs"], folder: "manual/html" };
 * const find = compileMounts([site, docs]);
 *
 * assertEquals(find(["docs", "a.html"], false), {
 *   kind: "inside",
 *   mount: docs,
 *   segments: ["a.html"],
 * });
 * assertEquals(find(["docs"], false), { kind: "redirect", segments: ["docs"] });
 * ```
 */
export function compileMounts<Folder>(
  mounts: readonly Mount<Folder>[],
): (segments: readonly string[], trailingSlash: boolean) => MountMatch<Folder> {
  const longestFirst = mounts.toSorted((a, b) =>
    b.prefix.length - a.prefix.length
  );
  const seen = new Set<string>();
  for (const { prefix } of mounts) {
    const text = "/" + prefix.join("/");
    if (seen.has(text)) {
      throw new TypeError(`Cannot serve two folders at the prefix ${text}`);
    }
    seen.add(text);
  }
  return (segments, trailingSlash) => {
    const mount = longestFirst.find(({ prefix }) =>
      prefix.every((name, index) => name === segments[index])
    );
    if (mount === undefined) return { kind: "outside" };
    const rest = segments.slice(mount.prefix.length);
    // The root has its slash always.
    return rest.length === 0 && !trailingSlash && mount.prefix.length > 0
      ? { kind: "redirect", segments }
      : { kind: "inside", mount, segments: rest };
  };
}
