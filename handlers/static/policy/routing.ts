// Which files a path may stand for. The result is a list to try in order: the handler
// looks at one path after the other, and does what belongs to the first that is there.

/** Options of `planRoute()`. */
export interface RouteOptions {
  /** The names of a folder's page, in order. */
  readonly indexPages: readonly string[];
  /** Whether pages are found, and named, without their `.html`. Default: `false`. */
  readonly cleanUrls?: boolean;
  /** The path of the page for every navigation that leads to no file, such as `index.html`; none if absent. */
  readonly spa?: string | undefined;
}

/** A path, as the handler understands it. */
export interface RoutePath {
  /** The names from the root down, decoded, without "." and "..". */
  readonly segments: readonly string[];
  /** Whether a slash ends the path. */
  readonly trailingSlash: boolean;
  /** Whether the request opens a page; see `isNavigation()`. */
  readonly navigation: boolean;
}

/** What to do if there is something of a kind at a path. */
export interface Candidate {
  /** The names of the path to look at, from the root down. */
  readonly segments: readonly string[];
  /** What has to be there. */
  readonly kind: "file" | "directory";
  /** What to do then: send the file, send a listing, or lead the client elsewhere. */
  readonly action: "send" | "list" | Redirect;
}

/** Where a client is led; see `toLocation()`. A mount's prefix goes before it. */
export interface Redirect {
  /**
   * 301 for the slash of a folder, as in CPython. 302 for a clean URL, since a browser
   * that remembers it would do so when the option is gone.
   */
  readonly status: 301 | 302;
  /** The names of the path to go to. */
  readonly segments: readonly string[];
  /** Whether a slash ends it. */
  readonly trailingSlash: boolean;
}

const HTML = ".html";

/**
 * Lists what a path may stand for, in the order to try.
 *
 * If nothing on the list is there, the answer is 404.
 *
 * @param path The path.
 * @param options How paths lead to files.
 * @returns The candidates, first things first.
 *
 * @example A folder's page, or else a listing of it
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const path = { segments: ["a"], trailingSlash: true, navigation: false };
 * assertEquals(planRoute(path, { indexPages: ["index.html"] }), [
 *   { segments: ["a", "index.html"], kind: "file", action: "send" },
 *   { segments: ["a"], kind: "directory", action: "list" },
 * ]);
 * ```
 */
export function planRoute(
  path: RoutePath,
  options: RouteOptions,
): Candidate[] {
  const isFolder = path.trailingSlash || path.segments.length === 0;
  const candidates = isFolder
    ? folderCandidates(path.segments, options)
    : fileCandidates(path.segments, options);
  if (path.navigation && options.spa !== undefined) {
    const segments = options.spa.split("/").filter((name) => name !== "");
    candidates.push({ segments, kind: "file", action: "send" });
  }
  return candidates;
}

/** For "/a/": its page, its listing, or the page that "/a" stands for. */
function folderCandidates(
  segments: readonly string[],
  { indexPages, cleanUrls = false }: RouteOptions,
): Candidate[] {
  const candidates: Candidate[] = indexPages.map((page) => ({
    segments: [...segments, page],
    kind: "file",
    action: "send",
  }));
  candidates.push({ segments, kind: "directory", action: "list" });
  if (cleanUrls && segments.length > 0) {
    candidates.push({
      segments: withHtml(segments),
      kind: "file",
      action: { status: 302, segments, trailingSlash: false },
    });
  }
  return candidates;
}

/** For "/a": the file, the page "a.html", or the folder. */
function fileCandidates(
  segments: readonly string[],
  { indexPages, cleanUrls = false }: RouteOptions,
): Candidate[] {
  const candidates: Candidate[] = [];
  if (cleanUrls && hasHtml(segments)) {
    const action = cleanRedirect(segments, indexPages);
    candidates.push({ segments, kind: "file", action });
  } else {
    candidates.push({ segments, kind: "file", action: "send" });
  }
  if (cleanUrls) {
    // Before the folder: makers of static sites write both "a.html" and "a/".
    const page = withHtml(segments);
    candidates.push({
      segments: page,
      kind: "file",
      // A folder's page has one address: that of the folder.
      action: page.at(-1) === indexPages[0]
        ? cleanRedirect(page, indexPages)
        : "send",
    });
  }
  const action = { status: 301, segments, trailingSlash: true } as const;
  candidates.push({ segments, kind: "directory", action });
  return candidates;
}

/** From "a.html" to "a", and from a folder's page to the folder. */
function cleanRedirect(
  segments: readonly string[],
  indexPages: readonly string[],
): Redirect {
  const folder = segments.slice(0, -1);
  const name = segments.at(-1)!;
  if (name === indexPages[0]) {
    return { status: 302, segments: folder, trailingSlash: true };
  }
  const clean = name.slice(0, -HTML.length);
  return { status: 302, segments: [...folder, clean], trailingSlash: false };
}

/** Whether the last name is of a page, and not ".html" alone. */
function hasHtml(segments: readonly string[]): boolean {
  const name = segments.at(-1)!;
  return name.endsWith(HTML) && name.length > HTML.length;
}

function withHtml(segments: readonly string[]): string[] {
  return [...segments.slice(0, -1), segments.at(-1)! + HTML];
}
