// Folders at URL prefixes, which may be nested. Whole names are compared, so "/application"
// is not below "/app".

/** A folder and its URL prefix. */
export interface Mount<Folder> {
  /** The names of the prefix; empty for the root. See `parsePrefix()`. */
  readonly prefix: readonly string[];
  /** The folder. */
  readonly folder: Folder;
}

/** The result of looking up a path among mounts. */
export type MountMatch<Folder> =
  /** The path is in a mount; `segments` are the names below it. */
  | {
    readonly kind: "inside";
    readonly mount: Mount<Folder>;
    readonly segments: readonly string[];
  }
  /** The path is the prefix without the trailing slash that relative links need. */
  | { readonly kind: "redirect"; readonly segments: readonly string[] }
  /** The path is in no mount: 404. */
  | { readonly kind: "outside" };

/** Finds the mount of a path, given its names and whether it ends with a slash. */
export type FindMount<Folder> = (
  segments: readonly string[],
  trailingSlash: boolean,
) => MountMatch<Folder>;

// deno-lint-ignore no-control-regex
const RESERVED = /[\\?#%\x00-\x1f\x7f]/;

/**
 * Parses a prefix, such as `/app` or `app/docs/`.
 *
 * @param text The prefix, not percent-encoded; the outer slashes are optional.
 * @returns Its names; none for `/`.
 * @throws {TypeError} A name is empty, "." or "..", or contains a character with a meaning in URLs.
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
  const isInvalid = (name: string) =>
    name === "" || name === "." || name === ".." || RESERVED.test(name);
  if (names.some(isInvalid)) {
    throw new TypeError(
      `Cannot serve files at the prefix ${
        JSON.stringify(text)
      }: it must be a plain path such as "/docs"`,
    );
  }
  return names;
}

/**
 * Makes a function that finds the mount of a path: the one with the longest prefix.
 *
 * @typeParam Folder The type of a folder.
 * @param mounts The mounts, in any order.
 * @returns A function that takes a path's names, and whether it ends with a slash.
 * @throws {TypeError} Two mounts have the same prefix.
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
): FindMount<Folder> {
  const longestFirst = mounts.toSorted((a, b) =>
    b.prefix.length - a.prefix.length
  );
  const seen = new Set<string>();
  for (const { prefix } of mounts) {
    const text = "/" + prefix.join("/");
    if (seen.has(text)) {
      throw new TypeError(
        `Cannot serve two folders at the prefix ${text}; remove one`,
      );
    }
    seen.add(text);
  }
  return (segments, trailingSlash) => {
    const mount = longestFirst.find(({ prefix }) =>
      prefix.every((name, index) => name === segments[index])
    );
    if (mount === undefined) return { kind: "outside" };
    const rest = segments.slice(mount.prefix.length);
    // The root always has its slash.
    return rest.length === 0 && !trailingSlash && mount.prefix.length > 0
      ? { kind: "redirect", segments }
      : { kind: "inside", mount, segments: rest };
  };
}

/**
 * Moves mounts below a secret name.
 *
 * @typeParam Folder The type of a folder.
 * @param find Finds the mount of a path below the name.
 * @param isSecret Whether the first name of a path is the secret.
 * @returns A function that finds the mount of a whole path.
 */
export function guardMounts<Folder>(
  find: FindMount<Folder>,
  isSecret: (name: string | undefined) => boolean,
): FindMount<Folder> {
  return (segments, trailingSlash) => {
    if (!isSecret(segments[0])) return { kind: "outside" };
    const found = find(segments.slice(1), trailingSlash);
    // Unlike the root of a server, it may lack its slash.
    return segments.length === 1 && !trailingSlash && found.kind === "inside"
      ? { kind: "redirect", segments }
      : found;
  };
}
