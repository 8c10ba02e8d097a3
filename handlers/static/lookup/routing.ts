// The candidates for a path, to try in order. The look-up uses the first that exists.

/** A file or folder that a path may mean. */
export interface Candidate {
  /** Appended to the path: "", ".html", or a slash and the name of an index page. */
  readonly suffix: string;
  /** What must exist there. */
  readonly kind: "file" | "directory";
  /** What to do then: send the file, send a listing, or redirect. */
  readonly action: "send" | "list" | Redirect;
}

/** The target of a redirect; see `toReference()`. A mount's prefix is prepended. */
export interface Redirect {
  /**
   * 301 to add a folder's slash, as in CPython. 302 for clean URLs, since a browser would
   * still use a cached 301 after the option was removed.
   */
  readonly status: 301 | 302;
  /** The names of the path. */
  readonly segments: readonly string[];
  /** Whether it ends with a slash. */
  readonly trailingSlash: boolean;
}

const HTML = ".html";

/**
 * Lists the candidates for a path, in the order to try.
 *
 * @param segments The decoded names from the root, without "." and "..".
 * @param trailingSlash Whether the path ends with a slash.
 * @param indexPages The names of index pages, in order.
 * @param cleanUrls Whether pages are served without `.html`.
 * @returns The candidates, the preferred one first.
 *
 * @example An index page, or else a listing
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(planRoute(["a"], true, ["index.html"], false), [
 *   { suffix: "/index.html", kind: "file", action: "send" },
 *   { suffix: "", kind: "directory", action: "list" },
 * ]);
 * ```
 */
export function planRoute(
  segments: readonly string[],
  trailingSlash: boolean,
  indexPages: readonly string[],
  cleanUrls: boolean,
): Candidate[] {
  const redirect = (
    status: 301 | 302,
    segments: readonly string[],
    trailingSlash: boolean,
  ): Redirect => ({ status, segments, trailingSlash });
  if (trailingSlash || segments.length === 0) {
    const candidates: Candidate[] = indexPages.map((page) => ({
      suffix: "/" + page,
      kind: "file",
      action: "send",
    }));
    candidates.push({ suffix: "", kind: "directory", action: "list" });
    if (cleanUrls && segments.length > 0) {
      const action = redirect(302, segments, false);
      candidates.push({ suffix: HTML, kind: "file", action });
    }
    return candidates;
  }
  const name = segments.at(-1)!;
  const parent = segments.slice(0, -1);
  // An index page has only one URL: that of its folder.
  const clean = (page: string) =>
    page === indexPages[0]
      ? redirect(302, parent, true)
      : redirect(302, [...parent, page.slice(0, -HTML.length)], false);
  const isPage = cleanUrls && name.endsWith(HTML) && name !== HTML;
  const candidates: Candidate[] = [
    { suffix: "", kind: "file", action: isPage ? clean(name) : "send" },
  ];
  if (cleanUrls) {
    // Before the folder, since static site generators write both "a.html" and "a/".
    const page = name + HTML;
    const action = page === indexPages[0] ? clean(page) : "send";
    candidates.push({ suffix: HTML, kind: "file", action });
  }
  const action = redirect(301, segments, true);
  candidates.push({ suffix: "", kind: "directory", action });
  return candidates;
}
