// urllib.parse.urlsplit() and urlunsplit() of Python 3.14. The URL class normalizes, and
// throws for relative URLs. Unlike Python's, these never throw; malformed parts are kept as
// text.

/** The five parts of a URL, each empty when it is absent. */
export interface SplitUrl {
  /** The scheme in lower case, without its colon. */
  scheme: string;
  /** The part between "//" and the path: host, port, user information. */
  netloc: string;
  /** The path, still percent-encoded. */
  path: string;
  /** The query without its "?". */
  query: string;
  /** The fragment without its "#". */
  fragment: string;
}

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/;

// For these, an empty netloc still gives "//", as in "file:///etc".
const USES_NETLOC: ReadonlySet<string> = new Set(
  ("ftp http gopher nntp telnet imap wais file mms https shttp snews " +
    "prospero rtsp rtsps rtspu rsync svn svn+ssh sftp nfs git git+ssh " +
    "ws wss itms-services").split(" "),
);

/** Removes leading control characters and spaces, and all line breaks and tabs. */
function clean(url: string): string {
  let start = 0;
  while (url.charCodeAt(start) <= 0x20) start++;
  return url.slice(start).replace(/[\t\r\n]/g, "");
}

/** Splits text at the first mark; the second part may be empty. */
function cut(text: string, mark: string): [before: string, after: string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/**
 * Splits a URL into its parts like Python's `urllib.parse.urlsplit`, except that
 * it never throws: a malformed netloc is kept as text.
 *
 * @param url The URL, absolute or not.
 * @returns The parts, not decoded.
 */
export function urlsplit(url: string): SplitUrl {
  let rest = clean(url);
  let scheme = "";
  const found = SCHEME.exec(rest);
  if (found !== null) {
    scheme = found[1]!.toLowerCase();
    rest = rest.slice(found[0].length);
  }
  let netloc = "";
  if (rest.startsWith("//")) {
    const length = rest.slice(2).search(/[/?#]/);
    const end = length < 0 ? rest.length : 2 + length;
    netloc = rest.slice(2, end);
    rest = rest.slice(end);
  }
  const [target, fragment] = cut(rest, "#");
  const [path, query] = cut(target, "?");
  return { scheme, netloc, path, query, fragment };
}

/** Prefixes the netloc to the path, if there is one or the scheme requires it. */
function joinNetloc({ scheme, netloc, path }: SplitUrl): string {
  const rooted = path === "" || path.startsWith("/");
  if (netloc !== "" || (USES_NETLOC.has(scheme) && rooted)) {
    return "//" + netloc + (rooted ? path : "/" + path);
  }
  // Without the extra "//", the path would be parsed as a netloc.
  return path.startsWith("//") ? "//" + path : path;
}

/**
 * Joins the parts of a URL like Python's `urllib.parse.urlunsplit`. An empty query or
 * fragment adds no "?" or "#".
 *
 * @param parts The parts.
 * @returns The URL.
 */
export function urlunsplit(parts: SplitUrl): string {
  let url = joinNetloc(parts);
  if (parts.scheme !== "") url = parts.scheme + ":" + url;
  if (parts.query !== "") url += "?" + parts.query;
  if (parts.fragment !== "") url += "#" + parts.fragment;
  return url;
}
