// Which files a path may stand for: a list to try in order. The look-up does what belongs
// to the first that is there.

/** What a path may stand for. */
export interface Candidate {
  /** What is appended to the path: "", ".html" or a slash with the name of a page. */
  readonly suffix: string;
  /** What has to be there. */
  readonly kind: "file" | "directory";
  /** What to do then: send the file, send a listing, or lead the client elsewhere. */
  readonly action: "send" | "list" | Redirect;
}

/** Where a client is led; see `toReference()`. A mount's prefix goes before it. */
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
 * @param segments The names from the root down, decoded, without "." and "..".
 * @param trailingSlash Whether a slash ends the path.
 * @param indexPages The names of a folder's page, in order.
 * @param cleanUrls Whether pages are found, and named, without their `.html`.
 * @returns The candidates, first things first.
 *
 * @example A folder's page, or else a listing of it
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
  // A folder's page has one address: that of the folder.
  const clean = (page: string) =>
    page === indexPages[0]
      ? redirect(302, parent, true)
      : redirect(302, [...parent, page.slice(0, -HTML.length)], false);
  const isPage = cleanUrls && name.endsWith(HTML) && name !== HTML;
  const candidates: Candidate[] = [
    { suffix: "", kind: "file", action: isPage ? clean(name) : "send" },
  ];
  if (cleanUrls) {
    // Before the folder: makers of static sites write both "a.html" and "a/".
    const page = name + HTML;
    const action = page === indexPages[0] ? clean(page) : "send";
    candidates.push({ suffix: HTML, kind: "file", action });
  }
  const action = redirect(301, segments, true);
  candidates.push({ suffix: "", kind: "directory", action });
  return candidates;
}
