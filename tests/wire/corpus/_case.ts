// The cases of the framing corpus: what a client sends on one connection, and the
// expected outcome. After each case comes a canary, a request that both sides locate
// only if they agree on where the messages before it ended.

/** The outcome of a case. */
export interface Outcome {
  /** The requests that the handler receives, as `METHOD target version [body]`; a body that can't be read is `!` and the status of its error. */
  readonly seen: readonly string[];
  /** The status codes that the client receives; 0 is a response without a head. */
  readonly statuses: readonly number[];
  /** Whether the connection stays open, so that the canary gets a response. */
  readonly open: boolean;
}

/** One case. */
export interface WireCase extends Outcome {
  /** What the case shows, as a sentence. */
  readonly name: string;
  /** The bytes, as latin-1 text. */
  readonly send: string;
  /** Whether the client closes its side after these bytes; then there is no canary. */
  readonly ends?: boolean;
  /** The outcome with a `StaticFileHandler`, if it differs. */
  readonly site?: Outcome;
}

/** The request that follows each case. */
export const CANARY =
  "GET /canary HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/** The canary as the handler receives it. */
const CANARY_SEEN = "GET /canary HTTP/1.1 []";

/** A request that must never get a response, for use in bodies and after errors. */
export const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

const POST_SEEN = "POST /a HTTP/1.1";

/** Text with CRLF after each line and a blank line at the end. */
export function lines(...text: readonly string[]): string {
  return [...text, "", ""].join("\r\n");
}

/** An HTTP/1.1 GET with these fields. */
export function get(...fields: readonly string[]): string {
  return lines("GET /a HTTP/1.1", "Host: a", ...fields);
}

/** An HTTP/1.1 POST with these fields, and these bytes after the head. */
export function post(fields: readonly string[], body: string): string {
  return lines("POST /a HTTP/1.1", "Host: a", ...fields) + body;
}

/** A POST with a chunked body. */
export function chunked(body: string): string {
  return post(["Transfer-Encoding: chunked"], body);
}

/** All requests get 200, and the connection stays open. */
export function kept(
  name: string,
  send: string,
  ...seen: readonly string[]
): WireCase {
  return { name, send, seen, statuses: seen.map(() => 200), open: true };
}

/** All requests get 200, and the connection closes. */
export function closed(
  name: string,
  send: string,
  ...seen: readonly string[]
): WireCase {
  return { ...kept(name, send, ...seen), open: false };
}

/** The last request is refused by its head, and the connection closes. */
export function refused(
  name: string,
  send: string,
  status = 400,
  ...seen: readonly string[]
): WireCase {
  const statuses = [...seen.map(() => 200), status];
  return { name, send, seen, statuses, open: false };
}

/** An HTTP/0.9 request gets a response without a head, and the connection closes. */
export function headless(name: string, send: string, target: string): WireCase {
  const seen = [`GET ${target} HTTP/0.9 []`];
  return { name, send, seen, statuses: [0], open: false };
}

/** A POST of "/a" with a complete body. */
export function body(name: string, send: string, content: string): WireCase {
  return kept(name, send, `${POST_SEEN} [${content}]`);
}

/** A POST of "/a" whose body the handler can't read to its end. */
export function badBody(name: string, send: string, status = 400): WireCase {
  const seen = [`${POST_SEEN} [!${status}]`];
  return { name, send, seen, statuses: [status], open: false };
}

/** The same case, after which the client closes its side. */
export function ending(wireCase: WireCase): WireCase {
  return { ...wireCase, ends: true, open: false };
}

/** The same case, with another outcome for a `StaticFileHandler`. */
export function onSite(wireCase: WireCase, site: Outcome): WireCase {
  return { ...wireCase, site };
}

/** The outcome of HTTP/1.1 without Host on a site. */
export const NO_HOST: Outcome = { seen: [], statuses: [400], open: false };

/** Text as shown in the name of a test. */
export function shown(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\xff]/g,
    (char) => `\\u00${char.charCodeAt(0).toString(16)}`,
  );
}

/** The handler of a case: one that reads bodies, one that does not, or a site that reads them. */
export type Role = "reads" | "ignores" | "site";

/** The expected outcome of a case, including the canary. */
export function expected(wireCase: WireCase, role: Role): Outcome {
  let { seen, statuses, open } = role === "site" && wireCase.site !== undefined
    ? wireCase.site
    : wireCase;
  if (role === "ignores") {
    // A handler that does not read the body has responded before its error is found.
    const fault = / \[!(\d+)\]$/.exec(seen.at(-1) ?? "");
    if (fault !== null) statuses = [...statuses.slice(0, -1), 200];
    seen = seen.map((request) => request.replace(/\[[^]*\]$/, "[]"));
  }
  if (open) {
    seen = [...seen, CANARY_SEEN];
    statuses = [...statuses, 200];
  }
  return { seen, statuses, open };
}
