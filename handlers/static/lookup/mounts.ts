// Folders at URL prefixes, which may be nested and may be those of one host. Whole names are
// compared, so "/application" is not below "/app".

/** A folder and its URL prefix. */
export interface Mount<Folder> {
  /** The names of the prefix; empty for the root. See `parsePrefix()`. */
  readonly prefix: readonly string[];
  /** The only host that it is served for; `undefined` for all. */
  readonly host?: string;
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

/** Finds the mount of a path. */
export type FindMount<Folder> = (
  segments: readonly string[],
  trailingSlash: boolean,
  host?: string,
) => MountMatch<Folder>;

// deno-lint-ignore no-control-regex
const RESERVED = /[\\?#%\x00-\x1f\x7f]/;

/** A host name and what follows it, as in `docs.localhost/`. A name without a dot is the first name of a path. */
const HOST =
  /^((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(\/.*)$/i;

/** A first name that may be meant as a host: it has a dot, a port, a bracket or a star. */
const LIKE_HOST = /^[^/]*[.:[*]/;

/**
 * Parses the place of a mount: a prefix, or one of a host.
 *
 * @param text The prefix, such as `/docs`, or with a host, such as `docs.localhost/`.
 * @returns The names of the prefix, and the host in lower case if there is one.
 * @throws {TypeError} The prefix is malformed.
 *
 * @example A folder for one host
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parsePlace("docs.localhost/a"), {
 *   host: "docs.localhost",
 *   prefix: ["a"],
 * });
 * assertEquals(parsePlace("/docs"), { prefix: ["docs"] });
 * ```
 */
export function parsePlace(text: string): Omit<Mount<unknown>, "folder"> {
  const [, host, path] = HOST.exec(text) ?? [];
  if (host !== undefined) {
    return { host: host.toLowerCase(), prefix: parsePrefix(path!) };
  }
  if (LIKE_HOST.test(text)) {
    throw new TypeError(
      `Cannot serve files at ${
        JSON.stringify(text)
      }: a path must begin with "/", and a host must be a name with a dot and a "/" after it, such as docs.localhost/`,
    );
  }
  return { prefix: parsePrefix(text) };
}

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
 * Makes a function that finds the mount of a path: the one with the longest prefix. Those of
 * the request's host come first.
 *
 * @typeParam Folder The type of a folder.
 * @param mounts The mounts, in any order.
 * @returns A function that takes a path's names, whether it ends with a slash, and the name of
 * the request's host.
 * @throws {TypeError} Two mounts have the same host and prefix.
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
  const inOrder = mounts.toSorted((a, b) =>
    Number(a.host === undefined) - Number(b.host === undefined) ||
    b.prefix.length - a.prefix.length
  );
  const seen = new Set<string>();
  for (const { host = "", prefix } of mounts) {
    const text = `${host}/${prefix.join("/")}`;
    if (seen.has(text)) {
      throw new TypeError(
        `Cannot serve two folders at the prefix ${text}; remove one`,
      );
    }
    seen.add(text);
  }
  return (segments, trailingSlash, host) => {
    const mount = inOrder.find((mount) =>
      (mount.host === undefined || mount.host === host) &&
      mount.prefix.every((name, index) => name === segments[index])
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
  return (segments, trailingSlash, host) => {
    if (!isSecret(segments[0])) return { kind: "outside" };
    const found = find(segments.slice(1), trailingSlash, host);
    // Unlike the root of a server, it may lack its slash.
    return segments.length === 1 && !trailingSlash && found.kind === "inside"
      ? { kind: "redirect", segments }
      : found;
  };
}
